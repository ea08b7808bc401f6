//! `GET /items/facets`.

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
