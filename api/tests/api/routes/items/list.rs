//! `GET /items` with filters.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::on_both;

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
    /// Whatever the filter, an item comes with all of its tags
    /// (docs/contract.md#filters: differs).
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
