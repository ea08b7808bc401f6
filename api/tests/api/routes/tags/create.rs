//! `POST /tags`.

use futures_util::future::join_all;
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{new_item, on_both};

on_both! {
    async fn anybody_makes_a_tag_and_admins_keep_them(api: Api) {
        let made = api.post("alice", "/tags", &json!({"name": "fast", "color": "red"})).await;
        made.assert(StatusCode::CREATED);
        let path = format!("/tags/{}", made.json::<Value>()["id"].as_str().unwrap());

        let tag: Value = api.get("bob", &path).await.json();
        assert_eq!((&tag["name"], &tag["color"]), (&json!("fast"), &json!("red")));
        for field in ["id", "name", "color", "description", "extras", "createdAt", "updatedAt"] {
            assert!(tag.get(field).is_some(), "{field}");
        }
        let all: Vec<Value> = api.get("bob", "/tags").await.json();
        assert!(all.contains(&tag));

        api.put("alice", &path, &json!({"name": "slow"})).await.assert(StatusCode::FORBIDDEN);
        api.delete("alice", &path).await.assert(StatusCode::FORBIDDEN);
        let answer = api.put("admin", &path, &json!({"name": "slow", "color": null})).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "updated");
        let tag: Value = api.get("bob", &path).await.json();
        assert_eq!((&tag["name"], &tag["color"]), (&json!("slow"), &Value::Null));
        let answer = api.delete("admin", &path).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "deleted");
        api.get("bob", &path).await.assert(StatusCode::NOT_FOUND);
        api.put("admin", &path, &json!({})).await.assert(StatusCode::NOT_FOUND);
        api.delete("admin", &path).await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn a_name_is_wanted_and_unique(api: Api) {
        api.post("alice", "/tags", &json!({})).await.assert_text(StatusCode::BAD_REQUEST, "`name`");
        api.post("alice", "/tags", &json!({"name": " "})).await.assert_text(StatusCode::BAD_REQUEST, "`name`");
        api.post("alice", "/tags", &json!({"name": "x".repeat(256)})).await.assert(StatusCode::BAD_REQUEST);
        api.post("alice", "/tags", &json!({"name": "one"})).await.assert(StatusCode::CREATED);
        api.post("alice", "/tags", &json!({"name": "one"})).await.assert_text(StatusCode::CONFLICT, "exists");
        let two: Value = api.post("alice", "/tags", &json!({"name": "two"})).await.json();
        let path = format!("/tags/{}", two["id"].as_str().unwrap());
        api.put("admin", &path, &json!({"name": "one"})).await.assert(StatusCode::CONFLICT);
    }
}

on_both! {
    async fn of_many_who_make_the_same_one_does(api: Api) {
        let body = json!({"name": "same"});
        let answers = join_all((0..8).map(|_| api.post("admin", "/tags", &body))).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(StatusCode::CREATED), count(StatusCode::CONFLICT)), (1, 7), "{answers:?}");
    }
}

on_both! {
    async fn items_that_come_at_once_share_a_new_tag(api: Api) {
        let item = new_item("alice", json!({"tags": ["new", "newer"]}));
        let answers = join_all((0..8).map(|_| api.post("alice", "/items", &item))).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED), "{answers:?}");
        let tags: Vec<Value> = api.get("alice", "/tags").await.json();
        assert_eq!(tags.iter().filter(|tag| tag["name"] == "new").count(), 1);
        assert_eq!(api.names("bob", "?tag=newer,new").await.len(), 8);
    }
}
