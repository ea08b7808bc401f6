//! `GET /items` with keywords.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, on_both};

/// The names of what bob finds by a keyword as he types it.
async fn found(api: &Api, keyword: &str) -> Vec<String> {
    let keyword = utf8_percent_encode(keyword, NON_ALPHANUMERIC);
    api.names("bob", &format!("?keyword={keyword}")).await
}

on_both! {
    async fn a_better_place_ranks_higher(api: Api) {
        api.create("alice", json!({"name": "FALCON first"})).await;
        api.create("alice", json!({"name": "e", "description": "all about Falcon"})).await;
        api.create("alice", json!({"name": "d", "summary": "falcon for you"})).await;
        api.create("alice", json!({"name": "c", "tags": ["Falcon-7"]})).await;
        api.create("alice", json!({"name": "my falcon"})).await;
        api.create("alice", json!({"name": "other"})).await;

        let ranked = ["FALCON first", "my falcon", "c", "d", "e"];
        assert_eq!(api.names("bob", "?keyword=falcon&sort=relevance").await, ranked);
        assert_eq!(api.names("bob", "?keyword=falcon&limit=9").await, ranked);
        // A prefix does as well, in any case.
        assert_eq!(api.names("bob", "?keyword=FALC&sort=relevance").await, ranked);
        // Old clients get the newest first.
        let newest = ["my falcon", "c", "d", "e", "FALCON first"];
        assert_eq!(api.names("bob", "?keyword=falcon").await, newest);
        assert_eq!(api.names("bob", "?keyword=falcon&limit=9&sort=-createdAt").await, newest);
        assert_eq!(api.names("bob", "?keyword=falcon&limit=2&offset=1").await, ranked[1..3]);
    }
}

on_both! {
    async fn words_may_stand_in_different_places(api: Api) {
        api.create("alice", json!({"name": "ResNet", "tags": ["PyTorch"], "description": "on eight cards"})).await;
        api.create("alice", json!({"name": "ResNet", "tags": ["jax"]})).await;
        for (query, count) in [
            ("resnet", 2), ("pytorch%20resnet", 1), ("cards%20ytorc%20esne", 1), ("resnet%20nothing", 0),
            ("alice%20jax", 1), ("%20%20jax%20", 1), ("resnet%20bob", 0),
        ] {
            assert_eq!(api.names("bob", &format!("?keyword={query}")).await.len(), count, "{query}");
        }
    }
}

on_both! {
    async fn a_slip_is_forgiven_where_nothing_else_is_found(api: Api) {
        api.create("alice", json!({"name": "PyTorch training"})).await;
        api.create("alice", json!({"name": "hidden pytroch", "isPrivate": true})).await;
        for slip in ["pytroch", "pytorh", "pytorcch", "pytarch", "PYTROCH", "trainin", "tranning%20pytorch"] {
            let found = api.names("bob", &format!("?keyword={slip}")).await;
            assert_eq!(found, ["PyTorch training"], "{slip}");
            let facets: Value = api.get("bob", &format!("/items/facets?author=alice&keyword={slip}")).await.json();
            assert_eq!(facets["visibility"], json!([{"value": "public", "count": 1}]), "{slip}");
        }
        // What is there as it was written is all that is found.
        assert_eq!(api.names("alice", "?keyword=pytroch").await, ["hidden pytroch"]);
        // Two slips are too many, and short words stand for themselves.
        for other in ["pytrohc", "pyt0rch2", "tra1", "xyz"] {
            assert!(api.names("bob", &format!("?keyword={other}")).await.is_empty(), "{other}");
        }
    }
}

on_both! {
    async fn chinese_japanese_and_korean_are_found(api: Api) {
        api.create("alice", json!({"name": "zh", "summary": "使用机器学习平台训练ResNet模型"})).await;
        api.create("alice", json!({"name": "ja", "description": "音声認識のサンプル、ﾊﾝｶｸ"})).await;
        api.create("alice", json!({"name": "ko", "tags": ["한국어"], "summary": "이미지 분류를 위한 예제"})).await;
        for (keyword, name) in [
            ("机", "zh"), ("学习", "zh"), ("习平台", "zh"), ("练resnet模", "zh"), ("型", "zh"), ("机器 模型", "zh"),
            ("認識", "ja"), ("サンプル", "ja"), ("の", "ja"), ("ﾊﾝ", "ja"),
            ("국어", "ko"), ("분류", "ko"), ("를", "ko"), ("한국어 예제", "ko"),
        ] {
            assert_eq!(found(&api, keyword).await, [name], "{keyword}");
        }
        // Both characters are there, but not together.
        assert!(found(&api, "机学").await.is_empty());
    }
}

on_both! {
    async fn what_is_not_seen_only_separates(api: Api) {
        api.create("alice", json!({"name": "one two"})).await;
        api.create("alice", json!({"name": "three"})).await;
        for keyword in ["one\u{1}two", "\u{3}two\u{7f}", "one\ttwo"] {
            assert_eq!(found(&api, keyword).await, ["one two"], "{keyword:?}");
        }
    }
}

