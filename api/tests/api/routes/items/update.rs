//! `PUT /items/{id}`.

use chrono::TimeDelta;
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{PROTOCOL, StoppedClock, on_both};

on_both! {
    async fn an_update_changes_what_it_mentions(api: Api) {
        let clock = StoppedClock::at("2026-02-03T04:05:06.789Z");
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({"name": "old", "summary": "s", "tags": ["a"], "description": "d"})).await;
        let path = format!("/items/{id}");
        clock.advance(TimeDelta::milliseconds(1));

        let answer = api.put("alice", &path, &json!({"name": "new", "summary": null, "tags": ["b", "a"]})).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "updated");

        let after: Value = api.get("alice", &path).await.json();
        assert_eq!(after["name"], "new");
        assert_eq!(after["summary"], Value::Null);
        assert_eq!(after["description"], "d");
        assert_eq!(after["tags"], json!(["a", "b"]));
        assert_eq!(after["createdAt"], "2026-02-03T04:05:06.789Z");
        assert_eq!(after["updatedAt"], "2026-02-03T04:05:06.790Z");
        assert_eq!(api.names("alice", "?keyword=new").await, ["new"]);
        assert!(api.names("alice", "?keyword=old").await.is_empty());
    }
}

on_both! {
    /// What a client got, it may send back with changes.
    async fn a_whole_item_can_be_sent_back(api: Api) {
        let id = api.create("alice", json!({"tags": ["a"]})).await;
        let path = format!("/items/{id}");
        let mut item: Value = api.get("alice", &path).await.json();
        item["name"] = json!("changed");
        item["useNumber"] = json!(77);
        item["id"] = json!("other");
        api.put("alice", &path, &item).await.assert(StatusCode::OK);
        let after: Value = api.get("alice", &path).await.json();
        assert_eq!(after["name"], "changed");
        assert_eq!(after["useNumber"], 0);
        assert_eq!(after["id"], id.as_str());
    }
}

on_both! {
    async fn bad_updates_are_refused_and_change_nothing(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        let before: Value = api.get("alice", &path).await.json();
        let cases = [
            (json!({"protocol": "name: x"}), StatusCode::BAD_REQUEST),
            (json!({"protocol": ""}), StatusCode::BAD_REQUEST),
            (json!({"name": ""}), StatusCode::BAD_REQUEST),
            (json!({"name": "x".repeat(256)}), StatusCode::BAD_REQUEST),
            (json!({"type": "job"}), StatusCode::BAD_REQUEST),
            (json!({"author": "bob"}), StatusCode::FORBIDDEN),
            (json!({"name": "y", "categories": ["official example"]}), StatusCode::FORBIDDEN),
            (json!({"name": "y", "categories": ["nowhere"]}), StatusCode::BAD_REQUEST),
            (json!([]), StatusCode::BAD_REQUEST),
        ];
        for (changes, status) in cases {
            let answer = api.put("alice", &path, &changes).await;
            assert_eq!(answer.status, status, "{changes}: {}", answer.body);
        }
        assert_eq!(api.get("alice", &path).await.json::<Value>(), before);
        api.put("bob", &path, &json!({"name": "z"})).await.assert(StatusCode::FORBIDDEN);
        api.put("alice", &path, &json!({"author": "alice"})).await.assert(StatusCode::OK);
        api.put("admin", &path, &json!({"author": "bob"})).await.assert(StatusCode::OK);
        api.put("alice", &path, &json!({"name": "z"})).await.assert(StatusCode::FORBIDDEN);
    }
}

on_both! {
    async fn only_an_admin_sets_the_status(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        api.put("alice", &path, &json!({"status": "rejected"})).await.assert(StatusCode::OK);
        assert_eq!(api.get("alice", &path).await.json::<Value>()["status"], "approved");
        api.put("admin", &path, &json!({"status": "rejected"})).await.assert(StatusCode::OK);
        assert_eq!(api.get("alice", &path).await.json::<Value>()["status"], "rejected");
    }
}

on_both! {
    async fn visibility_stays_consistent(api: Api) {
        let id = api.create("alice", json!({"groupList": ["vision"]})).await;
        let path = format!("/items/{id}");
        let steps = [
            (json!({"isPrivate": true}), (false, true, json!([]))),
            (json!({"groupList": ["vision"]}), (false, true, json!([]))),
            (json!({"isPublic": true}), (true, false, json!([]))),
            (json!({"isPublic": false, "groupList": ["default", "vision"]}), (false, false, json!(["default", "vision"]))),
            (json!({"isPublic": true, "isPrivate": true}), (false, true, json!([]))),
        ];
        for (changes, (is_public, is_private, groups)) in steps {
            api.put("alice", &path, &changes).await.assert(StatusCode::OK);
            let item: Value = api.get("alice", &path).await.json();
            assert_eq!(item["isPublic"], is_public, "{changes}");
            assert_eq!(item["isPrivate"], is_private, "{changes}");
            assert_eq!(item["groupList"], groups, "{changes}");
        }
    }
}

