//! How refusals look, and what is on every answer.

use fake_openpai::Fault;
use poem::http::{Method, StatusCode};
use sea_orm::{ConnectionTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use serde_json::{Value, json};
use shared::wire::Problem;

use crate::support::{Answer, Api, PROTOCOL, connect, new_item, on_both, postgres_url};

async fn post_raw(api: &Api, body: impl Into<String>) -> Answer {
    let token = api.openpai.token("alice");
    let request = api
        .request(Method::POST, "/items")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.into());
    Answer::of(request.send().await.0).await
}

on_both! {
    async fn bodies_that_are_no_json_are_400(api: Api) {
        for body in ["", "{", "[]", "null", "\"x\"", "{}{}", "{\"name\":}", "\u{feff}{}"] {
            let answer = post_raw(&api, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.body);
            assert!(answer.body.ends_with('.'), "{}", answer.body);
        }
    }
}

on_both! {
    async fn a_body_over_the_limit_is_413(api: Api) {
        let huge = new_item("alice", json!({"description": "x".repeat(2_000_000)})).to_string();
        let answer = post_raw(&api, huge).await;
        answer.assert_text(StatusCode::PAYLOAD_TOO_LARGE, "1024 KiB");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let protocol = format!("{PROTOCOL}#{}", "x".repeat(120_000));
        let large = new_item("alice", json!({"description": "x".repeat(520_000), "protocol": protocol})).to_string();
        post_raw(&api, large).await.assert(StatusCode::CREATED);
    }
}

on_both! {
    /// RFC 9457 for those who ask for JSON (docs/contract.md#3-the-api: change).
    async fn a_client_that_accepts_json_gets_problem_details(api: Api) {
        let token = api.openpai.token("alice");
        for accept in ["application/json", "text/html, application/problem+json;q=0.9"] {
            let request = api
                .request(Method::POST, "/items")
                .header("authorization", format!("Bearer {token}"))
                .header("accept", accept)
                .header("x-request-id", "my-id.1")
                .body_json(&new_item("alice", json!({"protocol": "name: x\ntypo: 1\n"})));
            let answer = Answer::of(request.send().await.0).await;
            answer.assert(StatusCode::BAD_REQUEST);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let problem: Problem = answer.json();
            assert_eq!(problem.status, 400);
            assert_eq!(problem.request_id.as_deref(), Some("my-id.1"));
            assert!(problem.diagnostics.iter().any(|found| found.code == "unknown-key" && found.start.line == 2));
        }
        let request = api.request(Method::GET, "/items/x").header("accept", "*/*");
        Answer::of(request.send().await.0).await.assert_text(StatusCode::UNAUTHORIZED, "token");
    }
}

on_both! {
    async fn every_answer_can_be_read_from_another_origin(api: Api) {
        let preflight = api
            .request(Method::OPTIONS, "/items")
            .header("origin", "https://portal.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization,content-type");
        let preflight = Answer::of(preflight.send().await.0).await;
        preflight.assert(StatusCode::NO_CONTENT);
        let allowed = preflight.header("access-control-allow-headers").to_lowercase();
        assert!(allowed.contains("authorization") && allowed.contains("content-type"), "{allowed}");
        assert!(preflight.header("access-control-allow-methods").contains("PUT"));

        for answer in [
            preflight,
            api.get("", "/").await,
            api.get("alice", "/items").await,
            api.get("", "/items").await,
            api.get("alice", "/items/nothing").await,
            api.get("alice", "/nowhere").await,
            api.send("alice", Method::PATCH, "/items", None).await,
        ] {
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{answer:?}");
            assert!(!answer.header("x-request-id").is_empty(), "{answer:?}");
        }
    }
}

on_both! {
    async fn unknown_addresses_and_methods_are_told_apart(api: Api) {
        api.get("alice", "/nowhere").await.assert_text(StatusCode::NOT_FOUND, "address");
        for (method, path, allowed) in [
            (Method::PATCH, "/items", "GET, HEAD, POST, OPTIONS"),
            (Method::POST, "/items/x", "DELETE, GET, HEAD, OPTIONS, PUT"),
            (Method::TRACE, "/items/x/tag/y", "DELETE, OPTIONS, POST"),
            (Method::DELETE, "/healthz", "GET, HEAD, OPTIONS"),
            (Method::POST, "/docs", "GET, HEAD, OPTIONS"),
        ] {
            let answer = api.send("alice", method, path, None).await;
            answer.assert_text(StatusCode::METHOD_NOT_ALLOWED, "method");
            let mut methods: Vec<_> = answer.header("allow").split(", ").collect();
            let mut allowed: Vec<_> = allowed.split(", ").collect();
            methods.sort_unstable();
            allowed.sort_unstable();
            assert_eq!(methods, allowed, "{path}");
        }
        let greeting = api.get("", "/").await;
        greeting.assert(StatusCode::OK);
        assert!(greeting.header("content-type").starts_with("text/plain"));
    }
}

on_both! {
    /// No text of the catalogue is like that, so there is no such id.
    async fn ids_that_are_no_text_are_unknown(api: Api) {
        for path in ["/items/%ff%fe", "/items/a%00b", "/items/%ff/tag", "/tags/%c3%28", "/categories/%00"] {
            api.get("alice", path).await.assert_text(StatusCode::NOT_FOUND, "nothing at this address");
        }
        api.get("alice", "/items?keyword=%00").await.assert_text(StatusCode::BAD_REQUEST, "NUL");
    }
}

