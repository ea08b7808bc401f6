//! `GET /items` with keywords, orders and pages, and `GET /items/facets`.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, on_both};

/// The address behind `rel` in the header `Link`.
fn linked(link: &str, rel: &str) -> Option<String> {
    let wanted = format!("; rel=\"{rel}\"");
    link.split(", ").find_map(|part| {
        let address = part.strip_suffix(&wanted)?;
        Some(address.strip_prefix('<')?.strip_suffix('>')?.to_owned())
    })
}

/// Everything that following the next pages from `query` on leads to.
async fn walk(api: &Api, user: &str, query: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = Some(query.to_owned());
    while let Some(query) = next {
        let answer = api.get(user, &format!("/items{query}")).await;
        answer.assert(StatusCode::OK);
        let items: Vec<Value> = answer.json();
        assert!(!items.is_empty(), "{query}");
        names.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        next = linked(answer.header("link"), "next");
    }
    names
}

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
            assert_eq!(facets["author"], json!([{"value": "alice", "count": 1}]), "{slip}");
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
    async fn pages_are_complete_and_never_overlap(api: Api) {
        for n in 0..7 {
            api.create("alice", json!({"name": format!("n{}", n * 5 % 7), "tags": ["t"], "isPrivate": n == 3})).await;
        }
        let hidden = "n1"; // 3 * 5 % 7
        for sort in ["-createdAt", "-updatedAt", "name", "-starNumber", "-useNumber", "relevance"] {
            for filter in ["author=alice", "keyword=alice", "tag=t"] {
                let all = api.names("bob", &format!("?{filter}&sort={sort}")).await;
                assert_eq!(all.len(), 6, "{sort}");
                assert!(!all.contains(&hidden.to_owned()));
                for limit in [1, 2, 4, 6, 500] {
                    let paged = walk(&api, "bob", &format!("?{filter}&sort={sort}&limit={limit}")).await;
                    assert_eq!(paged, all, "{filter} {sort} {limit}");
                }
            }
        }
        let names = api.names("bob", "?author=alice&sort=name").await;
        assert_eq!(names, ["n0", "n2", "n3", "n4", "n5", "n6"]);
    }
}

on_both! {
    async fn headers_tell_where_the_pages_are(api: Api) {
        for n in 0..5 {
            api.create("alice", json!({"name": format!("x y{n}")})).await;
        }
        api.create("alice", json!({"name": "x y secret", "isPrivate": true})).await;
        let get = async |query: &str| api.get("bob", &format!("/items{query}")).await;

        let all = get("?author=alice").await;
        assert_eq!((all.header("x-total-count"), all.header("link")), ("5", ""));

        let query = "?keyword=x%20y&author=alice&limit=2";
        let first = get(query).await;
        assert_eq!(first.header("x-total-count"), "5");
        assert_eq!(
            first.header("link"),
            "<?keyword=x%20y&author=alice&limit=2&offset=0>; rel=\"first\", <?keyword=x%20y&author=alice&limit=2&offset=2>; rel=\"next\", \
             <?keyword=x%20y&author=alice&limit=2&offset=4>; rel=\"last\"",
        );
        let middle = get(&format!("{query}&offset=2")).await;
        assert_eq!(linked(middle.header("link"), "prev").unwrap(), "?keyword=x%20y&author=alice&limit=2&offset=0");
        let last = get(&linked(first.header("link"), "last").unwrap()).await;
        assert_eq!(last.json::<Vec<Value>>().len(), 1);
        assert_eq!(linked(last.header("link"), "next"), None);
        let beyond = get(&format!("{query}&offset=99")).await;
        assert_eq!(beyond.json::<Vec<Value>>().len(), 0);
        assert_eq!(beyond.header("x-total-count"), "5");
        assert_eq!(linked(beyond.header("link"), "prev").unwrap(), "?keyword=x%20y&author=alice&limit=2&offset=4");
        let none = get("?author=nobody&limit=2").await;
        assert_eq!(none.header("x-total-count"), "0");
        assert_eq!(linked(none.header("link"), "last").unwrap(), "?author=nobody&limit=2&offset=0");
        let rest = get("?author=alice&offset=3").await;
        assert_eq!(rest.json::<Vec<Value>>().len(), 2);
        assert_eq!(rest.header("x-total-count"), "5");
    }
}