on_both! {
    async fn a_new_protocol_is_kept_as_it_was_written(api: Api) {
        let id = api.create("alice", json!({})).await;
        let text = format!("# kept\n{PROTOCOL}");
        let path = format!("/items/{id}");
        api.put("alice", &path, &json!({"protocol": text})).await.assert(StatusCode::OK);
        assert_eq!(api.get("alice", &path).await.json::<Value>()["protocol"], text.as_str());
    }
}

on_both! {
    async fn every_field_that_may_change_does(api: Api) {
        for name in ["c", "d"] {
            api.post("admin", "/categories", &json!({"name": name})).await.assert(StatusCode::CREATED);
        }
        let id = api.create("alice", json!({"tags": ["a"], "categories": ["c"], "summary": "s"})).await;
        let path = format!("/items/{id}");
        let whole = json!({
            "name": "whole", "type": "data", "source": "pai", "isPublic": false, "isPrivate": false,
            "groupList": ["default", "vision"], "dataType": "blob", "dataUrl": "https://example.com/x",
            "license": "CC-BY-4.0", "useBlob": true,
            "categories": ["d"], "tags": ["b", "Ä"], "summary": "other", "description": "# ü\r\n漢 😀\n",
            "protocol": format!("# other\n{PROTOCOL}"),
        });
        let steps = [
            whole.clone(),
            json!({"type": "old", "source": "marketplace", "dataType": "github", "useBlob": false, "tags": [], "categories": []}),
            json!({"dataType": null, "dataUrl": null, "summary": null, "description": null}),
            whole,
        ];
        for changes in steps {
            let before: Value = api.get("alice", &path).await.json();
            api.put("alice", &path, &changes).await.assert(StatusCode::OK);
            let after: Value = api.get("alice", &path).await.json();
            for (field, value) in after.as_object().unwrap() {
                if let Some(wanted) = changes.get(field) {
                    assert_eq!(value, wanted, "{field}");
                } else if field == "version" {
                    assert_eq!(value, 2, "one other protocol");
                } else if !matches!(field.as_str(), "updatedAt" | "ItemTags" | "ItemCategories") {
                    assert_eq!(value, &before[field], "{field} was not mentioned");
                }
            }
            let listed: Vec<Value> = api.get("alice", "/items?author=alice").await.json();
            assert_eq!(listed, [after]);
        }
    }
}

on_both! {
    /// For admins too (docs/contract.md#3-the-api).
    async fn what_a_client_may_not_change_stays(api: Api) {
        let id = api.create("alice", json!({"tags": ["a"]})).await;
        let path = format!("/items/{id}");
        api.put("bob", &format!("{path}/star"), &Value::Null).await.assert(StatusCode::OK);
        api.post("bob", &format!("{path}/use"), &Value::Null).await.assert(StatusCode::OK);
        for user in ["alice", "admin"] {
            let before: Value = api.get(user, &path).await.json();
            assert_eq!((&before["starNumber"], &before["useNumber"]), (&json!(1), &json!(1)));
            let time = "2001-01-01T00:00:00.000Z";
            api.put(user, &path, &json!({
                "name": format!("changed by {user}"), "id": "other", "createdAt": time, "updatedAt": time, "useNumber": 9,
                "starNumber": 9, "starred": true, "protocolValid": false, "ItemTags": [], "ItemCategories": [{"id": "x"}],
            })).await.assert(StatusCode::OK);
            let after: Value = api.get(user, &path).await.json();
            for (field, value) in after.as_object().unwrap() {
                if !matches!(field.as_str(), "name" | "updatedAt") {
                    assert_eq!(value, &before[field], "{field}");
                }
            }
            assert!(after["updatedAt"].as_str() >= before["updatedAt"].as_str());
        }
        api.get("admin", "/items/other").await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    /// Items without one are answered as they were before there was such a field.
    async fn a_license_is_optional(api: Api) {
        let id = api.create("alice", json!({"type": "template", "license": " "})).await;
        let path = format!("/items/{id}");
        let mut tag = String::new();
        for (given, kept) in [
            (json!(" MIT "), Some("MIT")),
            (json!("Only for research; ask 爱丽丝."), Some("Only for research; ask 爱丽丝.")),
            (json!(""), None),
            (json!("MIT"), Some("MIT")),
            (Value::Null, None),
        ] {
            api.put("alice", &path, &json!({"license": given})).await.assert(StatusCode::OK);
            let answer = api.get("bob", &path).await;
            let item: Value = answer.json();
            assert_eq!(item.get("license"), kept.map(Value::from).as_ref(), "{given}");
            let new_tag = answer.header("etag").to_owned();
            assert_ne!(new_tag, tag, "{given}");
            tag = new_tag;
            for query in ["", "?fields=summary"] {
                let listed: Vec<Value> = api.get("bob", &format!("/items{query}")).await.json();
                assert_eq!(listed[0].get("license"), item.get("license"), "{given} {query}");
            }
        }
        let lines: Vec<Value> = api.get("admin", &format!("/audit?item={id}&action=update")).await.json();
        assert_eq!(lines.len(), 5);
        assert!(lines.iter().all(|line| line["details"] == json!(["license"])), "{lines:?}");
        let long = json!({"license": "x".repeat(256)});
        api.put("alice", &path, &long).await.assert_text(StatusCode::BAD_REQUEST, "`license` is 256");
    }
}
