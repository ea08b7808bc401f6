//! The marketplace API, as the browser calls it.

pub(crate) mod admin;
mod detail;
mod evidence;
mod news;
mod versions;

use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gloo_net::http::{Headers, Method, RequestBuilder};
use js_sys::Promise;
use leptos::prelude::{TimeoutHandle, set_timeout_with_handle};
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::address::segment;
use shared::protocol::Diagnostic;
use shared::wire::{Created, Facets, Item, ItemChanges, Me, NewItem, Problem};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use crate::connection::{Connection, Trouble};
use crate::messages;

/// The query of the list that `loader.js` asks for: what the page without filters
/// begins with.
pub(crate) const EARLY: &str = "official=true&";

const NO_HEADER: (&str, &str) = ("", "");

/// A call without an answer is given up after this long: the API's own limits
/// are shorter, so only a lost connection takes longer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The most bytes of a request that pylon lets through over https (docs/contract.md#5-deployment).
/// Its refusal has no CORS headers: from another origin it looks like no answer.
const PYLON_TAKES: usize = 1024 * 1024;

/// Why a call did not bring what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What to tell the user: the server's own words, if there are any.
    pub text: String,
    /// What is wrong with the protocol, if that is the problem.
    pub diagnostics: Vec<Diagnostic>,
    /// The request may have been carried out all the same: the answer got
    /// lost or did not come in time.
    pub unknown: bool,
}

/// Where the API is; nobody is signed in yet.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    base: Arc<str>,
}

/// The API with somebody signed in. The token travels in the `Authorization`
/// header and nowhere else. Dropping the future of a call aborts the request.
#[derive(Clone, Debug)]
pub(crate) struct Client(Arc<Parts>);

/// What a client knows. Every page has some clones of that: they are one pointer.
#[derive(Debug)]
pub(crate) struct Parts {
    endpoint: Endpoint,
    authorization: Arc<str>,
    /// The first page of [`EARLY`], which `loader.js` has asked for already; for the
    /// first one who wants it: how many items there are, a line break, and the page.
    list: Mutex<Option<SendWrapper<Promise>>>,
    connection: Connection,
}

impl Deref for Client {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Endpoint {
    /// The API at this address, with or without a slash at its end.
    pub(crate) fn new(address: &str) -> Self {
        Self {
            base: address.trim_end_matches('/').into(),
        }
    }

    /// The API as the bearer of a token of OpenPAI sees it. Call it inside the app's root.
    /// `list` is a promise of the first page of [`EARLY`].
    pub(crate) fn signed_in(self, token: &str, list: Promise) -> Client {
        Client(Arc::new(Parts {
            endpoint: self,
            authorization: format!("Bearer {token}").into(),
            list: Mutex::new(Some(SendWrapper::new(list))),
            connection: Connection::new(),
        }))
    }
}

impl Client {
    /// How the calls go.
    pub(crate) fn connection(&self) -> Connection {
        self.connection
    }

    /// What the `Authorization` header says.
    pub(crate) fn authorization(&self) -> Arc<str> {
        self.authorization.clone()
    }

    /// Who the caller is.
    pub(crate) async fn me(&self) -> Result<Me, Failure> {
        self.get("/me").await
    }

    /// A page of the items that `query` chooses, without protocol and description, and
    /// how many there are on all pages. Each parameter of the query ends with `&`.
    pub(crate) async fn page(
        &self,
        query: &str,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Item>, usize), Failure> {
        if query == EARLY
            && offset == 0
            && let Some(list) = self.early_list().await
            && let Some((total, text)) = list.split_once('\n')
        {
            return Ok((read(text)?, total.parse().unwrap_or_default()));
        }
        let path = format!("/items?fields=summary&{query}limit={limit}&offset={offset}");
        let (text, headers) = self.exchange(Method::GET, &path, None, NO_HEADER).await?;
        let items: Vec<Item> = read(&text)?;
        let total = headers.get("X-Total-Count");
        let total = total.and_then(|total| total.parse().ok());
        let total = total.unwrap_or(offset + items.len());
        Ok((items, total))
    }

    /// How many of the items that `query` chooses there are of each kind.
    pub(crate) async fn facets(&self, query: &str) -> Result<Facets, Failure> {
        self.get(&format!("/items/facets?{query}")).await
    }

    /// One item with everything, and its `ETag`.
    pub(crate) async fn item(&self, id: &str) -> Result<(Item, String), Failure> {
        let path = item_path(id);
        let (text, etag) = self.send(Method::GET, &path, None, NO_HEADER).await?;
        Ok((read(&text)?, etag))
    }

    /// Makes an item. The API knows it again by `key` for a day: the same item
    /// sent once more is not made twice.
    pub(crate) async fn create(&self, item: &NewItem, key: &str) -> Result<Created, Failure> {
        let body = Some(write(item)?);
        let key = ("Idempotency-Key", key);
        read(&self.send(Method::POST, "/items", body, key).await?.0)
    }

