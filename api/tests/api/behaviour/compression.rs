//! Answers are compressed for those who ask, and only for them.

use std::io::Read;

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Api, on_both};

struct Sent {
    coding: String,
    vary: String,
    body: Vec<u8>,
}

async fn get(api: &Api, path: &str, accept: &str) -> Sent {
    let token = api.openpai.token("alice");
    let request = api
        .request(Method::GET, path)
        .header("authorization", format!("Bearer {token}"))
        .header("accept-encoding", accept);
    let response = request.send().await.0;
    let header = |name: &str| response.header(name).unwrap_or_default().to_owned();
    let vary = response.headers().get_all("vary").iter();
    let vary: Vec<_> = vary.filter_map(|value| value.to_str().ok()).collect();
    Sent {
        coding: header("content-encoding"),
        vary: vary.join(", "),
        body: response.into_body().into_vec().await.unwrap(),
    }
}

fn decoded(sent: &Sent) -> Vec<u8> {
    let mut plain = Vec::new();
    match sent.coding.as_str() {
        "br" => brotli::BrotliDecompress(&mut &sent.body[..], &mut plain).unwrap(),
        "gzip" => {
            flate2::read::GzDecoder::new(&sent.body[..])
                .read_to_end(&mut plain)
                .unwrap();
        }
        _ => plain.clone_from(&sent.body),
    }
    plain
}

on_both! {
    async fn long_answers_are_compressed_when_asked(api: Api) {
        let plain = get(&api, "/items", "").await;
        assert_eq!(plain.coding, "");
        let expected: Value = serde_json::from_slice(&plain.body).unwrap();
        for (accept, coding) in [
            ("gzip, deflate, br", "br"),
            ("gzip", "gzip"),
            ("GZIP;q=0.8, br;q=0.1", "gzip"),
            ("*", "br"),
            ("br;q=0, *", "gzip"),
            ("identity, gzip;q=0.5", ""),
            ("gzip;q=0", ""),
            ("zstd", ""),
            ("gzip;q=no", ""),
        ] {
            let sent = get(&api, "/items", accept).await;
            assert_eq!(sent.coding, coding, "{accept}");
            assert!(sent.vary.contains("Accept-Encoding"), "{accept}: {}", sent.vary);
            assert_eq!(serde_json::from_slice::<Value>(&decoded(&sent)).unwrap(), expected, "{accept}");
            assert_eq!(sent.body.len() * 2 < plain.body.len(), !coding.is_empty(), "{accept}");
        }
    }
}

on_both! {
    /// A list of megabytes is compressed while it is sent.
    async fn the_longest_answers_are_compressed_too(api: Api) {
        for number in 0..5 {
            let description = format!("{number} and more, ").repeat(40_000);
            api.create("alice", json!({"name": format!("long {number}"), "description": description})).await;
        }
        let plain = get(&api, "/items", "").await;
        assert!(plain.body.len() > 2_000_000);
        for coding in ["br", "gzip"] {
            let sent = get(&api, "/items", coding).await;
            assert_eq!(sent.coding, coding);
            assert!(sent.body.len() < plain.body.len() / 4, "{coding}");
            assert!(decoded(&sent) == plain.body, "{coding}");
        }
    }
}

on_both! {
    async fn short_answers_are_sent_as_they_are(api: Api) {
        for path in ["/me", "/nowhere", "/items/nothing", "/healthz"] {
            let sent = get(&api, path, "gzip, br").await;
            assert_eq!(sent.coding, "", "{path}");
            assert!(sent.vary.contains("Accept-Encoding"), "{path}: {}", sent.vary);
        }
        api.get("", "/healthz").await.assert(StatusCode::OK);
    }
}

on_both! {
    /// A compressed form has a tag of its own, and each of them stands for the item.
    async fn tags_of_compressed_answers_are_known(api: Api) {
        let id = api.create("alice", json!({"description": "long ".repeat(500)})).await;
        let path = format!("/items/{id}");
        let send = async |method: Method, headers: &[(&str, &str)], body: Value| {
            let token = api.openpai.token("alice");
            let mut request = api
                .request(method, &path)
                .header("authorization", format!("Bearer {token}"))
                .header("accept-encoding", "gzip");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let response = request.body_json(&body).send().await.0;
            (response.status(), response.header("etag").unwrap_or_default().to_owned())
        };
        let plain = api.get("alice", &path).await.header("etag").to_owned();
        let (_, coded) = send(Method::GET, &[], Value::Null).await;
        assert_eq!(coded, format!("{}-gzip\"", plain.trim_end_matches('"')));
        for lines in [
            &[("if-none-match", coded.as_str())][..],
            &[("if-none-match", "\"x\""), ("if-none-match", coded.as_str())],
        ] {
            assert_eq!(send(Method::GET, lines, Value::Null).await, (StatusCode::NOT_MODIFIED, coded.clone()));
        }
        let known = [("if-none-match", plain.as_str())];
        assert_eq!(send(Method::GET, &known, Value::Null).await, (StatusCode::NOT_MODIFIED, plain.clone()));

        let wrong = [("if-match", "\"x-0-0-0-gzip\"")];
        assert_eq!(send(Method::PUT, &wrong, json!({"summary": "s"})).await.0, StatusCode::PRECONDITION_FAILED);
        let two = [wrong[0], ("if-match", coded.as_str())];
        assert_eq!(send(Method::PUT, &two, json!({"summary": "s"})).await.0, StatusCode::OK);
        let malformed = [("if-match", coded.as_str()), ("if-match", "x")];
        assert_eq!(send(Method::PUT, &malformed, json!({"summary": "t"})).await.0, StatusCode::BAD_REQUEST);
    }
}
