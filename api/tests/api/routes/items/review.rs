//! Review: `REQUIRE_APPROVAL`, `/items/{id}/approve` and `/items/{id}/reject`.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Api, PROTOCOL, on_both};

async fn status(api: &Api, id: &str) -> String {
    let item: Value = api.get("admin", &format!("/items/{id}")).await.json();
    item["status"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_new_public_item_waits_and_an_admin_lets_it_out(api: Api) {
        let api = api.with_review().await;
        let id = api.create("alice", json!({"name": "new", "status": "approved"})).await;
        let path = format!("/items/{id}");
        assert_eq!(status(&api, &id).await, "pending");
        api.get("alice", &path).await.assert(StatusCode::OK);
        api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        assert!(api.names("bob", "").await.is_empty());
        assert_eq!(api.names("alice", "").await, ["new"]);

        api.post("alice", &format!("{path}/approve"), &Value::Null).await.assert(StatusCode::FORBIDDEN);
        let answer = api.post("admin", &format!("{path}/approve"), &Value::Null).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "approved");
        api.get("bob", &path).await.assert(StatusCode::OK);
        assert_eq!(api.names("bob", "").await, ["new"]);
    }
}

on_both! {
    async fn who_is_reviewed_and_who_is_not(api: Api) {
        let api = api.with_review().await;
        for (author, fields, wanted) in [
            ("alice", json!({"isPrivate": true}), "approved"),
            ("alice", json!({"groupList": ["vision"]}), "pending"),
            ("alice", json!({"groupList": ["default"]}), "pending"),
            ("alice", json!({"isPublic": false}), "approved"),
            ("alice", json!({}), "pending"),
            ("admin", json!({"groupList": ["vision"]}), "approved"),
            ("admin", json!({}), "approved"),
            ("admin", json!({"status": "pending"}), "pending"),
        ] {
            let what = format!("{author} {fields}");
            let id = api.create(author, fields).await;
            assert_eq!(status(&api, &id).await, wanted, "{what}");
        }
    }
}

on_both! {
    async fn a_rejected_item_tells_its_author_why_and_may_try_again(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        let reject = format!("{path}/reject");
        for bad in [json!({}), json!({"reason": " "}), json!({"reason": 1}), json!({"reason": "x".repeat(2001)})] {
            api.post("admin", &reject, &bad).await.assert(StatusCode::BAD_REQUEST);
        }
        api.post("alice", &reject, &json!({"reason": "no"})).await.assert(StatusCode::FORBIDDEN);
        api.post("admin", "/items/nothing/reject", &json!({"reason": "no"})).await.assert(StatusCode::NOT_FOUND);
        let answer = api.post("admin", &reject, &json!({"reason": "Name the data set.\nPlease."})).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "rejected");

        api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        let item: Value = api.get("alice", &path).await.json();
        assert_eq!((&item["status"], &item["reviewNote"]), (&json!("rejected"), &json!("Name the data set.\nPlease.")));

        api.put("alice", &path, &json!({"description": "CIFAR-10"})).await.assert(StatusCode::OK);
        assert_eq!(status(&api, &id).await, "pending");
        api.post("admin", &format!("{path}/approve"), &Value::Null).await.assert(StatusCode::OK);
        let item: Value = api.get("alice", &path).await.json();
        assert_eq!((&item["status"], &item["reviewNote"]), (&json!("approved"), &Value::Null));
    }
}

on_both! {
    async fn a_review_note_is_for_the_author_and_admins(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        let verdict = json!({"status": "approved", "reviewNote": "Well done"});
        api.put("admin", &path, &verdict).await.assert(StatusCode::OK);
        api.put("alice", &path, &json!({"reviewNote": "mine"})).await.assert(StatusCode::OK);
        for (user, note) in [("admin", json!("Well done")), ("alice", json!("Well done")), ("bob", Value::Null)] {
            let item: Value = api.get(user, &path).await.json();
            assert_eq!(item["reviewNote"], note, "{user}");
            let list: Vec<Value> = api.get(user, "/items?author=alice").await.json();
            assert_eq!(list[0]["reviewNote"], note, "{user}");
        }
        api.put("admin", &path, &json!({"reviewNote": ""})).await.assert(StatusCode::BAD_REQUEST);
        api.put("admin", &path, &json!({"reviewNote": null})).await.assert(StatusCode::OK);
        assert_eq!(api.get("alice", &path).await.json::<Value>()["reviewNote"], Value::Null);
    }
}