on_both! {
    async fn operators_are_plain_text(api: Api) {
        api.create("alice", json!({"name": "C++ & \"quotes\" 100% (a|b) !x NEAR(y) it's a_b\\c <-> :* -minus", "summary": "s"})).await;
        api.create("alice", json!({"name": "plain words", "summary": "c and a and b and x and y"})).await;
        for word in [
            "c++", "\"quotes\"", "100%", "(a|b)", "!x", "near(y)", "it's", "a_b\\c", "<->", ":*", "-minus", "%", "_",
            "\\", "'", "\"", "(", "&", "*", "|", "C++ 100%", "near(",
        ] {
            let found = found(&api, word).await;
            assert_eq!(found.len(), 1, "{word}: {found:?}");
            assert!(found[0].starts_with("C++"), "{word}");
        }
        for word in ["c--", "plain OR nothing", "pla*", "w.rds", "%words", "plain_words", "a&b"] {
            assert!(found(&api, word).await.is_empty(), "{word}");
        }
    }
}

on_both! {
    async fn the_index_follows_every_change(api: Api) {
        let id = api.create("alice", json!({"name": "before", "tags": ["wolf"]})).await;
        let path = format!("/items/{id}");
        let found = async |keyword: &str| !api.names("bob", &format!("?keyword={keyword}")).await.is_empty();
        assert!(found("before").await && found("wolf").await);

        api.put("alice", &path, &json!({"name": "after", "summary": "lion"})).await.assert(StatusCode::OK);
        assert!(!found("before").await && found("after").await && found("lion").await && found("wolf").await);

        let tags: Vec<Value> = api.get("alice", &format!("{path}/tag")).await.json();
        let wolf = tags[0]["id"].as_str().unwrap().to_owned();
        api.put("admin", &format!("/tags/{wolf}"), &json!({"name": "Bär", "color": "red"})).await.assert(StatusCode::OK);
        assert!(!found("wolf").await && found("B%C3%84R").await);
        let item: Value = api.get("bob", &path).await.json();
        assert_eq!(item["tags"], json!(["Bär"]));
        assert_eq!(item["ItemTags"], json!([{"id": wolf, "name": "Bär", "color": "red"}]));

        let owl = api.post("alice", "/tags", &json!({"name": "owl"})).await.json::<Value>()["id"].as_str().unwrap().to_owned();
        api.post("alice", &format!("{path}/tag/{owl}"), &json!({})).await.assert(StatusCode::OK);
        assert!(found("owl").await);
        api.delete("alice", &format!("{path}/tag/{owl}")).await.assert(StatusCode::OK);
        assert!(!found("owl").await);

        api.delete("admin", &format!("/tags/{wolf}")).await.assert(StatusCode::OK);
        assert!(!found("B%C3%84R").await && found("after").await);
        let item: Value = api.get("bob", &path).await.json();
        assert_eq!((&item["tags"], &item["ItemTags"]), (&json!([]), &json!([])));

        api.delete("alice", &path).await.assert(StatusCode::OK);
        assert!(!found("after").await && !found("lion").await);
    }
}

on_both! {
    async fn categories_follow_every_change(api: Api) {
        let answer = api.post("admin", "/categories", &json!({"name": "vision"})).await;
        let category = answer.json::<Value>()["id"].as_str().unwrap().to_owned();
        let id = api.create("alice", json!({"categories": ["vision"]})).await;
        let categories = async || api.get("bob", &format!("/items/{id}")).await.json::<Value>()["categories"].clone();
        assert_eq!(categories().await, json!(["vision"]));
        api.put("admin", &format!("/categories/{category}"), &json!({"name": "sight"})).await.assert(StatusCode::OK);
        assert_eq!(categories().await, json!(["sight"]));
        assert_eq!(api.names("bob", "?category=sight").await, ["item"]);
        api.delete("admin", &format!("/categories/{category}")).await.assert(StatusCode::OK);
        assert_eq!(categories().await, json!([]));
    }
}

on_both! {
    /// `keyword` is a part of name, author, summary, description or a tag, in
    /// any case (docs/contract.md#3-the-api): whatever else is found, that is.
    async fn every_part_of_a_text_finds_it(api: Api) {
        use proptest::strategy::{Strategy, ValueTree};
        use proptest::test_runner::TestRunner;

        let mut dice = TestRunner::deterministic();
        let mut draw = |pattern: &str| {
            let strategy = proptest::string::string_regex(pattern).unwrap();
            strategy.new_tree(&mut dice).unwrap().current()
        };
        let text = "([a-cA-C]{1,30}|[äΣß学習평]{1,3}|[%_'\"\\\\ .-]){1,8}";
        let mut parts = Vec::new();
        for number in 0..25 {
            let texts: Vec<String> = (0..4).map(|_| draw(text)).collect();
            let tag = format!("x{}", texts[3]);
            let id = api.create("alice", json!({
                "name": format!("x{}", texts[0]), "summary": texts[1], "description": texts[2], "tags": [tag],
            })).await;
            let text: Vec<char> = texts[number % 4].chars().collect();
            let (from, length) = (number % text.len(), 1 + number % 7);
            let part: String = text.iter().skip(from).take(length).collect();
            parts.push((id, part.to_uppercase().replace("SS", "ß")));
        }
        for (id, part) in parts {
            let keyword = utf8_percent_encode(&part, NON_ALPHANUMERIC);
            let answer = api.get("bob", &format!("/items?keyword={keyword}")).await;
            assert!(answer.body.contains(&id), "{part:?}");
        }
    }
}
