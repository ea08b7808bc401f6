//! More than anybody means: refused, and the server goes on.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{new_item, on_both};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("n{number}")).collect()
}

on_both! {
    async fn lists_are_limited(api: Api) {
        for field in ["tags", "groupList", "categories"] {
            for count in [101, 40_000] {
                let item = new_item("admin", json!({ field: names(count) }));
                api.post("admin", "/items", &item).await.assert_text(StatusCode::BAD_REQUEST, "100 at most");
            }
        }
        let id = api.create("admin", json!({"tags": names(100), "groupList": names(100)})).await;
        let path = format!("/items/{id}");
        for field in ["tags", "groupList", "categories"] {
            let answer = api.put("admin", &path, &json!({ field: names(101) })).await;
            answer.assert_text(StatusCode::BAD_REQUEST, field);
        }
        let tags = api.get("admin", &path).await.json::<Value>()["tags"].as_array().unwrap().len();
        assert_eq!(tags, 100);
    }
}

on_both! {
    async fn queries_are_limited(api: Api) {
        let id = api.create("alice", json!({"tags": names(100)})).await;
        for (query, refused) in [
            (format!("tag={}", names(101).join(",")), true),
            (format!("tag={}", names(9_000).join(",")), true),
            (format!("category={}", names(9_000).join(",")), true),
            (format!("keyword={}", "x".repeat(256)), true),
            (format!("keyword={}", "x".repeat(60_000)), true),
            (format!("keyword={}", "x".repeat(255)), false),
            (format!("category={}", names(100).join(",")), false),
            (format!("tag={}", names(100).join(",")), false),
        ] {
            let answer = api.get("alice", &format!("/items?{query}")).await;
            let expected = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            answer.assert(expected);
        }
        let found: Vec<Value> = api.get("alice", &format!("/items?tag={}", names(100).join(","))).await.json();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["id"], id.as_str());
    }
}
