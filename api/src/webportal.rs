//! `marketplace webportal`: a small file server for the built plugin, which
//! OpenPAI's portal loads from another origin or through pylon.

mod asset;
mod range;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};

use crate::problem::RETRY_AFTER_SECONDS;
use crate::stop::Stop;
use asset::Asset;

/// What `plugin.js` holds, quotes included, where the API's address goes.
const API_PLACEHOLDER: &str = "\"__MARKETPLACE_API_URL__\"";

/// The file that the portal loads.
const ENTRY: &str = "plugin.js";

/// The built plugin, ready to be sent: a few hundred kilobytes.
pub type Files = Arc<HashMap<String, Asset>>;

/// Reads the built plugin and writes the API's address into it.
///
/// # Errors
/// When the folder holds no plugin.
pub fn load(folder: &Path, api_url: Option<&str>) -> anyhow::Result<Files> {
    if !folder.join(ENTRY).is_file() {
        bail!(
            "there is no {ENTRY} in {}: build the plugin with `trunk build --release`, or set PLUGIN_DIR to where it is",
            folder.display()
        );
    }
    let mut files = HashMap::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        // `index.html` is the page of `trunk serve`, for developers only.
        if !path.is_file() || name == "index.html" {
            continue;
        }
        let mut body =
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if let (ENTRY, Some(url)) = (name, api_url.filter(|url| !url.is_empty())) {
            body = with_api_url(&body, url)?;
        }
        files.insert(name.to_owned(), Asset::new(name, body));
    }
    Ok(Arc::new(files))
}

/// A JSON string is a JavaScript string; `<` is escaped so that the text stays
/// harmless even inside a page.
fn with_api_url(body: &[u8], url: &str) -> anyhow::Result<Vec<u8>> {
    let script = std::str::from_utf8(body).context("plugin.js is no text")?;
    if script.matches(API_PLACEHOLDER).count() != 1 {
        bail!("plugin.js has no place for the API's address; build the plugin anew");
    }
    let literal = serde_json::to_string(url)?.replace('<', "\\u003c");
    Ok(script.replace(API_PLACEHOLDER, &literal).into_bytes())
}

/// Serves the files, at any depth: pylon and old configurations differ in what
/// they put before the name. Starts to compress them beside that.
pub fn endpoint(files: Files, stop: Stop) -> impl Endpoint<Output = Response> + 'static {
    let waiting = files.clone();
    std::thread::spawn(move || waiting.values().for_each(Asset::compress));
    poem::endpoint::make_sync(move |request| {
        let mut response = answer(&files, &stop, &request);
        let headers = response.headers_mut();
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN.as_str(), "*"),
            ("cross-origin-resource-policy", "cross-origin"),
            (header::X_CONTENT_TYPE_OPTIONS.as_str(), "nosniff"),
        ] {
            if let Ok(name) = poem::http::HeaderName::try_from(name) {
                headers.insert(name, poem::http::HeaderValue::from_static(value));
            }
        }
        tracing::debug!(method = %request.method(), status = response.status().as_u16(), "request");
        response
    })
}

