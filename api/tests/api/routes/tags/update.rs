//! `PUT /tags/{id}`.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::on_both;

on_both! {
    async fn a_renamed_tag_is_found_under_its_new_name(api: Api) {
        api.create("alice", json!({"tags": ["before"]})).await;
        let all: Vec<Value> = api.get("alice", "/tags").await.json();
        let tag = all.iter().find(|tag| tag["name"] == "before").unwrap();
        let path = format!("/tags/{}", tag["id"].as_str().unwrap());
        api.put("admin", &path, &json!({"name": "After"})).await.assert(StatusCode::OK);
        assert_eq!(api.names("alice", "?keyword=after").await, ["item"]);
        assert_eq!(api.names("alice", "?tag=After").await, ["item"]);
        assert!(api.names("alice", "?keyword=before").await.is_empty());
        api.delete("admin", &path).await.assert(StatusCode::OK);
        assert!(api.names("alice", "?tag=After").await.is_empty());
        assert_eq!(api.names("alice", "").await, ["item"]);
    }
}

on_both! {
    async fn a_new_item_has_its_tags_as_they_are_now(api: Api) {
        let made: Value = api.post("alice", "/tags", &json!({"name": "fast", "color": "red"})).await.json();
        let path = format!("/tags/{}", made["id"].as_str().unwrap());
        let tags = async || {
            let item = api.create("alice", json!({"tags": ["fast"]})).await;
            let item: Value = api.get("alice", &format!("/items/{item}")).await.json();
            item["ItemTags"].clone()
        };
        // Twice each: the second time the server remembers.
        for _ in 0..2 {
            assert_eq!(tags().await, json!([{"id": made["id"], "name": "fast", "color": "red"}]));
        }
        api.put("admin", &path, &json!({"color": "blue"})).await.assert(StatusCode::OK);
        for _ in 0..2 {
            assert_eq!(tags().await, json!([{"id": made["id"], "name": "fast", "color": "blue"}]));
        }
        api.put("admin", &path, &json!({"name": "slow"})).await.assert(StatusCode::OK);
        let new = tags().await;
        assert_ne!(new[0]["id"], made["id"]);
        assert_eq!(new[0]["name"], "fast");
        assert_eq!(tags().await, new);
        let path = format!("/tags/{}", new[0]["id"].as_str().unwrap());
        api.delete("admin", &path).await.assert(StatusCode::OK);
        assert_ne!(tags().await[0]["id"], new[0]["id"]);
        assert_eq!(api.names("alice", "?tag=fast").await.len(), 1);
        assert_eq!(api.names("alice", "?tag=slow").await.len(), 4);
    }
}

on_both! {
    async fn every_field_is_kept_and_may_change(api: Api) {
        let old = json!({"name": "old", "color": "#123", "description": "漢 d", "extras": "{\"a\": 1}"});
        let made: Value = api.post("admin", "/tags", &old).await.json();
        let path = format!("/tags/{}", made["id"].as_str().unwrap());
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
            json!({"description": null, "extras": null, "color": null}), json!({"id": "mine", "createdAt": "x"}),
        ] {
            api.put("admin", &path, &changes).await.assert(StatusCode::OK);
            for field in ["name", "color", "description", "extras"] {
                if let Some(value) = changes.get(field) {
                    wanted[field] = value.clone();
                }
            }
            let mut kept: Value = api.get("bob", &path).await.json();
            kept["updatedAt"] = wanted["updatedAt"].clone();
            assert_eq!(kept, wanted, "{changes}");
        }
        let other: Value = api.post("admin", "/tags", &json!({"name": "other"})).await.json();
        let other = format!("/tags/{}", other["id"].as_str().unwrap());
        api.put("admin", &other, &json!({"name": "new", "description": "d"})).await.assert_text(StatusCode::CONFLICT, "exists");
        assert_eq!(api.get("bob", &other).await.json::<Value>()["description"], Value::Null);
    }
}
