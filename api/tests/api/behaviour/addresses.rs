//! Addresses that are written a little differently mean what they meant for the first
//! marketplace.

use poem::http::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shared::address::segment;

use crate::support::{connect, new_item, on_both};

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
    /// The default address of the API in OpenPAI v1.4 and v1.5 ends in it.
    async fn api_in_front_means_nothing(api: Api) {
        let id = api.create("alice", json!({"name": "mine"})).await;
        for path in [
            "/items", "/items?author=alice", "/items/", "/items/facets", "/tags", "/categories", "/storages/blobs", "/me",
            "/audit", "/openapi.json", "/docs", "/healthz", "/readyz", "/", "",
            &format!("/items/{id}"), &format!("/items/{id}/"), &format!("/items/{id}/tag"),
        ] {
            let plain = if path.is_empty() { "/" } else { path };
            let (plain, answer) = (api.get("admin", plain).await, api.get("admin", &format!("/api{path}")).await);
            answer.assert(StatusCode::OK);
            assert_eq!(answer.body, plain.body, "{path}");
            for name in ["etag", "content-type", "access-control-allow-origin", "link"] {
                assert_eq!(answer.header(name), plain.header(name), "{path} {name}");
            }
        }
        let item = format!("/api/items/{id}");
        api.put("alice", &item, &json!({"summary": "s"})).await.assert_text(StatusCode::OK, "updated");
        api.put("bob", &format!("{item}/star"), &json!({})).await.assert_text(StatusCode::OK, "starred");
        let answer = api.send("", Method::OPTIONS, &item, None).await;
        answer.assert(StatusCode::NO_CONTENT);
        assert!(answer.header("access-control-allow-methods").contains("DELETE"));
        let answer = api.post("alice", "/api/items/", &new_item("alice", json!({"name": "more"}))).await;
        answer.assert(StatusCode::CREATED);
        let answer = api.send("alice", Method::PATCH, &item, None).await;
        answer.assert(StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), api.send("alice", Method::PATCH, &item[4..], None).await.header("allow"));
        let answer = api.get("", "/api/items").await;
        answer.assert(StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        api.delete("alice", &item).await.assert_text(StatusCode::OK, "deleted");
        for path in ["/api/api/items", "/apis", "/api/nothing", "/apiitems", "/api//items"] {
            let answer = api.get("alice", path).await;
            answer.assert_text(StatusCode::NOT_FOUND, "nothing at this address");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }

        let figures = api.get("", "/api/metrics").await.body;
        assert!(figures.contains("route=\"/items/{id}\"") && !figures.contains("/api"), "{figures}");
        let document: Value = api.get("", "/openapi.json").await.json();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.keys().all(|path| !path.starts_with("/api")));
    }
}

on_both! {
    /// Ids that are free text, written so that any number of decodings leaves them.
    async fn odd_ids_are_reached(api: Api) {
        let ids = ["10", "", "chosen id/1", "?", "%", "#", "a/b", "a%2Fb", "a%252Fb", ".", "..", "~", "~a~2Fb", "漢"];
        let database = connect(&api.database).await;
        for id in ids {
            let given = api.create("alice", json!({"summary": id})).await;
            let sql = format!("UPDATE items SET id = '{id}' WHERE id = '{given}'");
            database.execute_unprepared(&sql).await.unwrap();
        }
        let tag = api.post("alice", "/tags", &json!({"name": "t"})).await.json::<Value>()["id"].as_str().unwrap().to_owned();
        let sql = format!("UPDATE tags SET id = 'a/b?' WHERE id = '{tag}'");
        database.execute_unprepared(&sql).await.unwrap();
        database.close().await.unwrap();
        api.get("alice", &format!("/tags/{}", segment("a/b?"))).await.assert(StatusCode::OK);
        for id in ids {
            let path = format!("/items/{}", segment(id));
            let item: Value = api.get("alice", &path).await.json();
            assert_eq!((&item["id"], &item["summary"]), (&json!(id), &json!(id)));
            let tag = format!("{path}/tag/{}", segment("a/b?"));
            api.post("alice", &tag, &json!({})).await.assert(StatusCode::OK);
            api.put("alice", &format!("{path}/star"), &json!({})).await.assert(StatusCode::OK);
            api.put("alice", &path, &json!({"description": id})).await.assert(StatusCode::OK);
        }
        for id in ids {
            let path = format!("/items/{}", segment(id));
            let item: Value = api.get("alice", &path).await.json();
            assert_eq!((&item["description"], &item["tags"]), (&json!(id), &json!(["t"])));
            api.delete("alice", &path).await.assert(StatusCode::OK);
            api.get("alice", &path).await.assert(StatusCode::NOT_FOUND);
        }
        for nonsense in ["~~00", "~~FF", "~~C3", "~a", "~~2f", "~%00"] {
            api.get("alice", &format!("/items/{nonsense}")).await.assert(StatusCode::NOT_FOUND);
        }
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
