//! What an item was copied from: `copiedFrom`.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Api, new_item, on_both};

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
        let named = json!({"id": first, "name": "first", "version": 1, "newest": 1});
        assert_eq!(origin(&api, "carol", &copy).await, named);
        assert_eq!(origin(&api, "carol", &first).await, Value::Null);
        let path = format!("/items/{copy}");
        let before = api.get("carol", &path).await.header("etag").to_owned();

        api.put("alice", &format!("/items/{first}"), &json!({"name": "renamed"}))
            .await
            .assert(StatusCode::OK);
        let after = api.get("carol", &path).await;
        assert_eq!(after.json::<Value>()["copiedFrom"]["name"], "renamed");
        assert_ne!(after.header("etag"), before, "the answer is another one");

        // It is no change of the copy, and a change of the copy takes nothing from it.
        let changes = json!({"summary": "mine", "copiedFrom": null});
        let request = api
            .request(Method::PUT, &path)
            .header("authorization", format!("Bearer {}", api.openpai.token("bob")))
            .header("if-match", &before)
            .body_json(&changes);
        let answer = Answer::of(request.send().await.0).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.header("etag"), api.get("bob", &path).await.header("etag"));
        assert_eq!(origin(&api, "carol", &copy).await["id"], first.as_str());
    }
}

on_both! {
    async fn whoever_may_not_read_the_origin_does_not_learn_of_it(api: Api) {
        let first = api.create("alice", json!({"name": "secret plan"})).await;
        let copy = copy_of(&api, "bob", &first).await;
        api.put("alice", &format!("/items/{first}"), &json!({"isPrivate": true}))
            .await
            .assert(StatusCode::OK);
        for user in ["alice", "admin"] {
            assert_eq!(origin(&api, user, &copy).await["name"], "secret plan", "{user}");
        }
        for path in [format!("/items/{copy}"), "/items?name=copy".to_owned()] {
            for user in ["bob", "carol"] {
                let body = api.get(user, &path).await.body;
                assert!(body.contains("\"copy\""), "{body}");
                assert!(!body.contains(&first) && !body.contains("secret plan"), "{user}: {body}");
            }
        }

        // Nor does whoever asks for a copy of it, or of nothing.
        let mut answers = Vec::new();
        for id in [first.as_str(), "nowhere"] {
            let body = new_item("bob", json!({"copiedFrom": {"id": id}}));
            let answer = api.post("bob", "/items", &body).await;
            answer.assert_text(StatusCode::BAD_REQUEST, "`copiedFrom`");
            answers.push(answer.body);
        }
        assert_eq!(answers[0], answers[1]);
        let body = new_item("bob", json!({"copiedFrom": "nowhere"}));
        api.post("bob", "/items", &body)
            .await
            .assert_text(StatusCode::BAD_REQUEST, "`copiedFrom`");
    }
}

on_both! {
    async fn a_copy_outlives_its_origin(api: Api) {
        let first = api.create("alice", json!({"name": "first"})).await;
        let copy = copy_of(&api, "bob", &first).await;
        api.delete("alice", &format!("/items/{first}"))
            .await
            .assert(StatusCode::OK);
        let gone = json!({"id": first, "version": 1, "gone": true});
        assert_eq!(origin(&api, "carol", &copy).await, gone);

        // What was read can be sent again.
        let item: Value = api.get("carol", &format!("/items/{copy}")).await.json();
        assert!(item["copiedFrom"]["gone"].as_bool().unwrap());
        let again = api.create("carol", json!({"copiedFrom": item["copiedFrom"]})).await;
        assert_eq!(origin(&api, "carol", &again).await, Value::Null);
    }
}