on_both! {
    async fn bad_pages_are_refused_by_name(api: Api) {
        for (query, part) in [
            ("limit=0", "`limit`"), ("limit=501", "`limit`"), ("limit=-1", "`limit`"), ("limit=x", "`limit`"),
            ("limit=1.5", "`limit`"), ("offset=-1", "`offset`"), ("offset=x", "`offset`"),
            ("offset=99999999999999999999", "`offset`"), ("sort=stars", "`sort`"), ("sort=createdAt", "`sort`"),
        ] {
            let answer = api.get("alice", &format!("/items?{query}")).await;
            answer.assert_text(StatusCode::BAD_REQUEST, part);
        }
        api.get("alice", "/items/facets?type=job").await.assert_text(StatusCode::BAD_REQUEST, "`type`");
        api.get("alice", "/items?limit=&offset=&sort=").await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn facets_count_what_the_caller_may_see(api: Api) {
        api.create("alice", json!({"name": "1", "tags": ["x", "y"], "type": "data"})).await;
        api.create("alice", json!({"name": "2", "tags": ["x"], "isPrivate": true})).await;
        api.create("alice", json!({"name": "3", "tags": ["z"], "groupList": ["vision"]})).await;
        api.create("bob", json!({"name": "4", "tags": ["x"]})).await;
        let facets = async |user: &str, query: &str| {
            let answer = api.get(user, &format!("/items/facets?{query}")).await;
            answer.assert(StatusCode::OK);
            answer.json::<Value>()
        };
        let values = |facet: &Value| {
            let all = facet.as_array().unwrap().iter();
            all.map(|v| format!("{}={}", v["value"].as_str().unwrap(), v["count"])).collect::<Vec<_>>().join(" ")
        };

        let mine = facets("alice", "author=alice").await;
        assert_eq!(values(&mine["type"]), "template=2 data=1");
        assert_eq!(values(&mine["tag"]), "x=2 y=1 z=1");
        assert_eq!(values(&mine["visibility"]), "private=1 protected=1 public=1");
        let member = facets("carol", "author=alice").await;
        assert_eq!(values(&member["visibility"]), "protected=1 public=1");
        let stranger = facets("bob", "tag=x").await;
        assert_eq!(values(&stranger["author"]), "alice=1 bob=1");
        assert_eq!(values(&stranger["tag"]), "x=2 y=1");
        assert_eq!(values(&stranger["visibility"]), "public=2");
        let found = facets("bob", "keyword=y&type=data&author=alice").await;
        assert_eq!(values(&found["tag"]), "x=1 y=1");
        assert_eq!(values(&facets("admin", "").await["category"]).split('=').next(), Some("official example"));
        assert_eq!(values(&facets("bob", "keyword=nothing&author=alice").await["type"]), "");
        api.get("", "/items/facets").await.assert(StatusCode::UNAUTHORIZED);
    }
}

on_both! {
    async fn a_facet_holds_a_hundred_values_at_most(api: Api) {
        let tags: Vec<String> = (0..120).map(|n| format!("t{n:03}")).collect();
        for tags in tags.chunks(60) {
            api.create("alice", json!({"tags": tags})).await;
        }
        api.create("alice", json!({"tags": ["t119"]})).await;
        let facets: Value = api.get("bob", "/items/facets?author=alice").await.json();
        let tags = facets["tag"].as_array().unwrap();
        assert_eq!(tags.len(), 100);
        assert_eq!(tags[0], json!({"value": "t119", "count": 2}));
        assert_eq!(tags[1], json!({"value": "t000", "count": 1}));
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

on_both! {
    async fn a_page_is_counted_as_things_are_now(api: Api) {
        let total = async |query: &str| {
            let page = api.get("bob", &format!("/items?author=alice&limit=1{query}")).await;
            page.header("x-total-count").to_owned()
        };
        let first = api.create("alice", json!({"name": "blue whale", "tags": ["sea"]})).await;
        api.create("alice", json!({"name": "grey whale"})).await;
        // Twice each: the second time the server remembers.
        for _ in 0..2 {
            assert_eq!(total("").await, "2");
            assert_eq!(total("&keyword=whale").await, "2");
            assert_eq!(total("&isPublic=true").await, "2");
        }
        api.create("alice", json!({"name": "white whale", "tags": ["sea"]})).await;
        for _ in 0..2 {
            assert_eq!(total("").await, "3");
            assert_eq!(total("&keyword=whale").await, "3");
            assert_eq!(total("&tag=sea").await, "2");
        }
        let hidden = json!({"isPrivate": true});
        api.put("alice", &format!("/items/{first}"), &hidden).await.assert(StatusCode::OK);
        assert_eq!(total("").await, "2");
        assert_eq!(total("&keyword=whale").await, "2");
        let page = api.get("alice", "/items?author=alice&limit=1").await;
        assert_eq!(page.header("x-total-count"), "3");
        api.delete("alice", &format!("/items/{first}")).await.assert(StatusCode::OK);
        let page = api.get("alice", "/items?author=alice&limit=1").await;
        assert_eq!(page.header("x-total-count"), "2");
    }
}
