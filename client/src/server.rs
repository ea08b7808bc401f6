//! The marketplace's API, and OpenPAI's REST server, as commands call them.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::header::{ACCEPT, HeaderMap, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::address::segment;
use shared::protocol::Diagnostic;
use shared::wire::Problem;

use crate::error::Error;
use crate::{http, text};

/// The most bytes of an answer. An item with the longest texts has less than 4 MiB, a list
/// of 500 summaries less than one, and a list of 1,000 jobs too.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// The most bytes of a token; those of OpenPAI have some hundreds.
const MAX_TOKEN: usize = 16 * 1024;

/// Which server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The marketplace's API.
    Marketplace,
    /// OpenPAI's REST server.
    OpenPai,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Marketplace => "the marketplace",
            Self::OpenPai => "OpenPAI",
        })
    }
}

/// A bearer token. It is never shown.
pub(crate) struct Token(String);

impl Token {
    /// `None` if that is no token.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let token = text.trim();
        let is_one = (1..=MAX_TOKEN).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_one.then(|| Self(token.to_owned()))
    }
}

/// A server that knows the bearer of a token.
pub(crate) struct Server {
    http: reqwest::Client,
    /// Its address without a slash at the end.
    pub(crate) url: String,
    kind: Kind,
    token: Token,
    timeout: Duration,
}

/// An answer that is no refusal.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
    /// What is said of a body that is something else.
    strange: String,
}

/// Why a call brought nothing.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What it was answered, unless there was no answer.
    pub(crate) status: Option<StatusCode>,
    /// Why, and what to do.
    text: String,
}

impl Failure {
    /// Whether it may have been done all the same: only the answer is missing.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(
            self.status,
            None | Some(StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT)
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.into())
    }
}

impl Server {
    /// The server at an address, which the setting of this name has.
    ///
    /// # Errors
    /// When that is no address, or the machine knows no authority that signs certificates.
    pub(crate) fn new(
        url: &str,
        setting: &str,
        kind: Kind,
        token: Token,
        timeout: Duration,
    ) -> anyhow::Result<Self> {
        let parsed = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        let parsed = parsed.with_context(|| {
            format!("{setting} is no address: write one that begins with http:// or https://")
        })?;
        ensure!(
            parsed.username().is_empty() && parsed.password().is_none(),
            "{setting} has a user name or password in it: leave everything up to the `@` out"
        );
        ensure!(
            parsed.query().is_none() && parsed.fragment().is_none(),
            "{setting} has a `?` or `#` in it: write the address alone"
        );
        let http = http::client(timeout, parsed.scheme() == "https").build();
        let http = http.with_context(|| http::no_certificates(setting))?;
        Ok(Self {
            http,
            url: parsed.as_str().trim_end_matches('/').to_owned(),
            kind,
            token,
            timeout,
        })
    }

    /// A request for a path, which begins with `/`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token.0)
            .header(ACCEPT, "application/json, application/problem+json")
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When there is no answer in time, it is too long, or it is a refusal.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let lost = |error| self.lost(error);
        let mut answer = request.send().await.map_err(lost)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = http::body(&mut answer, MAX_ANSWER).await.map_err(lost)?;
        let body = body.ok_or_else(|| Failure {
            status: Some(status),
            text: format!(
                "the answer of {} is longer than {} MiB",
                self.kind,
                MAX_ANSWER / 1024 / 1024
            ),
        })?;
        if status.is_success() {
            return Ok(Answer {
                headers,
                body,
                strange: self.strange(),
            });
        }
        Err(Failure {
            status: Some(status),
            text: self.refusal(status, &headers, &body),
        })
    }

    /// Reads what is at a path.
    ///
    /// # Errors
    /// As [`Server::send`], and when the answer is something else.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.send(self.request(Method::GET, path)).await?.json()
    }

    fn lost(&self, error: reqwest::Error) -> Failure {
        let (url, kind) = (&self.url, self.kind);
        if error.is_timeout() {
            let text = format!(
                "{kind} at {url} has not answered within {} s",
                self.timeout.as_secs()
            );
            return Failure { status: None, text };
        }
        let text = format!("{kind} at {url} does not answer: {}", http::cause(error));
        Failure { status: None, text }
    }

    fn strange(&self) -> String {
        format!("{} does not answer as {} does", self.url, self.kind)
    }

    /// A refusal in the server's own words, as far as it has any, and what to do.
    fn refusal(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
        let said = said(body);
        let hint = match status {
            StatusCode::UNAUTHORIZED => {
                ". The token has expired, was revoked, or belongs to another cluster".to_owned()
            }
            StatusCode::TOO_MANY_REQUESTS => {
                let after = headers
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok());
                let seconds = after.and_then(|value| value.parse::<u32>().ok());
                let when = seconds.map_or("in a minute".to_owned(), |n| format!("in {n} seconds"));
                format!(". You have asked too often: try again {when}")
            }
            _ if said.is_none() => format!(". {}", self.strange()),
            _ => String::new(),
        };
        let said = said.map_or(String::new(), |said| format!(": {said}"));
        let said = said.trim_end_matches('.');
        format!("{} answered {status}{said}{hint}", self.kind)
    }
}

