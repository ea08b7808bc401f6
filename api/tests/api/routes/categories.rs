//! `/categories`.

use futures_util::future::join_all;
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

on_both! {
    async fn every_field_is_kept_and_may_change(api: Api) {
        let old = json!({"name": "old", "description": "漢 d", "extras": "{\"a\": 1}"});
        let made: Value = api.post("admin", "/categories", &old).await.json();
        let path = format!("/categories/{}", made["id"].as_str().unwrap());
        let kept: Value = api.get("bob", &path).await.json();
        let mut wanted = old;
        wanted["id"] = made["id"].clone();
        for time in ["createdAt", "updatedAt"] {
            wanted[time] = kept["createdAt"].clone();
        }
        assert_eq!(kept, wanted);
        let time = kept["createdAt"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");

        for changes in [
            json!({"description": "new"}), json!({"extras": "new"}), json!({"name": "new"}), json!({"name": "new"}),
            json!({"description": null, "extras": null}), json!({"id": "mine", "createdAt": "x"}),
        ] {
            api.put("admin", &path, &changes).await.assert(StatusCode::OK);
            for field in ["name", "description", "extras"] {
                if let Some(value) = changes.get(field) {
                    wanted[field] = value.clone();
                }
            }
            let mut kept: Value = api.get("bob", &path).await.json();
            kept["updatedAt"] = wanted["updatedAt"].clone();
            assert_eq!(kept, wanted, "{changes}");
        }
        let other: Value = api.post("admin", "/categories", &json!({"name": "other"})).await.json();
        let other = format!("/categories/{}", other["id"].as_str().unwrap());
        api.put("admin", &other, &json!({"name": "new", "description": "d"})).await.assert_text(StatusCode::CONFLICT, "exists");
        assert_eq!(api.get("bob", &other).await.json::<Value>()["description"], Value::Null);
    }
}

on_both! {
    async fn of_many_who_make_the_same_one_does(api: Api) {
        let body = json!({"name": "same"});
        let answers = join_all((0..8).map(|_| api.post("admin", "/categories", &body))).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(StatusCode::CREATED), count(StatusCode::CONFLICT)), (1, 7), "{answers:?}");
    }
}
