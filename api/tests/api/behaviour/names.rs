//! Names: what they may hold, those with commas, and those that are somebody else's.

use poem::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{connect, new_item, on_both};

const UNREADABLE: [(&str, &str); 5] = [
    ("\u{200b}\u{200d}", "can be seen"),
    ("\u{3164}", "can be seen"),
    ("a\u{202e}b", "U+202E"),
    ("a\u{2067}b", "U+2067"),
    ("a\u{7}b", "U+0007"),
];

on_both! {
    async fn names_that_nobody_can_read_are_refused(api: Api) {
        let id = api.create("alice", json!({})).await;
        let item = format!("/items/{id}");
        for (name, part) in UNREADABLE {
            for body in [json!({"name": name}), json!({"tags": ["good", name]}), json!({"groupList": [name]})] {
                let answer = api.post("alice", "/items", &new_item("alice", body.clone())).await;
                answer.assert_text(StatusCode::BAD_REQUEST, part);
                api.put("alice", &item, &body).await.assert_text(StatusCode::BAD_REQUEST, part);
            }
            for path in ["/tags", "/categories"] {
                let answer = api.post("admin", path, &json!({"name": name})).await;
                answer.assert_text(StatusCode::BAD_REQUEST, part);
            }
        }
        let family = "👩\u{200d}👩\u{200d}👧 می\u{200c}خواهم";
        api.create("alice", json!({"name": family, "tags": [family]})).await;
        assert_eq!(api.names("alice", "?author=alice").await, [family, "item"]);
    }
}

on_both! {
    async fn rows_with_such_names_still_work(api: Api) {
        let id = api.create("alice", json!({"tags": ["t"], "groupList": ["vision"]})).await;
        let item = format!("/items/{id}");
        let made: Value = api.post("admin", "/categories", &json!({"name": "c"})).await.json();
        let category = format!("/categories/{}", made["id"].as_str().unwrap());
        let db = connect(&api.database).await;
        db.execute_unprepared("UPDATE items SET name = 'a\u{202e}b' WHERE author = 'alice'").await.unwrap();
        db.execute_unprepared("UPDATE tags SET name = '\u{200b}' WHERE name = 't'").await.unwrap();
        db.execute_unprepared("UPDATE categories SET name = '\u{3164}' WHERE name = 'c'").await.unwrap();
        db.close().await.unwrap();

        let old: Value = api.get("alice", &item).await.json();
        assert_eq!(old["name"], "a\u{202e}b");
        let mut back = old.clone();
        back["summary"] = json!("new");
        // As the row's copy of its relations has it.
        api.put("alice", &item, &back).await.assert(StatusCode::OK);
        assert_eq!(api.get("alice", &item).await.json::<Value>()["summary"], "new");

        for (list, who) in [("/tags", "admin"), ("/categories", "admin")] {
            let all: Vec<Value> = api.get(who, list).await.json();
            let bad = all.iter().find(|one| ["\u{200b}", "\u{3164}"].map(Value::from).contains(&one["name"])).unwrap();
            let one = format!("{list}/{}", bad["id"].as_str().unwrap());
            let mut back = bad.clone();
            back["description"] = json!("new");
            api.put(who, &one, &back).await.assert(StatusCode::OK);
            back["name"] = json!("\u{2800}");
            api.put(who, &one, &back).await.assert_text(StatusCode::BAD_REQUEST, "can be seen");
        }
        assert_eq!(api.get("alice", &category).await.json::<Value>()["description"], "new");
    }
}

on_both! {
    async fn a_name_with_a_comma_can_be_asked_for(api: Api) {
        for category in ["x", "x,y"] {
            api.post("admin", "/categories", &json!({"name": category})).await.assert(StatusCode::CREATED);
        }
        for (name, tags, categories) in [
            ("1", json!(["a,b"]), json!(["x,y"])),
            ("2", json!(["a", "b"]), json!(["x"])),
            ("3", json!(["a,b", "c"]), json!(["x", "x,y"])),
        ] {
            api.create("alice", json!({"name": name, "tags": tags, "categories": categories})).await;
        }
        for (query, expected) in [
            // As before: once, and separated by commas.
            ("tag=a,b", &["2"][..]),
            ("tag=%20a%20,", &["2"]),
            ("tag=", &["3", "2", "1"]),
            // Several times: each is one name.
            ("tag=a,b&tag=c", &["3"]),
            ("tag=a%2Cb&tag=", &["3", "1"]),
            ("tag=a&tag=b", &["2"]),
            ("tag=a&tag=nothing", &[]),
            ("category=x,y", &[]),
            ("category=x,y&category=x", &["3"]),
            ("category=x,y&category=", &["3", "1"]),
            ("category=x,y&category=x&tag=c&tag=a,b", &["3"]),
        ] {
            assert_eq!(api.names("alice", &format!("?author=alice&{query}")).await, expected, "{query}");
            let facets: Value = api.get("alice", &format!("/items/facets?author=alice&{query}")).await.json();
            let count: u64 = facets["type"].as_array().unwrap().iter().map(|value| value["count"].as_u64().unwrap()).sum();
            assert_eq!(count, expected.len() as u64, "{query}: {facets}");
        }
        let page = api.get("alice", "/items?tag=a,b&tag=&limit=1&offset=0").await;
        assert_eq!(page.header("x-total-count"), "2");
        let next = "<?tag=a,b&tag=&limit=1&offset=1>; rel=\"next\"";
        assert!(page.header("link").contains(next), "{}", page.header("link"));
        let many = "tag=t&".repeat(101);
        api.get("alice", &format!("/items?{many}")).await.assert_text(StatusCode::BAD_REQUEST, "tag");
    }
}

on_both! {
    /// "Save template" of the portal gives a copy the official's name: it may be kept,
    /// and nobody takes it for the official one.
    async fn what_looks_official_and_is_not_is_marked(api: Api) {
        let officials: Vec<Value> = api.get("alice", "/items?category=official%20example").await.json();
        let official = &officials[0];
        assert!(officials.iter().all(|item| item.get("resemblesOfficial").is_none()));
        let name = official["name"].as_str().unwrap();
        let spoofed = format!("{}\u{200b}", name.replace('o', "\u{43e}").replace('a', "\u{430}"));
        assert_ne!(spoofed.len(), name.len() + 3, "{name} has an o or an a");
        for (name, marked) in [(name, true), (&*name.to_uppercase(), true), (&*spoofed, true), ("another", false)] {
            let id = api.create("alice", json!({"name": name, "source": "pai"})).await;
            let answer = api.get("bob", &format!("/items/{id}")).await;
            let item: Value = answer.json();
            let expected = marked.then_some(Value::Bool(true));
            assert_eq!(item.get("resemblesOfficial"), expected.as_ref(), "{name}");
            let list: Vec<Value> = api.get("bob", "/items?author=alice&fields=summary").await.json();
            let listed = list.iter().find(|item| item["id"] == id).unwrap();
            assert_eq!(listed.get("resemblesOfficial"), expected.as_ref(), "{name}");
            // The mark is nobody's change.
            let etag = answer.header("etag");
            let request = api.request(poem::http::Method::PUT, &format!("/items/{id}")).header("if-match", etag);
            let token = format!("Bearer {}", api.openpai.token("alice"));
            request.header("authorization", token).body_json(&item).send().await.assert_status(StatusCode::OK);
        }
    }
}
