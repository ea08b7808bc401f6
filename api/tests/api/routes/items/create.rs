//! `POST /items`.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{PROTOCOL, new_item, on_both};

on_both! {
    /// The portal's "Save template" and "My templates" (docs/contract.md#1-the-portal-and-pluginjs).
    async fn the_portal_saves_and_finds_a_template(api: Api) {
        let saved = api.post("alice", "/items", &json!({
            "name": "mine", "summary": "s", "description": "d", "protocol": PROTOCOL, "source": "pai",
            "type": "template", "isPrivate": true, "isPublic": false, "author": "alice", "groupList": [],
        })).await;
        saved.assert(StatusCode::CREATED);
        let id = saved.json::<Value>()["id"].as_str().unwrap().to_owned();

        for query in ["?author=alice&source=pai", "?author=alice&isPrivate=true"] {
            let found: Vec<Value> = api.get("alice", &format!("/items{query}")).await.json();
            assert_eq!(found.len(), 1, "{query}");
            assert_eq!(found[0]["id"], id.as_str());
            assert_eq!(found[0]["protocol"], PROTOCOL);
        }
        assert!(api.names("bob", "?author=alice&source=pai").await.is_empty());
    }
}

on_both! {
    async fn bad_items_are_refused_with_the_reason(api: Api) {
        let long = "x".repeat(256);
        let cases = [
            (json!({"author": null}), StatusCode::BAD_REQUEST, "`author`"),
            (json!({"author": ""}), StatusCode::BAD_REQUEST, "`author`"),
            (json!({"author": "bob"}), StatusCode::FORBIDDEN, "`author`"),
            (json!({"protocol": null}), StatusCode::BAD_REQUEST, "`protocol`"),
            (json!({"protocol": "  "}), StatusCode::BAD_REQUEST, "`protocol`"),
            (json!({"protocol": "name: x"}), StatusCode::BAD_REQUEST, "line 1"),
            (json!({"protocol": 7}), StatusCode::BAD_REQUEST, "`protocol`"),
            (json!({"name": long}), StatusCode::BAD_REQUEST, "`name` is 256"),
            (json!({"summary": long}), StatusCode::BAD_REQUEST, "`summary`"),
            (json!({"tags": [long]}), StatusCode::BAD_REQUEST, "`tags`"),
            (json!({"tags": [""]}), StatusCode::BAD_REQUEST, "`tags`"),
            (json!({"type": "job"}), StatusCode::BAD_REQUEST, "`type`"),
            (json!({"isPublic": "yes"}), StatusCode::BAD_REQUEST, "`isPublic`"),
            (json!({"groupList": "vision"}), StatusCode::BAD_REQUEST, "`groupList`"),
            (json!({"groupList": [1]}), StatusCode::BAD_REQUEST, "`groupList[0]`"),
            (json!({"categories": ["nowhere"]}), StatusCode::BAD_REQUEST, "nowhere"),
            (json!({"categories": ["official example"]}), StatusCode::FORBIDDEN, "admins"),
            (json!({"summary": "a\u{0}b"}), StatusCode::BAD_REQUEST, "NUL"),
        ];
        for (fields, status, part) in cases {
            let answer = api.post("alice", "/items", &new_item("alice", fields.clone())).await;
            assert!(answer.body.contains(part), "{fields}: {}", answer.body);
            answer.assert_text(status, part);
        }
        assert!(api.names("alice", "").await.is_empty(), "nothing half-done is left behind");
    }
}

on_both! {
    /// A client may not set these (docs/contract.md#3-the-api); one that sends back
    /// what it got is not refused.
    async fn what_a_client_may_not_set_is_ignored(api: Api) {
        let id = api.create("alice", json!({
            "id": "mine", "createdAt": "2001-01-01T00:00:00.000Z", "updatedAt": "x", "useNumber": 9, "starNumber": 9,
            "status": "rejected", "unknown": {"field": 1},
        })).await;
        assert_ne!(id, "mine");
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!((&item["useNumber"], &item["starNumber"]), (&json!(0), &json!(0)));
        assert_eq!(item["status"], "approved");
        assert!(item["createdAt"].as_str().unwrap() > "2020");
        let id = api.create("admin", json!({"status": "rejected"})).await;
        let item: Value = api.get("admin", &format!("/items/{id}")).await.json();
        assert_eq!(item["status"], "rejected");
    }
}