    /// Changes what `changes` mentions, if the item is still the version with
    /// this `ETag`; else it fails with 412.
    pub(crate) async fn update(
        &self,
        id: &str,
        changes: &ItemChanges,
        etag: &str,
    ) -> Result<(), Failure> {
        let body = Some(write(changes)?);
        self.send(Method::PUT, &item_path(id), body, ("If-Match", etag))
            .await?;
        Ok(())
    }

    /// Deletes an item for good, if it is still the version with this `ETag`;
    /// else it fails with 412.
    pub(crate) async fn delete(&self, id: &str, etag: &str) -> Result<(), Failure> {
        let path = item_path(id);
        self.send(Method::DELETE, &path, None, ("If-Match", etag))
            .await?;
        Ok(())
    }

    /// Counts a use of the item and brings its job as the JSON that OpenPAI's
    /// submit page takes, if it is still the version of this number; else it fails with 412.
    pub(crate) async fn use_item(&self, id: &str, version: i32) -> Result<String, Failure> {
        let path = format!("{}/use?version={version}", item_path(id));
        Ok(self.send(Method::POST, &path, None, NO_HEADER).await?.0)
    }

    /// The names of all tags (`/tags`) or categories (`/categories`).
    pub(crate) async fn names(&self, path: &str) -> Result<Vec<String>, Failure> {
        let all: Vec<Named> = self.get(path).await?;
        Ok(all.into_iter().map(|one| one.name).collect())
    }

    async fn early_list(&self) -> Option<String> {
        let list = self.list.lock().ok()?.take()?;
        JsFuture::from(list.take()).await.ok()?.as_string()
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        read(&self.send(Method::GET, path, None, NO_HEADER).await?.0)
    }

    /// Brings the text of the answer, and its `ETag`.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        header: (&str, &str),
    ) -> Result<(String, String), Failure> {
        let (text, headers) = self.exchange(method, path, body, header).await?;
        Ok((text, headers.get("ETag").unwrap_or_default()))
    }

    /// Brings the text of the answer, and its headers.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        header: (&str, &str),
    ) -> Result<(String, Headers), Failure> {
        let is_large = body.as_ref().is_some_and(|body| body.len() > PYLON_TAKES);
        let answer = self.ask(method, path, body, header).await;
        // Of a large one nobody knows what has become.
        if answer.is_ok() || !is_large {
            self.connection
                .report(answer.as_ref().err().and_then(Failure::trouble));
        }
        answer
    }

    /// A header without a value is left out of the request.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        header: (&str, &str),
    ) -> Result<(String, Headers), Failure> {
        let flight = Flight::start();
        let size = body.as_ref().map_or(0, String::len);
        let request = RequestBuilder::new(&format!("{}{path}", self.endpoint.base))
            .method(method)
            .header("Accept", "application/json, application/problem+json")
            .header("Authorization", &self.authorization)
            .abort_signal(Some(&flight.controller.signal()));
        let request = match header {
            (_, "") => request,
            (name, value) => request.header(name, value),
        };
        let request = match body {
            Some(body) => request
                .header("Content-Type", "application/json")
                .body(body),
            None => request.build(),
        };
        let answer = request.map_err(|e| Failure::unreachable(&e))?.send().await;
        let answer =
            answer.map_err(|e| Failure::unreachable(&e).of_size(size, size > PYLON_TAKES))?;
        let text = answer.text().await.map_err(|e| Failure::unreachable(&e))?;
        if answer.ok() {
            Ok((text, answer.headers()))
        } else {
            Err(Failure::answered(
                answer.status(),
                &answer.status_text(),
                &text,
                size,
            ))
        }
    }
}

impl Failure {
    /// The token is missing, expired or revoked.
    pub(crate) fn signed_out(&self) -> bool {
        self.status == Some(401)
    }

    /// What it says about the marketplace as a whole.
    fn trouble(&self) -> Option<Trouble> {
        match self.status {
            None if self.unknown => Some(Trouble::Unreachable),
            Some(401) => Some(Trouble::SignedOut),
            Some(502 | 504) => Some(Trouble::Unreachable),
            Some(503) if self.text.starts_with("OpenPAI") => Some(Trouble::WithoutOpenpai),
            Some(503) => Some(Trouble::Incomplete),
            _ => None,
        }
    }

    /// Something went wrong on this side.
    pub(crate) fn local(text: impl Into<String>) -> Self {
        Self {
            status: None,
            text: text.into(),
            diagnostics: Vec::new(),
            unknown: false,
        }
    }

