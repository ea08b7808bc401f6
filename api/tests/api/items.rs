//! `/items`: lists and new items.

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
    async fn filters_all_have_to_hold(api: Api) {
        api.create("alice", json!({"name": "one", "tags": ["x", "y"], "summary": "100% of_it", "type": "data"})).await;
        api.create("alice", json!({"name": "two", "tags": ["x"], "description": "Größe", "source": "pai"})).await;
        api.create("bob", json!({"name": "three", "tags": ["y"], "isPrivate": true})).await;
        api.put("admin", "/items/nothing", &json!({})).await.assert(StatusCode::NOT_FOUND);

        let cases: &[(&str, &str, &[&str])] = &[
            ("alice", "", &["two", "one"]),
            ("alice", "?type=all", &["two", "one"]),
            ("alice", "?type=data", &["one"]),
            ("alice", "?type=", &["two", "one"]),
            ("alice", "?type=old", &[]),
            ("alice", "?name=two", &["two"]),
            ("alice", "?name=tw", &[]),
            ("alice", "?name=TWO", &[]),
            ("alice", "?name=%25", &[]),
            ("alice", "?author=alice", &["two", "one"]),
            ("alice", "?author=ali", &[]),
            ("alice", "?author=bob", &[]),
            ("alice", "?source=pai", &["two"]),
            ("alice", "?source=marketplace", &["one"]),
            ("alice", "?tag=x", &["two", "one"]),
            ("alice", "?tag=x,y", &["one"]),
            ("alice", "?tag=x%2C%20y", &["one"]),
            ("alice", "?tag=x,nothing", &[]),
            ("alice", "?tag=X", &["two", "one"]),
            ("alice", "?tag=x&type=data&author=alice", &["one"]),
            ("alice", "?category=nothing", &[]),
            ("alice", "?isPrivate=true", &[]),
            ("bob", "?isPrivate=true", &["three"]),
            ("bob", "?isPrivate=false", &["two", "one"]),
            ("bob", "?isPublic=true", &["two", "one"]),
            ("bob", "?isPublic=false", &["three"]),
            ("bob", "?author=bob&isPublic=true", &[]),
            // Keywords: any case, every field, wildcards are plain characters.
            ("alice", "?keyword=ONE", &["one"]),
            ("alice", "?keyword=gr%C3%96SSE", &[]),
            ("alice", "?keyword=GR%C3%96%C3%9FE", &["two"]),
            ("alice", "?keyword=100%25", &["one"]),
            ("alice", "?keyword=%25", &["one"]),
            ("alice", "?keyword=_", &["one"]),
            ("alice", "?keyword=%5C", &[]),
            ("alice", "?keyword='", &[]),
            ("bob", "?keyword=Y&author=bob", &["three"]),
            ("alice", "?keyword=y&author=bob", &[]),
            ("alice", "?keyword=alic&tag=y", &["one"]),
        ];
        for (user, query, names) in cases {
            assert_eq!(api.names(user, query).await, *names, "{user} {query}");
        }
    }
}

on_both! {
    async fn unknown_words_in_a_query_are_refused(api: Api) {
        for (query, part) in [
            ("?type=job", "`type`"),
            ("?source=other", "`source`"),
            ("?isPublic=yes", "`isPublic`"),
            ("?fields=all", "`fields`"),
            ("?keyword=%00", "NUL"),
        ] {
            let answer = api.get("alice", &format!("/items{query}")).await;
            answer.assert_text(StatusCode::BAD_REQUEST, part);
        }
    }
}

on_both! {
    /// Whatever the filter, an item comes with all of its tags (contract,
    /// section 3: change).
    async fn a_filter_does_not_hide_other_tags(api: Api) {
        for name in ["c", "d"] {
            api.post("admin", "/categories", &json!({"name": name})).await.assert(StatusCode::CREATED);
        }
        let id = api.create("alice", json!({"tags": ["x", "y"], "categories": ["c", "d"]})).await;
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        for (names, refs, wanted) in [("tags", "ItemTags", ["x", "y"]), ("categories", "ItemCategories", ["c", "d"])] {
            let of_refs: Vec<&Value> = item[refs].as_array().unwrap().iter().map(|found| &found["name"]).collect();
            assert_eq!((&item[names], of_refs), (&json!(wanted), wanted.map(|name| json!(name)).iter().collect()));
        }
        for query in ["?tag=x", "?tag=y,x", "?category=d", "?category=c,d&tag=y", "?keyword=x%20alice", "?tag=x&limit=1"] {
            let items: Vec<Value> = api.get("alice", &format!("/items{query}")).await.json();
            assert_eq!(items, std::slice::from_ref(&item), "{query}");
        }
    }
}

on_both! {
    async fn all_categories_of_a_filter_have_to_hold(api: Api) {
        for name in ["c", "d"] {
            api.post("admin", "/categories", &json!({"name": name})).await.assert(StatusCode::CREATED);
        }
        api.create("alice", json!({"name": "one", "categories": ["c"]})).await;
        api.create("alice", json!({"name": "two", "categories": ["d", "c"]})).await;
        for (query, names) in [
            ("c", &["two", "one"][..]), ("d", &["two"]), ("c,d", &["two"]), ("%20d%20,,c,", &["two"]), ("c,nothing", &[]),
            ("C", &[]),
        ] {
            assert_eq!(api.names("bob", &format!("?category={query}")).await, names, "{query}");
        }
    }
}

on_both! {
    async fn a_summary_leaves_out_what_is_large(api: Api) {
        api.create("alice", json!({"description": "long"})).await;
        let items: Vec<Value> = api.get("alice", "/items?author=alice&fields=summary").await.json();
        assert_eq!(items[0]["description"], Value::Null);
        assert_eq!(items[0].get("protocol"), None);
        assert_eq!(items[0]["name"], "item");
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
            "groupList": ["default", "vision"], "dataType": "github", "dataUrl": "https://example.com/x?y=1", "useBlob": true,
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
