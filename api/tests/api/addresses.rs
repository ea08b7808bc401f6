//! Addresses that are written a little differently mean what they meant for the first
//! marketplace.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{new_item, on_both};

on_both! {
    async fn a_slash_at_the_end_means_nothing(api: Api) {
        let answer = api.post("alice", "/items/", &new_item("alice", json!({"name": "mine"}))).await;
        answer.assert(StatusCode::CREATED);
        let id = answer.json::<Value>()["id"].as_str().unwrap().to_owned();
        let answer = api.post("alice", "/tags/", &json!({"name": "t"})).await;
        answer.assert(StatusCode::CREATED);
        let tag = answer.json::<Value>()["id"].as_str().unwrap().to_owned();
        api.post("alice", &format!("/items/{id}/tag/{tag}/"), &json!({})).await.assert(StatusCode::OK);
        let answer = api.put("alice", &format!("/items/{id}/"), &json!({"summary": "s"})).await;
        answer.assert(StatusCode::OK);
        for path in [
            "/items", "/items?author=alice", "/items/facets", "/tags", "/categories", "/storages/blobs", "/me", "/audit",
            "/openapi.json", "/healthz", "/readyz",
            &format!("/items/{id}"), &format!("/items/{id}/tag"), &format!("/items/{id}/category"), &format!("/tags/{tag}"),
        ] {
            let (address, query) = path.split_once('?').unwrap_or((path, ""));
            let slashed = format!("{address}/?{query}");
            let (plain, answer) = (api.get("admin", path).await, api.get("admin", &slashed).await);
            answer.assert(StatusCode::OK);
            assert_eq!(answer.body, plain.body, "{slashed}");
            assert_eq!(answer.header("etag"), plain.header("etag"), "{slashed}");
        }
        let names = api.names("alice", "/?author=alice").await;
        assert_eq!(names, ["mine"]);
        let answer = api.send("alice", Method::PATCH, "/items/", None).await;
        answer.assert(StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), api.send("alice", Method::PATCH, "/items", None).await.header("allow"));
        api.delete("alice", &format!("/items/{id}/")).await.assert(StatusCode::OK);
        api.get("alice", &format!("/items/{id}")).await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    /// Two slashes have an empty part between them, and an encoded one is an id's.
    async fn ids_keep_their_meaning(api: Api) {
        let id = api.create("alice", json!({})).await;
        for path in ["/items//", "//", &format!("/items/{id}%2F"), &format!("/items/{id}%2F/"), &format!("/items//{id}")] {
            api.get("alice", path).await.assert(StatusCode::NOT_FOUND);
        }
        assert!(api.get("", "/").await.body.contains("arketplace"));
    }
}
