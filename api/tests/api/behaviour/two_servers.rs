//! Two servers on one database: what one remembers is true whatever the other has
//! done in between.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, on_both};

on_both! {
    async fn counts_of_pages_are_true(api: Api) {
        let other = Api::on(&api.database).await;
        for number in 1..=4 {
            other.create("alice", json!({"name": format!("n{number}"), "tags": ["t"]})).await;
            for query in ["author=alice", "tag=t", "keyword=n", "keyword=n&tag=t&sort=name"] {
                for reader in [&api, &other, &api] {
                    let answer = reader.get("bob", &format!("/items?limit=1&{query}")).await;
                    let counted = answer.header("x-total-count");
                    // The official templates hold an n too.
                    let official = if query == "keyword=n" { 16 } else { 0 };
                    assert_eq!(counted, (number + official).to_string(), "{query}");
                }
            }
        }
    }
}

on_both! {
    async fn tags_and_categories_may_have_changed(api: Api) {
        let other = Api::on(&api.database).await;
        let made = async |path: &str, name: &str| {
            let made: Value = api.post("admin", path, &json!({"name": name})).await.json();
            format!("{path}/{}", made["id"].as_str().unwrap())
        };
        let (tag, category) = (made("/tags", "t").await, made("/categories", "c").await);
        let fields = json!({"tags": ["t"], "categories": ["c"]});
        // By now both servers remember them.
        let first = api.create("alice", fields.clone()).await;
        other.create("alice", fields.clone()).await;

        other.put("admin", &tag, &json!({"name": "renamed", "color": "red"})).await.assert(StatusCode::OK);
        let second = api.create("alice", fields.clone()).await;
        let tags = async |id: &str| api.get("bob", &format!("/items/{id}")).await.json::<Value>()["ItemTags"].clone();
        assert_eq!(tags(&first).await[0]["name"], "renamed");
        assert_eq!(tags(&second).await[0]["name"], "t");
        assert_ne!(tags(&second).await[0]["id"], tags(&first).await[0]["id"], "another tag by the old name");
        assert_eq!(api.names("bob", "?tag=renamed").await.len(), 2);
        assert_eq!(api.names("bob", "?tag=t").await.len(), 1);

        other.delete("admin", &category).await.assert(StatusCode::OK);
        let body = crate::support::new_item("alice", fields);
        api.post("alice", "/items", &body).await.assert_text(StatusCode::BAD_REQUEST, "`c`");
    }
}
