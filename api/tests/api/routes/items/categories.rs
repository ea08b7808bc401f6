//! `/items/{id}/category`.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Api, on_both};

async fn category(api: &Api, name: &str) -> String {
    let all: Vec<Value> = api.get("alice", "/categories").await.json();
    let found = all
        .iter()
        .find(|category| category["name"] == name)
        .unwrap();
    found["id"].as_str().unwrap().to_owned()
}

on_both! {
    async fn an_author_shelves_their_items(api: Api) {
        api.post("admin", "/categories", &json!({"name": "vision"})).await.assert(StatusCode::CREATED);
        let id = api.create("alice", json!({})).await;
        let category = category(&api, "vision").await;
        let path = format!("/items/{id}/category/{category}");
        api.send("bob", Method::POST, &path, None).await.assert(StatusCode::FORBIDDEN);
        let answer = api.send("alice", Method::POST, &path, None).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "added");
        assert_eq!(api.names("bob", "?category=vision").await, ["item"]);
        let found: Value = api.get("bob", &format!("/items/{id}/category")).await.json();
        let whole: Value = api.get("bob", &format!("/categories/{category}")).await.json();
        assert_eq!(found, json!([whole]));
        let answer = api.delete("alice", &path).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "deleted");
    }
}

on_both! {
    async fn what_is_made_official_is_what_was_looked_at(api: Api) {
        let id = api.create("alice", json!({})).await;
        let official = category(&api, "official example").await;
        let path = format!("/items/{id}/category/{official}");
        let etag = api.get("admin", &format!("/items/{id}")).await.header("etag").to_owned();
        api.put("alice", &format!("/items/{id}"), &json!({"summary": "other"})).await.assert(StatusCode::OK);
        for method in [Method::POST, Method::DELETE] {
            let token = format!("Bearer {}", api.openpai.token("admin"));
            let request = api.request(method, &path).header("authorization", token).header("if-match", &etag);
            Answer::of(request.send().await.0).await.assert(StatusCode::PRECONDITION_FAILED);
        }
        assert!(api.names("bob", "?category=official%20example&author=alice").await.is_empty());
    }
}

on_both! {
    /// Only admins make items official, and then only admins change them.
    async fn the_official_category_is_the_admins(api: Api) {
        let id = api.create("alice", json!({})).await;
        let official = category(&api, "official example").await;
        let path = format!("/items/{id}/category/{official}");
        api.send("alice", Method::POST, &path, None).await.assert_text(StatusCode::FORBIDDEN, "admins");
        api.send("admin", Method::POST, &path, None).await.assert(StatusCode::OK);
        api.put("alice", &format!("/items/{id}"), &json!({"name": "x"})).await.assert(StatusCode::FORBIDDEN);
        api.delete("alice", &format!("/items/{id}")).await.assert(StatusCode::FORBIDDEN);
        api.delete("alice", &path).await.assert(StatusCode::FORBIDDEN);
        api.delete("admin", &path).await.assert(StatusCode::OK);
        api.put("alice", &format!("/items/{id}"), &json!({"name": "x"})).await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn what_is_unknown_is_404(api: Api) {
        let id = api.create("alice", json!({})).await;
        for method in [Method::POST, Method::DELETE] {
            let answer = api.send("alice", method.clone(), &format!("/items/{id}/category/nothing"), None).await;
            answer.assert_text(StatusCode::NOT_FOUND, "category");
            let answer = api.send("alice", method, "/items/nothing/category/nothing", None).await;
            answer.assert_text(StatusCode::NOT_FOUND, "item");
        }
    }
}