on_both! {
    async fn what_an_author_changes_after_approval_is_looked_at_again(api: Api) {
        let api = api.with_review().await;
        let id = api.create("alice", json!({"isPrivate": true, "tags": ["a"]})).await;
        let path = format!("/items/{id}");
        let approve = format!("{path}/approve");
        let protocol = format!("# new\n{PROTOCOL}");
        let steps = [
            ("alice", json!({"isPublic": true}), "pending"),
            ("alice", json!({"isPrivate": true}), "approved"),
            ("alice", json!({"isPublic": true}), "pending"),
            ("admin", json!({"status": "approved"}), "approved"),
            ("alice", json!({"tags": ["b"]}), "approved"),
            ("alice", json!({"name": "item", "protocol": PROTOCOL}), "approved"),
            ("alice", json!({"protocol": protocol}), "pending"),
            ("alice", json!({"protocol": PROTOCOL}), "pending"),
            ("admin", json!({"name": "an admin's"}), "pending"),
        ];
        for (user, changes, wanted) in steps {
            api.put(user, &path, &changes).await.assert(StatusCode::OK);
            assert_eq!(status(&api, &id).await, wanted, "{user} {changes}");
        }
        api.post("admin", &approve, &Value::Null).await.assert(StatusCode::OK);
        for (field, value) in [("name", "n"), ("summary", "s"), ("description", "d"), ("dataUrl", "u"), ("license", "l"), ("type", "data")] {
            api.put("alice", &path, &json!({field: value})).await.assert(StatusCode::OK);
            assert_eq!(status(&api, &id).await, "pending", "{field}");
            api.post("admin", &approve, &Value::Null).await.assert(StatusCode::OK);
        }
    }
}

on_both! {
    /// It waited under the setting of before, or came so from an old database.
    async fn without_the_setting_nobody_waits(api: Api) {
        let id = api.create("alice", json!({"isPublic": false, "groupList": ["vision"]})).await;
        let path = format!("/items/{id}");
        for (user, changes, wanted, seen) in [
            ("admin", json!({"status": "pending"}), "pending", false),
            ("alice", json!({"isPublic": true}), "approved", true),
            // An admin's word stands.
            ("admin", json!({"status": "rejected"}), "rejected", false),
            ("alice", json!({"isPrivate": true}), "rejected", false),
            ("alice", json!({"isPublic": true}), "rejected", false),
        ] {
            api.put(user, &path, &changes).await.assert(StatusCode::OK);
            assert_eq!(status(&api, &id).await, wanted, "{user} {changes}");
            let read = api.get("carol", &path).await.status;
            assert_eq!(read == StatusCode::OK, seen, "{user} {changes}");
        }
        let reject = format!("{path}/reject");
        api.post("admin", &reject, &json!({"reason": "r"})).await.assert(StatusCode::OK);
        for changes in [json!({"summary": "mended"}), json!({"isPrivate": true}), json!({"isPublic": true})] {
            api.put("alice", &path, &changes).await.assert(StatusCode::OK);
            assert_eq!(status(&api, &id).await, "pending", "{changes}");
        }
    }
}

on_both! {
    /// Otherwise an author could slip in a change after the admin has looked.
    async fn an_admin_approves_what_was_looked_at(api: Api) {
        let api = api.with_review().await;
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        let seen = api.get("admin", &path).await.header("etag").to_owned();
        api.put("alice", &path, &json!({"summary": "changed"})).await.assert(StatusCode::OK);
        let approve = async |etag: &str| {
            let token = api.openpai.token("admin");
            let request = api
                .request(Method::POST, &format!("{path}/approve"))
                .header("authorization", format!("Bearer {token}"))
                .header("if-match", etag);
            Answer::of(request.send().await.0).await
        };
        approve(&seen).await.assert(StatusCode::PRECONDITION_FAILED);
        assert_eq!(status(&api, &id).await, "pending");
        let now = api.get("admin", &path).await.header("etag").to_owned();
        approve(&now).await.assert(StatusCode::OK);
        assert_eq!(status(&api, &id).await, "approved");
    }
}

on_both! {
    /// Everybody is in the group `default`.
    async fn an_item_for_groups_waits_like_a_public_one(api: Api) {
        let api = api.with_review().await;
        let id = api.create("alice", json!({"name": "new", "groupList": ["default"]})).await;
        let path = format!("/items/{id}");
        api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        assert!(api.names("bob", "").await.is_empty());
        assert!(api.names("bob", "?keyword=new").await.is_empty());
        api.post("admin", &format!("{path}/approve"), &Value::Null).await.assert(StatusCode::OK);
        api.get("bob", &path).await.assert(StatusCode::OK);
        assert_eq!(api.names("bob", "").await, ["new"]);
    }
}

on_both! {
    async fn more_people_are_a_reason_to_look_again(api: Api) {
        let api = api.with_review().await;
        let id = api.create("alice", json!({"isPublic": false})).await;
        let path = format!("/items/{id}");
        for (changes, wanted) in [
            (json!({"groupList": ["vision"]}), "pending"),
            (json!({"groupList": ["default", "vision"]}), "pending"),
            (json!({"groupList": ["default"]}), "approved"),
            (json!({"groupList": ["vision"]}), "pending"),
            (json!({"isPublic": true}), "pending"),
            (json!({"isPublic": false, "groupList": ["vision"]}), "approved"),
            (json!({"isPublic": false, "groupList": []}), "approved"),
            (json!({"summary": "nobody sees it"}), "approved"),
            (json!({"groupList": ["vision"]}), "pending"),
        ] {
            api.put("alice", &path, &changes).await.assert(StatusCode::OK);
            assert_eq!(status(&api, &id).await, wanted, "{changes}");
            api.post("admin", &format!("{path}/approve"), &Value::Null).await.assert(StatusCode::OK);
        }
    }
}