    fn unreachable(error: &gloo_net::Error) -> Self {
        let timed_out = matches!(error, gloo_net::Error::JsError(e) if e.name == "AbortError");
        let text = if timed_out {
            messages::client::late(&TIMEOUT.as_secs().to_string())
        } else {
            messages::client::unreachable().into()
        };
        Self {
            unknown: true,
            ..Self::local(text)
        }
    }

    /// `size` is that of the request, in bytes.
    fn answered(status: u16, status_text: &str, body: &str, size: usize) -> Self {
        let problem = serde_json::from_str::<Problem>(body).ok();
        let (detail, diagnostics) = problem.map_or_else(
            || (String::new(), Vec::new()),
            |problem| (problem.detail, problem.diagnostics),
        );
        let is_foreign = detail.is_empty();
        let text = if is_foreign {
            messages::client::answered(format!("{status} {status_text}").trim_end())
        } else {
            detail
        };
        Self {
            status: Some(status),
            text,
            diagnostics,
            // A proxy between here and there says so, not the marketplace.
            unknown: matches!(status, 502 | 504),
        }
        .of_size(size, is_foreign && status == 413)
    }

    /// Says, if it is so, that something on the way may have refused a request of so
    /// many bytes.
    fn of_size(mut self, size: usize, matters: bool) -> Self {
        if matters {
            let size = messages::number(size / 1024);
            self.text = messages::client::too_large(&self.text, &size);
        }
        self
    }
}

/// What is used of a tag or a category.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// A request under way: it ends with this value, or after [`TIMEOUT`].
pub(crate) struct Flight {
    /// What ends the request.
    pub controller: AbortController,
    timer: Option<TimeoutHandle>,
}

impl Flight {
    /// Begins now.
    pub(crate) fn start() -> Self {
        #[allow(clippy::expect_used, reason = "every browser that runs wasm has it")]
        let controller = AbortController::new().expect("AbortController exists");
        let late = controller.clone();
        let timer = set_timeout_with_handle(move || late.abort(), TIMEOUT).ok();
        Self { controller, timer }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(timer) = self.timer {
            timer.clear();
        }
        self.controller.abort();
    }
}

fn item_path(id: &str) -> String {
    format!("/items/{}", segment(id))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|e| Failure::local(messages::client::unreadable(&e.to_string())))
}

fn write<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|e| Failure::local(messages::client::unsendable(&e.to_string())))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_failure_carries_the_servers_words() {
        let body =
            r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"Only alice may."}"#;
        assert_eq!(
            Failure::answered(403, "Forbidden", body, 0).text,
            "Only alice may."
        );
        let failure = Failure::answered(502, "Bad Gateway", "<html>", 0);
        assert_eq!(failure.text, "The marketplace answered 502 Bad Gateway.");
        assert!(!failure.signed_out());
        assert!(Failure::answered(401, "Unauthorized", "", 0).signed_out());
    }

    #[wasm_bindgen_test]
    fn what_is_wrong_with_the_marketplace_is_told_apart() {
        let trouble = |status, unknown, text: &str| {
            let failure = Failure {
                status,
                unknown,
                ..Failure::local(text)
            };
            failure.trouble()
        };
        assert_eq!(trouble(None, true, ""), Some(Trouble::Unreachable));
        assert_eq!(trouble(Some(502), true, ""), Some(Trouble::Unreachable));
        let text = "OpenPAI's REST server is out of reach at the moment.";
        let found = trouble(Some(503), false, text);
        assert_eq!(found, Some(Trouble::WithoutOpenpai));
        let found = trouble(Some(503), false, "The database");
        assert_eq!(found, Some(Trouble::Incomplete));
        assert_eq!(trouble(Some(401), false, ""), Some(Trouble::SignedOut));
        assert_eq!(trouble(Some(404), false, ""), None, "it answers");
        assert_eq!(trouble(None, false, "no JSON"), None);
    }

    #[wasm_bindgen_test]
    fn a_proxy_that_takes_less_is_told_from_the_marketplace() {
        let failure = Failure::answered(413, "Request Entity Too Large", "<html>", 2 << 20);
        assert_eq!(
            failure.text,
            "The marketplace answered 413 Request Entity Too Large. 2,048 KiB were sent: a proxy on the way may take \
             less. Shorten the texts, or ask an admin to raise its limit."
        );
        assert!(!failure.unknown, "it was not carried out");
        let ours = r#"{"type":"about:blank","title":"Payload Too Large","status":413,"detail":"1024 KiB at most."}"#;
        let failure = Failure::answered(413, "Payload Too Large", ours, 2 << 20);
        assert_eq!(failure.text, "1024 KiB at most.");
    }

    #[wasm_bindgen_test]
    fn an_id_is_one_segment_of_the_path() {
        assert_eq!(item_path("chosen id/1?"), "/items/~chosen~20id~2F1~3F");
    }
}