fn answer(files: &Files, stop: &Stop, request: &Request) -> Response {
    let method = request.method();
    if *method == Method::OPTIONS {
        return Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD")
            .header(header::ACCESS_CONTROL_MAX_AGE, "86400")
            .finish();
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Response::builder()
            .status(StatusCode::METHOD_NOT_ALLOWED)
            .header(header::ALLOW, "GET, HEAD")
            .body("This server only hands out files.\n");
    }
    let path = request.uri().path();
    let name = path.rsplit('/').next().unwrap_or_default();
    match files.get(name) {
        Some(file) => file.response(request.headers(), method),
        None if path == "/readyz" && stop.is_going_down() => Response::builder()
            .status(StatusCode::SERVICE_UNAVAILABLE)
            .header(header::RETRY_AFTER, RETRY_AFTER_SECONDS)
            .body("going down\n"),
        None if matches!(path, "/" | "/healthz" | "/readyz") => {
            Response::builder().body("OpenPAI Marketplace plugin: /plugin.js\n")
        }
        None => Response::builder()
            .status(StatusCode::NOT_FOUND)
            .body("There is no such file; the plugin is /plugin.js.\n"),
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("const api = {API_PLACEHOLDER};");
        fs::write(folder.path().join(ENTRY), script).unwrap();
        fs::write(
            folder.path().join("marketplace-0123456789abcdef.wasm"),
            b"\0asm",
        )
        .unwrap();
        fs::write(folder.path().join("index.html"), "<p>").unwrap();
        folder
    }

    fn client(folder: &tempfile::TempDir, api_url: Option<&str>) -> TestClient<impl Endpoint> {
        let files = load(folder.path(), api_url).unwrap();
        TestClient::new(endpoint(files, Stop::default()))
    }

    #[tokio::test]
    async fn the_api_address_is_written_into_the_script() {
        let folder = folder();
        let client = client(&folder, Some("https://h/api?</script>\""));
        let response = client.get("/plugin.js").send().await;
        response.assert_header("content-type", "text/javascript; charset=utf-8");
        response.assert_header("access-control-allow-origin", "*");
        response.assert_header("cache-control", "no-cache");
        response
            .assert_text(r#"const api = "https://h/api?\u003c/script>\"";"#)
            .await;
    }

    #[tokio::test]
    async fn a_script_without_an_address_is_left_as_it_is() {
        let folder = folder();
        let client = client(&folder, None);
        let response = client.get("/plugin.js").send().await;
        response
            .assert_text(format!("const api = {API_PLACEHOLDER};"))
            .await;
    }

    #[tokio::test]
    async fn hashed_files_are_kept_and_known_ones_are_not_sent_again() {
        let folder = folder();
        let client = client(&folder, None);
        let path = "/marketplace/marketplace-0123456789abcdef.wasm";
        let response = client.get(path).send().await;
        response.assert_header("content-type", "application/wasm");
        response.assert_header("cache-control", "public, max-age=31536000, immutable");
        let etag = response.0.header("etag").unwrap().to_owned();
        let again = client.get(path).header("if-none-match", etag).send().await;
        again.assert_status(StatusCode::NOT_MODIFIED);
        again.assert_text("").await;
    }

    /// Asks for a form until it is ready.
    async fn in_form(
        client: &TestClient<impl Endpoint>,
        accept: &str,
        expected: &str,
    ) -> poem::test::TestResponse {
        let ready = async {
            loop {
                let request = client.get("/plugin.js").header("accept-encoding", accept);
                let response = request.send().await;
                let coding = response.0.header("content-encoding");
                if coding.unwrap_or("identity") == expected {
                    return response;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), ready)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn files_are_sent_in_the_smallest_form_that_is_asked_for() {
        let folder = folder();
        let script = "console.log('the same again and again');\n".repeat(500);
        fs::write(folder.path().join(ENTRY), &script).unwrap();
        let client = client(&folder, None);
        let mut tags = std::collections::HashSet::new();
        for (accept, expected) in [
            ("gzip, deflate, br", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("br;q=0, gzip;q=0, identity", "identity"),
        ] {
            let response = in_form(&client, accept, expected).await;
            response.assert_header("vary", "Accept-Encoding");
            response.assert_header("content-type", "text/javascript; charset=utf-8");
            let tag = response.0.header("etag").unwrap().to_owned();
            let length = response.0.into_body().into_vec().await.unwrap().len();
            assert_eq!(length == script.len(), expected == "identity", "{accept}");
            let again = client
                .get("/plugin.js")
                .header("accept-encoding", accept)
                .header("if-none-match", &tag);
            let again = again.send().await;
            again.assert_status(StatusCode::NOT_MODIFIED);
            again.assert_header("etag", &tag);
            tags.insert(tag);
        }
        assert_eq!(tags.len(), 3, "every form has a tag of its own: {tags:?}");
    }

    #[tokio::test]
    async fn nothing_else_is_handed_out() {
        let folder = folder();
        let client = client(&folder, None);
        for path in ["/index.html", "/../Cargo.toml", "/x/"] {
            client
                .get(path)
                .send()
                .await
                .assert_status(StatusCode::NOT_FOUND);
        }
        client
            .post("/plugin.js")
            .send()
            .await
            .assert_status(StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn an_empty_folder_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let error = load(folder.path(), None).err().unwrap().to_string();
        assert!(error.contains("trunk build"), "{error}");
    }
}