/// Moves a rejected item to all whom its author may share it with, and back.
async fn a_rejected_item_stays_rejected(api: &Api, verdict: &Value) {
    for first in [
        json!({}),
        json!({"groupList": ["vision"]}),
        json!({"isPrivate": true}),
    ] {
        let id = api.create("alice", first.clone()).await;
        let path = format!("/items/{id}");
        api.put("admin", &path, verdict)
            .await
            .assert(StatusCode::OK);
        for changes in [
            json!({"isPublic": false, "isPrivate": false, "groupList": ["default", "vision"]}),
            json!({"isPrivate": true}),
            json!({"isPrivate": false, "groupList": ["default"]}),
            json!({"isPublic": false, "groupList": []}),
            json!({"isPublic": true, "tags": ["t"]}),
        ] {
            api.put("alice", &path, &changes)
                .await
                .assert(StatusCode::OK);
            assert_eq!(status(api, &id).await, "rejected", "{first} {changes}");
            api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        }
        assert!(api.names("bob", "?author=alice").await.is_empty());
        // Mended where nobody sees it, and then handed in again.
        for changes in [
            json!({"isPrivate": true}),
            json!({"summary": "mended"}),
            json!({"isPublic": true}),
        ] {
            api.put("alice", &path, &changes)
                .await
                .assert(StatusCode::OK);
            api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        }
        assert_eq!(status(api, &id).await, "pending", "{first}");
        api.post("admin", &format!("{path}/approve"), &Value::Null)
            .await
            .assert(StatusCode::OK);
        api.get("bob", &path).await.assert(StatusCode::OK);
        api.delete("alice", &path).await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn moving_a_rejected_item_does_not_approve_it(api: Api) {
        let with_reason = json!({"status": "rejected", "reviewNote": "No."});
        let without = json!({"status": "rejected"});
        a_rejected_item_stays_rejected(&api, &with_reason).await;
        a_rejected_item_stays_rejected(&api, &without).await;
        let api = api.with_review().await;
        a_rejected_item_stays_rejected(&api, &with_reason).await;
        a_rejected_item_stays_rejected(&api, &without).await;
    }
}

on_both! {
    async fn one_shares_with_groups_of_ones_own(api: Api) {
        let body = crate::support::new_item("alice", json!({"groupList": ["nlp", "vision", "speech"]}));
        let answer = api.post("alice", "/items", &body).await;
        answer.assert_text(StatusCode::FORBIDDEN, "You are not in `nlp`, `speech`:");
        // Nobody is shared with there.
        for fields in [json!({"isPublic": true, "groupList": ["nlp"]}), json!({"isPrivate": true, "groupList": ["nlp"]})] {
            api.create("alice", fields).await;
        }
        api.create("admin", json!({"groupList": ["nlp"]})).await;

        let id = api.create("alice", json!({"groupList": ["vision"]})).await;
        let path = format!("/items/{id}");
        let groups = async || api.get("admin", &path).await.json::<Value>()["groupList"].clone();
        let wrong = json!({"groupList": ["vision", "nlp"]});
        api.put("alice", &path, &wrong).await.assert_text(StatusCode::FORBIDDEN, "You are not in `nlp`:");
        assert_eq!(groups().await, json!(["vision"]));

        // What an admin has added may stay or go, but not come back.
        api.put("admin", &path, &wrong).await.assert(StatusCode::OK);
        for (changes, kept) in [
            (json!({"summary": "s"}), json!(["nlp", "vision"])),
            (json!({"groupList": ["nlp", "vision", "default"]}), json!(["default", "nlp", "vision"])),
            (json!({"groupList": ["nlp"]}), json!(["nlp"])),
            (json!({"groupList": ["vision"]}), json!(["vision"])),
        ] {
            api.put("alice", &path, &changes).await.assert(StatusCode::OK);
            assert_eq!(groups().await, kept, "{changes}");
        }
        api.put("alice", &path, &json!({"groupList": ["nlp"]})).await.assert(StatusCode::FORBIDDEN);

        // The list of names is as long as it may be, the refusal is not.
        let many: Vec<String> = (0..100).map(|number| format!("group{number:03}")).collect();
        let answer = api.put("alice", &path, &json!({"groupList": many})).await;
        answer.assert_text(StatusCode::FORBIDDEN, "`group004` and 95 more:");
    }
}
