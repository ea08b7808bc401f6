//! `POST /tags/{id}/merge`, `POST /categories/{id}/merge`, and how many items have a label.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, on_both};

/// The labels of a kind by name, as `user` gets them.
async fn label(api: &Api, user: &str, path: &str, name: &str) -> Value {
    let all: Vec<Value> = api.get(user, path).await.json();
    let found = all.into_iter().find(|label| label["name"] == name);
    found.unwrap_or(Value::Null)
}

async fn id(api: &Api, path: &str, name: &str) -> String {
    let label = label(api, "admin", path, name).await;
    label["id"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_tag_takes_the_place_of_another_one(api: Api) {
        let both = api.create("alice", json!({"name": "both", "tags": ["duck", "duckling"]})).await;
        let one = api.create("alice", json!({"name": "one", "tags": ["duckling", "pond"], "isPrivate": true})).await;
        api.create("bob", json!({"name": "none", "tags": ["duck"]})).await;
        let (duckling, duck) = (id(&api, "/tags", "duckling").await, id(&api, "/tags", "duck").await);
        let answer = api.post("admin", &format!("/tags/{duckling}/merge"), &json!({"into": duck})).await;
        assert_eq!((answer.status, &*answer.body), (StatusCode::OK, "merged"));

        api.get("admin", &format!("/tags/{duckling}")).await.assert(StatusCode::NOT_FOUND);
        for (item, tags) in [(&both, json!(["duck"])), (&one, json!(["duck", "pond"]))] {
            let item: Value = api.get("alice", &format!("/items/{item}")).await.json();
            assert_eq!(item["tags"], tags);
        }
        let mut found = api.names("alice", "?tag=duck").await;
        found.sort();
        assert_eq!(found, ["both", "none", "one"]);
        assert!(api.names("alice", "?tag=duckling").await.is_empty());
        assert_eq!(api.names("alice", "?keyword=duck&name=one").await, ["one"]);
        // Nothing but the other one's words is left.
        assert_eq!(api.names("alice", "?keyword=pond").await, ["one"]);

        let audit: Vec<Value> = api.get("admin", "/audit?action=merge").await.json();
        let line = &audit[0];
        assert_eq!((&line["kind"], &line["targetId"], &line["targetName"]), (&json!("tag"), &json!(duckling), &json!("duckling")));
        assert_eq!((&line["user"], &line["details"]), (&json!("admin"), &json!(["duck"])));
        assert_eq!(audit.len(), 1);
    }
}

on_both! {
    async fn a_category_takes_the_place_of_another_one(api: Api) {
        for name in ["sight", "vision"] {
            api.post("admin", "/categories", &json!({"name": name})).await.assert(StatusCode::CREATED);
        }
        api.create("alice", json!({"name": "a", "categories": ["sight"]})).await;
        api.create("alice", json!({"name": "b", "categories": ["sight", "vision"]})).await;
        let (sight, vision) = (id(&api, "/categories", "sight").await, id(&api, "/categories", "vision").await);
        let path = format!("/categories/{sight}/merge");
        api.post("alice", &path, &json!({"into": vision})).await.assert(StatusCode::FORBIDDEN);
        api.post("admin", &path, &json!({"into": vision})).await.assert(StatusCode::OK);
        assert_eq!(api.names("alice", "?category=vision&sort=name").await, ["a", "b"]);
        assert!(api.names("alice", "?category=sight").await.is_empty());
        assert_eq!(label(&api, "admin", "/categories", "sight").await, Value::Null);
    }
}

on_both! {
    async fn admins_alone_merge_and_only_what_is_there(api: Api) {
        api.create("alice", json!({"tags": ["one", "two"]})).await;
        let (one, two) = (id(&api, "/tags", "one").await, id(&api, "/tags", "two").await);
        let path = format!("/tags/{one}/merge");
        let into = json!({"into": two});
        api.post("alice", &path, &into).await.assert_text(StatusCode::FORBIDDEN, "admins");
        api.post("", &path, &into).await.assert(StatusCode::UNAUTHORIZED);
        api.post("alice", "/tags/none/merge", &into).await.assert(StatusCode::NOT_FOUND);
        api.post("admin", "/tags/none/merge", &into).await.assert_text(StatusCode::NOT_FOUND, "`none`");
        api.post("admin", &path, &json!({"into": "nobody"})).await.assert_text(StatusCode::NOT_FOUND, "`nobody`");
        api.post("admin", &path, &json!({"into": one})).await.assert_text(StatusCode::BAD_REQUEST, "itself");
        api.post("admin", &path, &json!({})).await.assert_text(StatusCode::BAD_REQUEST, "`into`");
        assert_eq!(api.names("alice", "?tag=one,two").await, ["item"], "nothing has changed");
        let category = id(&api, "/categories", "official example").await;
        api.post("admin", &path, &json!({"into": category})).await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn both_ways_at_a_time_one_is_left(api: Api) {
        for n in 0..8 {
            let tag = if n % 2 == 0 { "left" } else { "right" };
            api.create("alice", json!({"name": format!("n{n}"), "tags": [tag]})).await;
        }
        let (left, right) = (id(&api, "/tags", "left").await, id(&api, "/tags", "right").await);
        let merge = async |from: &str, into: &str| {
            api.post("admin", &format!("/tags/{from}/merge"), &json!({"into": into})).await.status
        };
        let (first, second) = futures_util::future::join(merge(&left, &right), merge(&right, &left)).await;
        let mut statuses = [first, second];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::NOT_FOUND]);
        let found = api.names("alice", "?tag=left").await.len() + api.names("alice", "?tag=right").await.len();
        assert_eq!(found, 8);
    }
}

on_both! {
    /// What the caller may not see is not counted.
    async fn items_are_counted_on_request(api: Api) {
        api.create("alice", json!({"tags": ["x", "y"], "isPrivate": true})).await;
        api.create("alice", json!({"tags": ["x"]})).await;
        api.create("bob", json!({"tags": ["x"]})).await;
        api.post("admin", "/tags", &json!({"name": "unused"})).await.assert(StatusCode::CREATED);
        for (user, tag, count) in [
            ("admin", "x", json!(3)), ("alice", "x", json!(3)), ("bob", "x", json!(2)), ("admin", "y", json!(1)),
            ("alice", "y", json!(1)), ("admin", "unused", json!(0)), ("bob", "unused", json!(0)),
        ] {
            let tag_of_user = label(&api, user, "/tags?counts=true", tag).await;
            assert_eq!(tag_of_user["itemCount"], count, "{user} {tag}");
        }
        assert_eq!(label(&api, "bob", "/tags?counts=true", "y").await, Value::Null);
        let official = async |user: &str| label(&api, user, "/categories?counts=true", "official example").await["itemCount"].clone();
        let all: Vec<Value> = api.get("bob", "/items?category=official%20example").await.json();
        assert_eq!(official("bob").await, json!(all.len()));
        for path in ["/tags", "/tags?counts=false", "/categories", "/categories?counts="] {
            let all: Vec<Value> = api.get("admin", path).await.json();
            assert!(all.iter().all(|label| label.get("itemCount").is_none()), "{path}");
        }
        api.get("admin", "/tags?counts=yes").await.assert_text(StatusCode::BAD_REQUEST, "`counts`");
    }
}
