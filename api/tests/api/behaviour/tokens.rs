//! Who is let in, and what happens when OpenPAI cannot say.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fake_openpai::Fault;
use futures_util::StreamExt;
use marketplace_api::app::App;
use marketplace_api::auth::{Authenticator, Memory};
use marketplace_api::openpai::{OpenPai, OpenPaiError, State};
use poem::endpoint::make_sync;
use poem::http::{Method, StatusCode};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::test::TestClient;
use poem::{Body, Request, Response, Server};
use serde_json::json;
use store::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, Api, StoppedClock, app, on_both};

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
    /// By RFC 6750 and 9110: one header, the scheme in any case, blanks, a
    /// token, and nothing behind it.
    async fn a_token_stands_alone(api: Api) {
        use StatusCode as S;

        let token = api.openpai.token("alice");
        let token = token.as_str();
        for (status, header) in [
            (S::OK, format!("Bearer {token}")),
            (S::OK, format!("bearer {token}")),
            (S::OK, format!("BEARER {token}")),
            (S::OK, format!("Bearer   {token}")),
            (S::UNAUTHORIZED, format!("Bearer {token} garbage")),
            (S::UNAUTHORIZED, format!("Bearer {token} {token}")),
            (S::UNAUTHORIZED, format!("Bearer {token}\tgarbage")),
            (S::UNAUTHORIZED, format!("Bearer {token},")),
            (S::UNAUTHORIZED, format!("Bearer {token}, Bearer {token}")),
            (S::UNAUTHORIZED, format!("Bearer \"{token}\"")),
            (S::UNAUTHORIZED, format!("Bearer\t{token}")),
            (S::UNAUTHORIZED, format!("Bearer{token}")),
            (S::UNAUTHORIZED, format!("Bearer:{token}")),
            (S::UNAUTHORIZED, format!("Bearer =={token}")),
            (S::UNAUTHORIZED, format!("Bearer Bearer {token}")),
            (S::UNAUTHORIZED, format!("Token {token}")),
            (S::UNAUTHORIZED, token.to_owned()),
            (S::UNAUTHORIZED, "Bearer ".to_owned()),
            (S::UNAUTHORIZED, "Bearer ==".to_owned()),
        ] {
            let answer = with_header(&api, &header).await;
            assert_eq!(answer.status, status, "{}", header.replace(token, "TOKEN"));
        }
        let header = format!("Bearer {token}");
        for second in [header.as_str(), "Bearer garbage", "Basic YTpi"] {
            let request = api.request(Method::GET, "/items").header("authorization", &header);
            let answer = request.header("authorization", second).send().await;
            assert_eq!(answer.0.status(), S::UNAUTHORIZED, "a second header");
        }
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

/// Whether the fault that is set lets OpenPAI answer as it does.
async fn fault_answers(api: &Api) -> bool {
    let url = format!("{}/api/v2/tokens/check", api.openpai.url());
    let request = reqwest::Client::new()
        .get(url)
        .timeout(Duration::from_millis(300));
    matches!(request.send().await, Ok(answer) if answer.status() == reqwest::StatusCode::UNAUTHORIZED)
}

on_both! {
    /// With a shorter memory than the minute that it is in service.
    async fn a_revoked_token_stops_working_when_its_verdict_is_forgotten(api: Api) {
        let memory = Memory { good: Duration::from_millis(200), ..Memory::default() };
        let server = App { token_memory: memory, ..app(&api.database, api.openpai.url()).await };
        let client = TestClient::new(server.endpoint());
        let token = api.openpai.token("alice");
        let ask = async || {
            let request = client.get("/me").header("authorization", format!("Bearer {token}"));
            request.send().await.0.status()
        };
        assert_eq!(ask().await, StatusCode::OK);
        api.openpai.revoke(&token);
        let refused = async {
            while ask().await == StatusCode::OK {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), refused).await.unwrap();
        assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
    }
}

/// Starts something that answers in OpenPAI's place, and says where.
async fn instead_of_openpai(
    answer: impl Fn(Request) -> Response + Send + Sync + 'static,
) -> String {
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .unwrap();
    let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(make_sync(answer)));
    format!("http://127.0.0.1:{port}")
}