on_both! {
    async fn visibility_is_made_consistent(api: Api) {
        let cases = [
            (json!({}), (true, false, json!([]))),
            (json!({"isPrivate": true, "isPublic": true, "groupList": ["vision"]}), (false, true, json!([]))),
            (json!({"isPublic": true, "groupList": ["vision"]}), (true, false, json!([]))),
            (json!({"isPublic": false, "isPrivate": false, "groupList": ["vision"]}), (false, false, json!(["vision"]))),
            (json!({"groupList": ["vision"]}), (false, false, json!(["vision"]))),
            (json!({"isPublic": null, "isPrivate": null, "groupList": null}), (true, false, json!([]))),
        ];
        for (fields, (is_public, is_private, groups)) in cases {
            let id = api.create("alice", fields.clone()).await;
            let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
            assert_eq!(item["isPublic"], is_public, "{fields}");
            assert_eq!(item["isPrivate"], is_private, "{fields}");
            assert_eq!(item["groupList"], groups, "{fields}");
        }
    }
}

on_both! {
    async fn a_name_comes_from_the_protocol_if_not_given(api: Api) {
        let id = api.create("alice", json!({"name": null})).await;
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!(item["name"], "smoke");
    }
}

on_both! {
    async fn every_field_that_a_client_sets_is_kept(api: Api) {
        api.post("admin", "/categories", &json!({"name": "c"})).await.assert(StatusCode::CREATED);
        let fields = json!({
            "name": "whole", "author": "alice", "type": "data", "source": "pai", "isPublic": false, "isPrivate": false,
            "groupList": ["default", "vision"], "dataType": "github", "dataUrl": "https://example.com/x?y=1",
            "license": "CC-BY-4.0", "useBlob": true,
            "categories": ["c"], "tags": ["a", "Ä"], "summary": "a\tb 漢 '; --", "description": "# ü\r\n漢 😀\n",
            "protocol": format!("# kept\n{PROTOCOL}"),
        });
        let id = api.create("alice", fields.clone()).await;
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        for (field, value) in fields.as_object().unwrap() {
            assert_eq!(&item[field], value, "{field}");
        }
        let listed: Vec<Value> = api.get("alice", "/items?author=alice").await.json();
        assert_eq!(listed, [item]);
        for kind in ["template", "data", "old"] {
            api.create("alice", json!({"name": kind, "type": kind})).await;
            assert_eq!(api.names("bob", &format!("?author=alice&isPublic=true&type={kind}")).await, [kind]);
        }
    }
}

on_both! {
    /// Ids are the server's to give: one that exists is not written over.
    async fn an_id_that_exists_is_not_taken_from_a_client(api: Api) {
        let id = api.create("alice", json!({"name": "first"})).await;
        let other = api.create("bob", json!({"name": "second", "id": id})).await;
        assert_ne!(other, id);
        let first: Value = api.get("bob", &format!("/items/{id}")).await.json();
        assert_eq!((&first["name"], &first["author"]), (&json!("first"), &json!("alice")));
    }
}

on_both! {
    async fn names_said_twice_count_once(api: Api) {
        api.post("admin", "/categories", &json!({"name": "c"})).await.assert(StatusCode::CREATED);
        let twice = json!({"tags": ["a", "b", "a"], "categories": ["c", "c"], "groupList": ["default", "default"], "isPublic": false});
        let ids = [api.create("alice", twice.clone()).await, api.create("alice", json!({})).await];
        api.put("alice", &format!("/items/{}", ids[1]), &twice).await.assert(StatusCode::OK);
        for id in ids {
            let item: Value = api.get("bob", &format!("/items/{id}")).await.json();
            assert_eq!((&item["tags"], &item["categories"]), (&json!(["a", "b"]), &json!(["c"])));
            assert_eq!((&item["groupList"], item["ItemTags"].as_array().unwrap().len()), (&json!(["default"]), 2));
        }
    }
}

on_both! {
    async fn official_templates_are_told_from_all_others(api: Api) {
        api.create("alice", json!({"name": "of alice"})).await;
        let ids = async |query: &str| -> Vec<String> {
            let items: Vec<Value> = api.get("bob", &format!("/items{query}")).await.json();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        let official = ids("?official=true").await;
        assert!(!official.is_empty());
        assert_eq!(official, ids("?category=official%20example").await);
        let others = ids("?official=false").await;
        assert!(!others.is_empty() && others.iter().all(|id| !official.contains(id)));
        assert_eq!(ids("").await.len(), official.len() + others.len());
        assert_eq!(api.names("bob", "?official=false&limit=3&keyword=alice").await, ["of alice"]);
        api.get("bob", "/items?official=1").await.assert_text(StatusCode::BAD_REQUEST, "`official`");
    }
}