on_both! {
    async fn me_is_who_openpai_says(api: Api) {
        let me: Value = api.get("alice", "/me").await.json();
        assert_eq!(me, json!({"username": "alice", "admin": false, "groups": ["default", "vision"], "secretsRefused": true}));
        assert_eq!(api.get("admin", "/me").await.json::<Value>()["admin"], true);
        api.get("", "/me").await.assert(StatusCode::UNAUTHORIZED);
    }
}

/// `SQLite` has no server that could go away.
#[tokio::test]
async fn a_database_that_is_gone_is_503() {
    let api = Api::on_postgres().await;
    api.get("alice", "/items").await.assert(StatusCode::OK);
    let mut server = postgres_url(&api.database);
    let name = server.path().trim_start_matches('/').to_owned();
    server.set_path("postgres");
    let server = sea_orm::Database::connect(server.as_str()).await.unwrap();
    server
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();

    let item = new_item("alice", json!({}));
    for answer in [
        api.get("alice", "/items").await,
        api.get("alice", "/items/x").await,
        api.post("alice", "/items", &item).await,
        api.delete("alice", "/items/x").await,
    ] {
        answer.assert_text(StatusCode::SERVICE_UNAVAILABLE, "database");
        assert!(!answer.header("retry-after").is_empty());
        assert!(!answer.body.contains(&name), "{}", answer.body);
    }
    api.get("", "/readyz")
        .await
        .assert(StatusCode::SERVICE_UNAVAILABLE);
    api.get("", "/healthz").await.assert(StatusCode::OK);
}

on_both! {
    /// As a line of text or as problem details, from any origin
    /// (docs/contract.md#statuses: differs).
    async fn every_refusal_says_the_same_in_both_ways(api: Api) {
        let id = api.create("alice", json!({})).await;
        let item = format!("/items/{id}");
        api.post("alice", "/tags", &json!({"name": "t"})).await.assert(StatusCode::CREATED);
        let huge = json!({"description": "x".repeat(2_000_000)});
        let cases = [
            ("alice", Method::POST, "/items", json!({"author": 1}), StatusCode::BAD_REQUEST),
            ("", Method::GET, "/items", json!({}), StatusCode::UNAUTHORIZED),
            ("bob", Method::PUT, &*item, json!({}), StatusCode::FORBIDDEN),
            ("bob", Method::GET, "/storages/blobs", json!({}), StatusCode::FORBIDDEN),
            ("admin", Method::GET, "/storages/blobs/nothing", json!({}), StatusCode::NOT_FOUND),
            ("bob", Method::GET, "/items/nothing", json!({}), StatusCode::NOT_FOUND),
            ("bob", Method::GET, "/nowhere", json!({}), StatusCode::NOT_FOUND),
            ("bob", Method::PATCH, "/items", json!({}), StatusCode::METHOD_NOT_ALLOWED),
            ("bob", Method::POST, "/tags", json!({"name": "t"}), StatusCode::CONFLICT),
            ("alice", Method::PUT, &*item, json!({"name": "x"}), StatusCode::PRECONDITION_FAILED),
            ("alice", Method::PUT, &*item, huge, StatusCode::PAYLOAD_TOO_LARGE),
            ("alice", Method::GET, "/items", json!({}), StatusCode::SERVICE_UNAVAILABLE),
        ];
        for (user, method, path, body, status) in cases {
            if status == StatusCode::SERVICE_UNAVAILABLE {
                api.openpai.set_fault("/api/v2", Fault::Status(500));
            }
            let send = async |accept: &str| {
                let mut request = api.request(method.clone(), path).header("accept", accept).body_json(&body);
                if !user.is_empty() {
                    request = request.header("authorization", format!("Bearer {}", api.openpai.token(user)));
                }
                if status == StatusCode::PRECONDITION_FAILED {
                    request = request.header("if-match", "\"outdated\"");
                }
                let answer = Answer::of(request.send().await.0).await;
                assert_eq!(answer.status, status, "{user} {method} {path}: {}", answer.body);
                assert_eq!(answer.header("access-control-allow-origin"), "*", "{status}");
                assert!(answer.header("access-control-expose-headers").contains("Retry-After"), "{status}");
                answer
            };
            let text = send("*/*").await;
            text.assert_text(status, "");
            assert!(!text.body.is_empty(), "{status}");
            for accept in ["application/json", "application/problem+json"] {
                let answer = send(accept).await;
                assert_eq!(answer.header("content-type"), "application/problem+json", "{status}");
                assert_eq!(answer.header("retry-after"), text.header("retry-after"), "{status}");
                let problem: Value = answer.json();
                assert_eq!(problem["type"], "about:blank");
                assert_eq!(problem["title"], status.canonical_reason().unwrap());
                assert_eq!(problem["status"], status.as_u16());
                assert_eq!(problem["detail"], text.body);
                assert_eq!(problem["requestId"], answer.header("x-request-id"));
            }
        }
        let answer = api.get("alice", "/items").await;
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
    }
}

/// Somebody else writes, for longer than anybody waits: as good as out of
/// reach. Reads go on.
#[tokio::test]
async fn a_file_that_stays_locked_is_503() {
    let api = Api::on_sqlite().await;
    let id = api.create("alice", json!({})).await;
    let other = connect(&api.database).await;
    let lock = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let lock = other.begin_with_options(lock).await.unwrap();
    let path = format!("/items/{id}");
    let change = json!({"name": "x"});
    let (one, another) =
        tokio::join!(api.put("alice", &path, &change), api.delete("alice", &path),);
    for answer in [one, another] {
        answer.assert_text(StatusCode::SERVICE_UNAVAILABLE, "database");
        assert!(!answer.header("retry-after").is_empty());
    }
    api.get("alice", &path).await.assert(StatusCode::OK);
    lock.rollback().await.unwrap();
    api.delete("alice", &path).await.assert(StatusCode::OK);
}