fn client_of(url: String) -> OpenPai {
    OpenPai::new(url, Duration::from_secs(5)).unwrap()
}

/// An OpenPAI where every token belongs to `name`; it writes down the addresses
/// that it is asked.
async fn openpai_of(name: &'static str) -> (OpenPai, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let paths = Arc::clone(&asked);
    let url = instead_of_openpai(move |request| {
        paths
            .lock()
            .unwrap()
            .push(request.original_uri().to_string());
        json!({"username": name, "grouplist": ["g"], "admin": false})
            .to_string()
            .into()
    });
    (client_of(url.await), asked)
}

#[tokio::test]
async fn a_users_name_stays_one_segment_of_the_address() {
    for (name, path) in [
        ("a/b c", "/api/v2/users/a%2Fb%20c"),
        ("x?admin=1#y", "/api/v2/users/x%3Fadmin%3D1%23y"),
        ("../groups", "/api/v2/users/%2E%2E%2Fgroups"),
        ("王", "/api/v2/users/%E7%8E%8B"),
    ] {
        let (openpai, asked) = openpai_of(name).await;
        let caller = Authenticator::new(openpai, Memory::default(), Clock::system())
            .caller("token")
            .await
            .unwrap();
        assert_eq!(caller.name, name);
        assert_eq!(*asked.lock().unwrap(), ["/api/v2/tokens/check", path]);
    }
    for name in ["", ".", ".."] {
        let (openpai, asked) = openpai_of(name).await;
        let refusal = Authenticator::new(openpai, Memory::default(), Clock::system())
            .caller("token")
            .await
            .unwrap_err();
        assert_eq!(refusal.status, StatusCode::UNAUTHORIZED);
        assert_eq!(asked.lock().unwrap().len(), 1, "{name}");
    }
}

/// An OpenPAI that breaks the first `broken` connections, and counts all.
async fn openpai_that_breaks(broken: usize) -> (OpenPai, Arc<Mutex<usize>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(Mutex::new(0));
    let connections = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let number = {
                let mut connections = connections.lock().unwrap();
                *connections += 1;
                *connections
            };
            let _ = stream.read(&mut [0; 1024]).await;
            if number > broken {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{\"username\":\"alice\"}";
                stream.write_all(answer).await.unwrap();
            }
        }
    });
    (OpenPai::new(url, Duration::from_secs(5)).unwrap(), count)
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more() {
    let (openpai, connections) = openpai_that_breaks(1).await;
    assert_eq!(
        openpai.check_token("token").await.unwrap().username,
        "alice"
    );
    assert_eq!(*connections.lock().unwrap(), 2);

    let (openpai, connections) = openpai_that_breaks(10).await;
    let error = openpai.check_token("token").await.unwrap_err();
    assert!(matches!(error, OpenPaiError::Unavailable(_)), "{error}");
    assert_eq!(*connections.lock().unwrap(), 2);
}

on_both! {
    /// "Too many requests" is said by a proxy, and of no token.
    async fn an_answer_that_is_no_verdict_is_not_held_against_the_token(api: Api) {
        for status in [408, 429] {
            api.openpai.set_fault("/api/v2/tokens/check", Fault::Status(status));
            api.get("carol", "/me").await.assert(StatusCode::SERVICE_UNAVAILABLE);
        }
        api.openpai.clear_faults();
        api.get("carol", "/me").await.assert(StatusCode::OK);
    }
}

on_both! {
    /// What a token claims counts for nothing without OpenPAI's signature.
    async fn a_token_that_anybody_could_write_is_refused(api: Api) {
        let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = part(&json!({"username": "admin", "admin": true, "iat": 1, "exp": 4_000_000_000_u32}));
        let good = api.openpai.token("bob");
        let signed: Vec<&str> = good.split('.').collect();
        let unsigned = format!("{}.{claims}.", part(&json!({"alg": "none", "typ": "JWT"})));
        for forged in [unsigned, format!("{}.{claims}.{}", signed[0], signed[2])] {
            with_header(&api, &format!("Bearer {forged}")).await.assert(StatusCode::UNAUTHORIZED);
        }
        assert_eq!(api.openpai.calls("/api/v2/tokens/check"), 2);
        api.get("mallory", "/me").await.assert_text(StatusCode::UNAUTHORIZED, "sign in");
    }
}

