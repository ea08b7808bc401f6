//! `GET /items/{id}`.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::on_both;

on_both! {
    async fn an_item_has_every_field_of_the_contract(api: Api) {
        let id = api.create("alice", json!({"name": "x", "tags": ["b", "a"]})).await;
        let items: Vec<Value> = api.get("bob", "/items?author=alice").await.json();
        let mut item = items[0].clone();
        let detail: Value = api.get("bob", &format!("/items/{id}")).await.json();
        assert_eq!(item, detail);

        let time = item["createdAt"].as_str().unwrap().to_owned();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
        assert_eq!(item["createdAt"], item["updatedAt"]);
        for field in ["id", "createdAt", "updatedAt"] {
            item[field] = json!(format!("[{field}]"));
        }
        for tag in item["ItemTags"].as_array_mut().unwrap() {
            tag["id"] = json!("[id]");
        }
        insta::assert_json_snapshot!("item", item);
    }
}

on_both! {
    async fn an_unknown_id_is_404_for_everybody(api: Api) {
        for user in ["alice", "admin"] {
            for path in ["/items/nothing", "/items/nothing/tag", "/items/nothing/category", "/items/a%2Fb"] {
                api.get(user, path).await.assert_text(StatusCode::NOT_FOUND, "There is no item");
            }
            api.put(user, "/items/nothing", &json!({"name": "x"})).await.assert(StatusCode::NOT_FOUND);
            api.delete(user, "/items/nothing").await.assert(StatusCode::NOT_FOUND);
        }
    }
}
