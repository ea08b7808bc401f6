//! What an item was copied from: `copiedFrom`.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, PROTOCOL, on_both};

async fn copy_of(api: &Api, user: &str, id: &str) -> String {
    let fields = json!({"name": "copy", "copiedFrom": {"id": id, "name": "made up"}});
    api.create(user, fields).await
}

async fn origin(api: &Api, user: &str, id: &str) -> Value {
    let item: Value = api.get(user, &format!("/items/{id}")).await.json();
    item["copiedFrom"].clone()
}

on_both! {
    async fn a_copy_names_its_origin_as_it_is_called_now(api: Api) {
        let first = api.create("alice", json!({"name": "first"})).await;
        let copy = copy_of(&api, "bob", &first).await;
        assert_eq!(origin(&api, "carol", &copy).await, json!({"id": first, "name": "first"}));
        let path = format!("/items/{copy}");
        let etag = api.get("carol", &path).await.header("etag").to_owned();
        api.put("alice", &format!("/items/{first}"), &json!({"name": "renamed"}))
            .await
            .assert(StatusCode::OK);
        let after = api.get("carol", &path).await;
        assert_eq!(after.json::<Value>()["copiedFrom"]["name"], "renamed");
        assert_ne!(after.header("etag"), etag, "the answer is another one");
        // It is no change of the copy, and a change of the copy takes nothing from it.
        api.put("bob", &path, &json!({"summary": "mine", "copiedFrom": null}))
            .await
            .assert(StatusCode::OK);
        assert_eq!(origin(&api, "carol", &copy).await["id"], first);
        assert_eq!(origin(&api, "carol", &first).await, Value::Null);
    }
}

on_both! {
    async fn whoever_may_not_read_the_origin_does_not_learn_of_it(api: Api) {
        let first = api.create("alice", json!({"isPrivate": true})).await;
        let copy = copy_of(&api, "alice", &first).await;
        assert_eq!(origin(&api, "alice", &copy).await["id"], first);
        assert_eq!(origin(&api, "admin", &copy).await["id"], first);
        assert_eq!(origin(&api, "bob", &copy).await, Value::Null);
        let list: Vec<Value> = api.get("bob", "/items?name=copy").await.json();
        assert_eq!(list.len(), 1);
        assert!(!list[0].to_string().contains(&first), "{}", list[0]);

        // Nor by asking for a copy of it.
        for id in [first.as_str(), "nowhere"] {
            let body = json!({"author": "bob", "protocol": PROTOCOL, "copiedFrom": {"id": id}});
            api.post("bob", "/items", &body)
                .await
                .assert(StatusCode::BAD_REQUEST);
        }
        api.delete("alice", &format!("/items/{first}"))
            .await
            .assert(StatusCode::OK);
        assert_eq!(origin(&api, "alice", &copy).await, Value::Null);
    }
}
