//! `/categories`.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::on_both;

on_both! {
    async fn admins_keep_the_categories(api: Api) {
        let body = json!({"name": "vision", "description": "d"});
        api.post("alice", "/categories", &body).await.assert(StatusCode::FORBIDDEN);
        let made = api.post("admin", "/categories", &body).await;
        made.assert(StatusCode::CREATED);
        let path = format!("/categories/{}", made.json::<Value>()["id"].as_str().unwrap());
        api.post("admin", "/categories", &body).await.assert_text(StatusCode::CONFLICT, "exists");
        api.post("admin", "/categories", &json!({})).await.assert(StatusCode::BAD_REQUEST);

        let category: Value = api.get("alice", &path).await.json();
        for field in ["id", "name", "description", "extras", "createdAt", "updatedAt"] {
            assert!(category.get(field).is_some(), "{field}");
        }
        let all: Vec<Value> = api.get("alice", "/categories").await.json();
        assert!(all.contains(&category));

        api.put("alice", &path, &json!({"name": "x"})).await.assert(StatusCode::FORBIDDEN);
        api.delete("alice", &path).await.assert(StatusCode::FORBIDDEN);
        let answer = api.put("admin", &path, &json!({"name": "x"})).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "updated");
        let category: Value = api.get("alice", &path).await.json();
        assert_eq!((&category["name"], &category["description"]), (&json!("x"), &json!("d")));
        let answer = api.delete("admin", &path).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "deleted");
        for answer in [
            api.get("admin", &path).await,
            api.put("admin", &path, &json!({})).await,
            api.delete("admin", &path).await,
        ] {
            answer.assert_text(StatusCode::NOT_FOUND, "category");
        }
    }
}
