//! The web portal, asked byte for byte.

use std::fs;

use testkit::http::Answer;

use crate::server::Server;

const SCRIPT: &str = "const api = \"\"; // 0123456789";

async fn start(folder: &std::path::Path) -> Server {
    fs::create_dir_all(folder.join("dist/deeper")).unwrap();
    fs::write(folder.join("dist/plugin.js"), SCRIPT).unwrap();
    fs::write(folder.join("dist/deeper/hidden.txt"), "hush").unwrap();
    fs::write(folder.join("secret.txt"), "hush").unwrap();
    Server::start_limited("webportal", folder, &[], None).await
}

/// Sends a request as it is, and reads until the server closes the connection: status,
/// head in small letters, and body.
async fn ask(server: &Server, request: &[u8]) -> (u16, String, String) {
    let answer = Answer::to(server.address(), request).await;
    (answer.status, answer.head, answer.body)
}

async fn get(server: &Server, method: &str, path: &str, headers: &str) -> (u16, String, String) {
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{headers}\r\n");
    ask(server, request.as_bytes()).await
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_default()
}

#[tokio::test]
async fn parts_of_files_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let (status, head, body) = get(&server, "GET", "/plugin.js", "").await;
    assert_eq!((status, &*body), (200, SCRIPT));
    assert_eq!(header(&head, "accept-ranges"), "bytes");
    let tag = header(&head, "etag").to_owned();
    let length = SCRIPT.len();
    for (headers, expected, part, place) in [
        (
            "range: bytes=0-4\r\n".to_owned(),
            206,
            &SCRIPT[..5],
            format!("bytes 0-4/{length}"),
        ),
        (
            "range: bytes=-5\r\n".to_owned(),
            206,
            &SCRIPT[length - 5..],
            format!("bytes {}-{}/{length}", length - 5, length - 1),
        ),
        (
            format!("range: bytes=6-\r\nif-range: {tag}\r\n"),
            206,
            &SCRIPT[6..],
            format!("bytes 6-{}/{length}", length - 1),
        ),
        (
            "range: bytes=6-\r\nif-range: \"older\"\r\n".to_owned(),
            200,
            SCRIPT,
            String::new(),
        ),
        (
            "range: bytes=0-0,2-2\r\n".to_owned(),
            200,
            SCRIPT,
            String::new(),
        ),
        (
            "range: bytes=500-\r\n".to_owned(),
            416,
            "The file is shorter than that.\n",
            format!("bytes */{length}"),
        ),
    ] {
        let (status, head, body) = get(&server, "GET", "/plugin.js", &headers).await;
        assert_eq!((status, &*body), (expected, part), "{headers}");
        assert_eq!(header(&head, "content-range"), place, "{headers}");
        assert_eq!(
            header(&head, "content-length"),
            body.len().to_string(),
            "{headers}"
        );
        assert_eq!(
            header(&head, "access-control-allow-origin"),
            "*",
            "{headers}"
        );
        if expected == 206 {
            assert_eq!(header(&head, "etag"), tag);
            assert!(header(&head, "content-type").starts_with("text/javascript"));
        }
    }
}

#[tokio::test]
async fn head_and_conditions_spare_the_body() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let (_, whole, _) = get(&server, "GET", "/plugin.js", "").await;
    let tag = header(&whole, "etag");
    for headers in ["", "range: bytes=0-4\r\n"] {
        let (status, head, body) = get(&server, "HEAD", "/plugin.js", headers).await;
        assert_eq!((status, &*body), (200, ""));
        for name in [
            "etag",
            "content-length",
            "content-type",
            "cache-control",
            "vary",
            "accept-ranges",
        ] {
            assert_eq!(header(&head, name), header(&whole, name), "{name}");
        }
    }
    for (condition, expected) in [
        (tag.to_owned(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"other\", {tag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
    ] {
        for method in ["GET", "HEAD"] {
            let headers = format!("if-none-match: {condition}\r\nrange: bytes=500-\r\n");
            let headers = if expected == 304 {
                headers
            } else {
                format!("if-none-match: {condition}\r\n")
            };
            let (status, head, body) = get(&server, method, "/plugin.js", &headers).await;
            assert_eq!(status, expected, "{method} {condition}");
            assert_eq!(header(&head, "etag"), tag, "{method} {condition}");
            assert_eq!(body.is_empty(), expected == 304 || method == "HEAD");
        }
    }
    for path in ["/", "/healthz", "/readyz"] {
        let (status, _, body) = get(&server, "HEAD", path, "").await;
        assert_eq!((status, &*body), (200, ""), "{path}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let absolute = folder.path().join("secret.txt");
    let absolute = absolute.display();
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/....//secret.txt",
        "/%252e%252e%252fsecret.txt",
        "/dist/../../secret.txt",
        "/deeper/hidden.txt",
        "/deeper%2fhidden.txt",
        "/deeper",
        "/.",
        "/..",
        "/%2e%2e",
        "/plugin.js/",
        "/plugin.js%00.txt",
        "/plugin.js%00",
        &format!("/{absolute}"),
        &format!("{absolute}"),
        &absolute.to_string().replace('/', "%2f"),
        "file:///etc/passwd",
        "http://h/../secret.txt",
        "/~root/secret.txt",
    ] {
        let (status, _, body) = get(&server, "GET", path, "").await;
        assert!([400, 404].contains(&status), "{path}: {status}");
        assert!(
            !body.contains("hush") && !body.contains("root:"),
            "{path}: {body}"
        );
    }
    // Where no path may have them.
    for path in [&b"/plugin.js\0"[..], b"/\0", b"/plugin.js\xff", b"/a b"] {
        let request = [
            b"GET ",
            path,
            b" HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n",
        ]
        .concat();
        let (status, _, _) = ask(&server, &request).await;
        assert!([400, 404].contains(&status), "{path:?}: {status}");
    }
    assert_eq!(get(&server, "GET", "/plugin.js", "").await.0, 200);
}

#[tokio::test]
async fn requests_that_are_too_long_or_senseless_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path()).await;
    let long = "x".repeat(300 * 1024);
    let many = "x: y\r\n".repeat(200);
    for (path, headers) in [
        ("/plugin.js", format!("cookie: {long}\r\n")),
        ("/plugin.js", many),
    ] {
        let (status, _, _) = get(&server, "GET", path, &headers).await;
        // 0: cut off before all was sent, and so before the answer was read.
        assert!([0, 431].contains(&status), "{status}");
    }
    let (status, _, _) = get(&server, "GET", &format!("/{long}"), "").await;
    assert!([0, 414, 431].contains(&status), "{status}");
    for request in [
        &b"GARBAGE\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /plugin.js HTTP/1.1\r\nhost h\r\n\r\n",
        b"GET /plugin.js HTTP/9.9\r\nhost: h\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /plugin.js HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"POST /plugin.js HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked, identity\r\n\r\nhello",
    ] {
        let (status, _, body) = ask(&server, request).await;
        assert!([0, 400, 505].contains(&status), "{status} {body}: {request:?}");
    }
    // Bodies are not read, and not waited for.
    let headers = "content-length: 1000000000000\r\n";
    assert_eq!(get(&server, "POST", "/plugin.js", headers).await.0, 405);
    assert_eq!(get(&server, "GET", "/plugin.js", "").await.0, 200);
}