on_both! {
    async fn an_openpai_that_cannot_tell_who_it_is_is_503(api: Api) {
        for fault in [Fault::Status(500), Fault::Status(502), Fault::Garbage, Fault::Hang] {
            api.openpai.set_fault("/api/v2/users", fault);
            let answer = api.get("alice", "/items").await;
            answer.assert_text(StatusCode::SERVICE_UNAVAILABLE, "OpenPAI");
            assert!(!answer.header("retry-after").is_empty());
        }
        let token = api.openpai.token("alice");
        let ask = async || with_header(&api, &format!("Bearer {token}")).await.status;
        assert_eq!(ask().await, StatusCode::SERVICE_UNAVAILABLE);
        api.openpai.clear_faults();
        assert_eq!(ask().await, StatusCode::OK, "trouble is not held against the token");
    }
}

/// What a server says to `token`, whose OpenPAI answers so.
async fn verdict(openpai: OpenPai, token: &str) -> StatusCode {
    let authenticator = Authenticator::new(openpai, Memory::default(), Clock::system());
    match authenticator.caller(token).await {
        Ok(_) => StatusCode::OK,
        Err(refusal) => refusal.status,
    }
}

#[tokio::test]
async fn an_answer_of_openpai_has_an_end() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let url = instead_of_openpai(move |_| {
        const CHUNK: usize = 64 * 1024;
        let counter = Arc::clone(&counter);
        // 1.2 GB, all of it a name.
        let rest = futures_util::stream::iter(0..1_200_000_000 / CHUNK).map(move |_| {
            counter.fetch_add(CHUNK, Ordering::Relaxed);
            vec![b'x'; CHUNK]
        });
        let start = futures_util::stream::iter([b"{\"username\":\"".to_vec()]);
        Body::from_bytes_stream(start.chain(rest).map(Ok::<_, std::io::Error>)).into()
    });
    let openpai = client_of(url.await);
    let error = openpai.check_token("token").await.unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
    assert_eq!(
        verdict(openpai, "token").await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert!(sent.load(Ordering::Relaxed) < 100_000_000);
}

