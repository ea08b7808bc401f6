//! Who is let in, and what happens when OpenPAI cannot say.

use std::time::Duration;

use fake_openpai::Fault;
use poem::http::{Method, StatusCode};

use crate::support::{Answer, Api, on_both};

async fn with_header(api: &Api, value: &str) -> Answer {
    let request = api
        .request(Method::GET, "/items")
        .header("authorization", value);
    Answer::of(request.send().await.0).await
}

on_both! {
    async fn only_good_tokens_of_openpai_are_let_in(api: Api) {
        api.get("", "/items").await.assert_text(StatusCode::UNAUTHORIZED, "bearer token");
        let good = api.openpai.token("alice");
        let expired = api.openpai.token_with_lifetime("alice", -10);
        let forged = format!("{}x", &good[..good.len() - 1]);
        for header in ["", "Basic YTpi", "Bearer", "Bearer x", &format!("Bearer {expired}"), &format!("Bearer {forged}")] {
            let answer = with_header(&api, header).await;
            answer.assert(StatusCode::UNAUTHORIZED);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{header}");
        }
        with_header(&api, &format!("Bearer {good}")).await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn a_good_token_is_asked_about_once_and_a_bad_one_too(api: Api) {
        let good = format!("Bearer {}", api.openpai.token("alice"));
        let answers = futures_util::future::join_all((0..20).map(|_| with_header(&api, &good))).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
        assert_eq!(api.openpai.calls("/api/v2/tokens/check"), 1);
        assert_eq!(api.openpai.calls("/api/v2/users/"), 1);
        for _ in 0..5 {
            with_header(&api, "Bearer bad").await.assert(StatusCode::UNAUTHORIZED);
        }
        assert_eq!(api.openpai.calls("/api/v2/tokens/check"), 2);
    }
}

on_both! {
    /// A cached verdict does not outlive the token's `exp`.
    async fn a_token_stops_working_when_it_expires(api: Api) {
        let token = format!("Bearer {}", api.openpai.token_with_lifetime("alice", 2));
        with_header(&api, &token).await.assert(StatusCode::OK);
        let expired = async {
            while with_header(&api, &token).await.status == StatusCode::OK {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), expired).await.unwrap();
    }
}

on_both! {
    async fn an_openpai_that_is_out_of_reach_is_503_and_back_again(api: Api) {
        for fault in [Fault::Status(500), Fault::Hang, Fault::Garbage] {
            api.openpai.set_fault("/api/v2", fault);
            let answer = api.get("alice", "/items").await;
            answer.assert_text(StatusCode::SERVICE_UNAVAILABLE, "OpenPAI");
            assert!(!answer.header("retry-after").is_empty());
            assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
            api.get("", "/readyz").await.assert(if fault_answers(&api).await {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            });
        }
        api.openpai.clear_faults();
        api.get("alice", "/items").await.assert(StatusCode::OK);
        api.get("", "/readyz").await.assert(StatusCode::OK);
        api.get("", "/healthz").await.assert(StatusCode::OK);
    }
}

/// Whether the fault that is set lets OpenPAI answer at all.
async fn fault_answers(api: &Api) -> bool {
    let url = format!("{}/api/v2/tokens/check", api.openpai.url());
    let request = reqwest::Client::new()
        .get(url)
        .timeout(Duration::from_millis(300));
    matches!(request.send().await, Ok(answer) if !answer.status().is_server_error())
}