/// What an error says: problem details of ours with what is wrong with a protocol, or
/// OpenPAI's message.
fn said(body: &[u8]) -> Option<String> {
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        let all = &problem.diagnostics;
        let is_invalid = all.iter().any(Diagnostic::is_refusal);
        let shown = all.iter().filter(|found| !is_invalid || found.is_refusal());
        let mut said = text::line(&problem.detail);
        // The first one is in the detail.
        for found in shown.skip(1) {
            said.push_str("\n  ");
            said.push_str(&text::line(&found.to_string()));
        }
        return Some(said);
    }
    let error: Value = serde_json::from_slice(body).ok()?;
    let message = error["message"].as_str()?.trim();
    (!message.is_empty()).then(|| text::line(message))
}

impl Answer {
    /// The body as what it should be.
    ///
    /// # Errors
    /// When it is something else: the address leads elsewhere.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|_| Failure {
            status: None,
            text: self.strange.clone(),
        })
    }

    /// A number in a header.
    pub(crate) fn number(&self, header: &str) -> Option<u64> {
        self.headers.get(header)?.to_str().ok()?.parse().ok()
    }
}

/// The path of an item.
pub(crate) fn item_path(id: &str) -> String {
    format!("/items/{}", segment(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> anyhow::Result<Server> {
        let token = Token::read("hush").unwrap();
        Server::new(url, "URL", Kind::Marketplace, token, Duration::from_secs(1))
    }

    #[test]
    fn addresses_are_plain() {
        assert_eq!(server("http://h/api//").unwrap().url, "http://h/api");
        for bad in [
            "",
            "h",
            "ftp://h",
            "http://hush@h",
            "http://h?hush",
            "http://h#hush",
        ] {
            let error = server(bad).err().unwrap().to_string();
            assert!(
                error.starts_with("URL ") && !error.contains("hush"),
                "{error}"
            );
        }
    }

    #[test]
    fn tokens_are_of_visible_characters() {
        assert!(Token::read(" a.b-c\n").is_some());
        for bad in ["", " ", "a b", "a\nb", "ä", &"a".repeat(MAX_TOKEN + 1)] {
            assert!(Token::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn refusals_are_sentences() {
        let server = server("http://h").unwrap();
        let none = HeaderMap::new();
        let of = |status: u16, body: &str| {
            server.refusal(
                StatusCode::from_u16(status).unwrap(),
                &none,
                body.as_bytes(),
            )
        };
        assert_eq!(
            of(403, r#"{"code": "x", "message": "Not yours."}"#),
            "the marketplace answered 403 Forbidden: Not yours"
        );
        assert_eq!(
            of(404, "<html>"),
            "the marketplace answered 404 Not Found. http://h does not answer as the marketplace does"
        );
        assert_eq!(
            of(429, r#"{"message": "Slow down"}"#),
            "the marketplace answered 429 Too Many Requests: Slow down. You have asked too often: try again in a minute"
        );
        let one = r#"{"severity": "error", "code": "c", "message": "m", "path": "",
            "start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 2}}"#;
        let problem = format!(
            r#"{{"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "The first.",
                "diagnostics": [{one}, {one}]}}"#
        );
        assert_eq!(
            of(400, &problem),
            "the marketplace answered 400 Bad Request: The first.\n  line 3, column 1: m"
        );
    }
}