#[tokio::test]
async fn openpai_is_not_looked_for_elsewhere() {
    let (_, elsewhere) = openpai_of("admin").await;
    let everybody = json!({"username": "admin", "admin": true}).to_string();
    let asked = Arc::clone(&elsewhere);
    let other = instead_of_openpai(move |request| {
        asked.lock().unwrap().push(request.uri().to_string());
        everybody.clone().into()
    });
    let other = other.await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{other}/api/v2/tokens/check");
        let url = instead_of_openpai(move |_| {
            Response::builder()
                .status(StatusCode::from_u16(status).unwrap())
                .header("location", &location)
                .finish()
        });
        let openpai = client_of(url.await);
        assert_eq!(openpai.state().await, State::NotOpenPai, "{status}");
        let error = openpai.check_token("token").await.unwrap_err().to_string();
        assert!(
            error.contains("IDP_URL") && !error.contains("127.0.0.1"),
            "{error}"
        );
        assert_eq!(
            verdict(openpai, "token").await,
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
    assert_eq!(elsewhere.lock().unwrap().len(), 0);
}

on_both! {
    async fn readiness_knows_openpai_from_something_else(api: Api) {
        let refusal = r#"{"code": "UnauthorizedUserError", "message": "Guest is not allowed to do this operation."}"#;
        for (status, body, ready) in [
            (401, refusal, true),
            (403, r#"{"code": "ForbiddenUserError", "message": "No.", "stack": "of a test server"}"#, true),
            // It has had enough of us, but it is there.
            (429, "Too many requests, please try again later.", true),
            (200, "hello", false),
            (200, r#"{"username": "admin"}"#, false),
            (204, "", false),
            (401, "<h1>401 Authorization Required</h1>", false),
            (401, r#"{"error": "unauthorized"}"#, false),
            (404, "<h1>404 Not Found</h1>", false),
            (404, r#"{"code": "NoApiError", "message": "API not found."}"#, false),
            (405, "", false),
        ] {
            let url = instead_of_openpai(move |_| {
                Response::builder().status(StatusCode::from_u16(status).unwrap()).body(body)
            });
            let server = TestClient::new(app(&api.database, &url.await).await.endpoint());
            let answer = Answer::of(server.get("/readyz").send().await.0).await;
            if ready {
                answer.assert(StatusCode::OK);
                assert!(answer.body.contains("openpai: ok"), "{status} {body}: {}", answer.body);
                continue;
            }
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{status} {body}");
            assert!(answer.body.contains("openpai: IDP_URL does not lead to OpenPAI"), "{}", answer.body);
            // And nobody is told that it is the token's fault.
            if status >= 401 && !body.contains("NoApiError") {
                let me = server.get("/me").header("authorization", "Bearer x").send().await;
                me.assert_status(StatusCode::SERVICE_UNAVAILABLE);
            }
        }
    }
}

/// Clocks differ: what has expired is for OpenPAI to say, within a minute.
#[tokio::test]
async fn a_token_that_has_just_expired_by_our_clock_is_good_if_openpai_says_so() {
    let clock = StoppedClock::at("2026-02-03T04:05:06.789Z");
    for (ago, status) in [(59, StatusCode::OK), (60, StatusCode::UNAUTHORIZED)] {
        let expiry = clock.now().timestamp() - ago;
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let url = instead_of_openpai(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            json!({"username": "alice", "exp": expiry})
                .to_string()
                .into()
        });
        let openpai = client_of(url.await);
        let authenticator = Authenticator::new(openpai, Memory::default(), clock.clock());
        for _ in 0..10 {
            let caller = authenticator.caller("token").await;
            assert_eq!(
                caller.map_or_else(|no| no.status, |_| StatusCode::OK),
                status
            );
        }
        assert!(asked.load(Ordering::Relaxed) <= 6, "it is remembered");
    }
}

on_both! {
    /// OpenPAI answers 600 calls a minute to one address.
    async fn tokens_that_somebody_makes_up_leave_calls_to_others(api: Api) {
        let memory = Memory { good: Duration::from_millis(1), ..Memory::default() };
        let server = App { token_memory: memory, ..app(&api.database, api.openpai.url()).await };
        let client = TestClient::new(server.endpoint());
        let ask = async |token: String| {
            let request = client.get("/me").header("authorization", format!("Bearer {token}"));
            request.send().await.0.status()
        };
        let good = api.openpai.token("alice");
        assert_eq!(ask(good.clone()).await, StatusCode::OK);
        let mut told = 0;
        for number in 0..1_000 {
            match ask(format!("made-up-{number}")).await {
                StatusCode::UNAUTHORIZED => {}
                status => {
                    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                    told += 1;
                }
            }
        }
        assert!(told > 0);
        let calls = api.openpai.calls("/api/v2/tokens/check");
        assert!(calls < 500, "{calls}");
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(ask(good).await, StatusCode::OK, "who was there before is let in");
        assert_eq!(api.openpai.calls("/api/v2/tokens/check"), calls + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openpai_is_not_asked_by_all_at_once() {
    let most = Arc::new(Mutex::new((0_usize, 0_usize)));
    let counter = Arc::clone(&most);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 1024]).await;
                {
                    let mut counter = counter.lock().unwrap();
                    counter.0 += 1;
                    counter.1 = counter.1.max(counter.0);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                counter.lock().unwrap().0 -= 1;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{\"username\":\"alice\"}";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    let openpai = client_of(url);
    let tokens: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let calls = tokens.iter().map(|token| openpai.check_token(token));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let most = most.lock().unwrap().1;
    assert!((2..=16).contains(&most), "{most}");
}
