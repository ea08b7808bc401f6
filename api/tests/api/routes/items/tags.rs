//! `/items/{id}/tag`.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::on_both;

on_both! {
    async fn tags_come_and_go(api: Api) {
        let id = api.create("alice", json!({})).await;
        let tag = api.post("bob", "/tags", &json!({"name": "fast", "color": "#0078d4"})).await;
        let tag = tag.json::<Value>()["id"].as_str().unwrap().to_owned();
        let path = format!("/items/{id}/tag/{tag}");

        api.send("bob", Method::POST, &path, None).await.assert(StatusCode::FORBIDDEN);
        for _ in 0..2 {
            let answer = api.send("alice", Method::POST, &path, None).await;
            answer.assert(StatusCode::OK);
            assert_eq!(answer.body, "added");
        }
        let tags: Value = api.get("bob", &format!("/items/{id}/tag")).await.json();
        let whole: Value = api.get("bob", &format!("/tags/{tag}")).await.json();
        assert_eq!(tags, json!([whole]));

        for _ in 0..2 {
            let answer = api.delete("alice", &path).await;
            answer.assert(StatusCode::OK);
            assert_eq!(answer.body, "deleted");
        }
        let tags: Value = api.get("bob", &format!("/items/{id}/tag")).await.json();
        assert_eq!(tags, json!([]));
    }
}

on_both! {
    async fn what_is_unknown_is_404(api: Api) {
        let id = api.create("alice", json!({})).await;
        for method in [Method::POST, Method::DELETE] {
            let answer = api.send("alice", method.clone(), &format!("/items/{id}/tag/nothing"), None).await;
            answer.assert_text(StatusCode::NOT_FOUND, "tag");
            let answer = api.send("alice", method, "/items/nothing/tag/nothing", None).await;
            answer.assert_text(StatusCode::NOT_FOUND, "item");
        }
    }
}
