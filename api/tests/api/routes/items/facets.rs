//! `GET /items/facets`.

use std::collections::BTreeMap;

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::on_both;

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
        assert_eq!(values(&mine["visibility"]), "groups=1 private=1 public=1");
        let member = facets("carol", "author=alice").await;
        assert_eq!(values(&member["visibility"]), "groups=1 public=1");
        let stranger = facets("bob", "tag=x").await;
        assert_eq!(values(&stranger["author"]), "alice=1 bob=1");
        assert_eq!(values(&facets("bob", "tag=x&author=alice").await["tag"]), "x=1 y=1");
        assert_eq!(values(&stranger["visibility"]), "public=2");
        let found = facets("bob", "keyword=y&type=data&author=alice").await;
        assert_eq!(values(&found["tag"]), "x=1 y=1");
        assert_eq!(values(&facets("admin", "").await["category"]).split('=').next(), Some("official example"));
        assert_eq!(values(&facets("bob", "keyword=nothing&author=alice").await["type"]), "");
        api.get("", "/items/facets").await.assert(StatusCode::UNAUTHORIZED);
    }
}

/// What an item is counted under in a facet.
fn values_of(item: &Value, facet: &str) -> Vec<String> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    match facet {
        "category" => item["categories"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(word)
            .collect(),
        "tag" => item["tags"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(word)
            .collect(),
        "visibility" if item["isPrivate"] == true => vec!["private".to_owned()],
        "visibility" if item["isPublic"] == true => vec!["public".to_owned()],
        "visibility" => vec!["groups".to_owned()],
        "starred" => vec![item["starred"].to_string()],
        other => word(&item[other]).into_iter().collect(),
    }
}

/// Whether an item passes a filter of single words, as `GET /items` promises.
fn passes(item: &Value, filter: &str) -> bool {
    let pairs: Vec<(&str, &str)> = filter
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let all_of = |key: &str| matches!(key, "tag" | "category");
    pairs.iter().all(|(key, value)| {
        let values = values_of(item, key);
        let chosen = |value: &str| values.iter().any(|known| known == value);
        if all_of(key) {
            return value.split(',').all(chosen);
        }
        pairs
            .iter()
            .any(|(other, value)| other == key && (chosen(value) || *value == "all"))
    })
}

on_both! {
    /// Nothing is listed or counted that the caller may not see, and a facet leaves its
    /// own filter out.
    async fn filters_and_facets_agree_with_the_whole_list(api: Api) {
        api.post("admin", "/categories", &json!({"name": "shelf"})).await.assert(StatusCode::CREATED);
        let pending = json!({"status": "pending"});
        let rejected = json!({"status": "rejected"});
        let kinds = [
            (json!({"name": "a", "tags": ["x", "y"], "type": "data"}), None),
            (json!({"name": "b", "tags": ["x"], "isPrivate": true}), None),
            (json!({"name": "c", "tags": ["y"], "groupList": [], "categories": ["shelf"]}), None),
            (json!({"name": "d", "tags": ["hidden"], "type": "old", "categories": ["shelf"]}), Some(&pending)),
            (json!({"name": "e", "tags": ["x"], "isPublic": false, "type": "data"}), Some(&rejected)),
            (json!({"name": "f", "groupList": [], "type": "data"}), None),
        ];
        for (author, group, other) in [("alice", "vision", "carol"), ("bob", "nlp", "admin")] {
            for (fields, change) in &kinds {
                let mut fields = fields.clone();
                if fields.get("groupList").is_some() {
                    fields["groupList"] = json!([group]);
                }
                let id = api.create(author, fields).await;
                let path = format!("/items/{id}");
                // Starred while it can be seen.
                api.put(other, &format!("{path}/star"), &json!({})).await;
                if let Some(change) = change {
                    api.put("admin", &path, change).await.assert(StatusCode::OK);
                }
            }
        }
        let filters = [
            "", "type=data", "type=data&type=old", "type=data&type=all", "visibility=groups",
            "visibility=private&visibility=public", "status=pending", "status=pending&status=rejected", "starred=true",
            "starred=false", "tag=x", "tag=x,y", "category=shelf", "author=alice", "author=bob&starred=true",
            "author=alice&visibility=groups&type=template&tag=y", "visibility=private&starred=true&status=approved",
            "tag=x&type=data&category=shelf",
        ];
        let facets = ["type", "category", "tag", "author", "visibility", "status"];
        for caller in ["admin", "alice", "bob", "carol"] {
            let list = async |query: &str| -> Vec<Value> {
                let answer = api.get(caller, &format!("/items?{query}")).await;
                answer.assert(StatusCode::OK);
                answer.json()
            };
            let whole = list("").await;
            for filter in filters {
                let expected: Vec<&Value> = whole.iter().filter(|item| passes(item, filter)).collect();
                let found = list(filter).await;
                assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{caller} {filter}");
                let page = api.get(caller, &format!("/items?{filter}&limit=1")).await;
                assert_eq!(page.header("x-total-count"), expected.len().to_string(), "{caller} {filter}");

                let counted: Value = api.get(caller, &format!("/items/facets?{filter}")).await.json();
                for facet in facets {
                    let others: Vec<&str> = filter.split('&').filter(|pair| !pair.starts_with(&format!("{facet}="))).collect();
                    let others = others.join("&");
                    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
                    for value in whole.iter().filter(|item| passes(item, &others)).flat_map(|item| values_of(item, facet)) {
                        *counts.entry(value).or_default() += 1;
                    }
                    let values = counted[facet].as_array().unwrap().iter();
                    let values = values.map(|v| (v["value"].as_str().unwrap().to_owned(), v["count"].as_u64().unwrap()));
                    assert_eq!(values.collect::<BTreeMap<_, _>>(), counts, "{caller} {filter} {facet}");
                }
            }
        }
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
