//! `/metrics`: what is counted, and that clients cannot make it grow.

use std::collections::HashSet;

use poem::http::{Method, StatusCode};
use serde_json::json;

use crate::support::{Api, new_item, on_both};

/// The value of the one line that begins so.
async fn figure(api: &Api, start: &str) -> f64 {
    let text = api.get("", "/metrics").await.body;
    let line = text.lines().find(|line| line.starts_with(start));
    let line = line.unwrap_or_else(|| panic!("no {start} in\n{text}"));
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

/// The names and labels of all figures, without their values.
async fn series(api: &Api) -> HashSet<String> {
    let text = api.get("", "/metrics").await.body;
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
        .collect()
}

on_both! {
    async fn requests_are_counted_by_the_pattern_of_their_route(api: Api) {
        let id = api.create("alice", json!({})).await;
        api.get("alice", &format!("/items/{id}")).await.assert(StatusCode::OK);
        api.get("alice", "/items/other").await.assert(StatusCode::NOT_FOUND);
        api.get("alice", "/items/other/tag").await.assert(StatusCode::NOT_FOUND);

        let answer = api.get("", "/metrics").await;
        answer.assert(StatusCode::OK);
        assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
        assert!(!answer.body.contains("alice") && !answer.body.contains(&id), "{}", answer.body);
        for (figure_start, expected) in [
            ("marketplace_http_requests_total{method=\"GET\",route=\"/items/{id}\",status=\"200\"}", 1.0),
            ("marketplace_http_requests_total{method=\"GET\",route=\"/items/{id}\",status=\"404\"}", 1.0),
            ("marketplace_http_requests_total{method=\"GET\",route=\"/items/{id}/tag\",status=\"404\"}", 1.0),
            ("marketplace_http_requests_total{method=\"POST\",route=\"/items\",status=\"201\"}", 1.0),
            ("marketplace_http_request_duration_seconds_count{method=\"GET\",route=\"/items/{id}\"}", 2.0),
            ("marketplace_http_request_duration_seconds_bucket{method=\"GET\",route=\"/items/{id}\",le=\"+Inf\"}", 2.0),
            // The request that asks.
            ("marketplace_http_requests_in_flight", 1.0),
        ] {
            assert!((figure(&api, figure_start).await - expected).abs() < f64::EPSILON, "{figure_start}");
        }
        assert!(figure(&api, "marketplace_database_connections").await >= 1.0);
        assert!(figure(&api, "marketplace_database_connections_idle").await >= 1.0);
    }
}

on_both! {
    async fn calls_to_openpai_and_remembered_tokens_are_counted(api: Api) {
        let token = format!("Bearer {}", api.openpai.token("alice"));
        for _ in 0..3 {
            let request = api.request(Method::GET, "/me").header("authorization", &token);
            request.send().await.assert_status_is_ok();
        }
        api.openpai.set_fault("/api/v2", fake_openpai::Fault::Status(500));
        api.get("bob", "/me").await.assert(StatusCode::SERVICE_UNAVAILABLE);
        for (start, at_least) in [
            ("marketplace_openpai_request_duration_seconds_count{endpoint=\"tokens/check\",outcome=\"ok\"}", 1.0),
            ("marketplace_openpai_request_duration_seconds_count{endpoint=\"users/:name\",outcome=\"ok\"}", 1.0),
            ("marketplace_openpai_request_duration_seconds_count{endpoint=\"tokens/check\",outcome=\"unavailable\"}", 1.0),
            ("marketplace_token_cache_lookups_total{result=\"hit\"}", 2.0),
            ("marketplace_token_cache_lookups_total{result=\"miss\"}", 2.0),
            ("marketplace_token_cache_entries", 0.0),
            ("marketplace_build_info{version=", 1.0),
        ] {
            assert!(figure(&api, start).await >= at_least, "{start}");
        }
    }
}

on_both! {
    async fn what_clients_send_makes_no_new_figures(api: Api) {
        let strange = |number: usize| [
            (Method::GET, format!("/items/{number}")),
            (Method::GET, format!("/nowhere/{number}")),
            (Method::GET, format!("/items?keyword={number}")),
            (Method::from_bytes(format!("M{number}").as_bytes()).unwrap(), "/items".to_owned()),
            (Method::OPTIONS, format!("/{number}")),
        ];
        for (method, path) in strange(0) {
            api.send("alice", method, &path, None).await;
        }
        // So that the request for the figures itself is among them.
        series(&api).await;
        let before = series(&api).await;
        for number in 1..50 {
            for (method, path) in strange(number) {
                api.send("alice", method, &path, None).await;
            }
        }
        api.post("bob", "/items", &new_item("alice", json!({}))).await.assert(StatusCode::FORBIDDEN);
        let after = series(&api).await;
        let new: Vec<_> = after.difference(&before).filter(|name| !name.contains("POST")).collect();
        assert!(new.is_empty(), "{new:?}");
        assert!(after.iter().any(|name| name.contains("route=\"(none)\"")));
        assert!(after.iter().any(|name| name.contains("method=\"(other)\"")));
    }
}
