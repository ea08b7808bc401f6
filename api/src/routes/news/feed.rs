//! News as an Atom feed (RFC 4287).

use atom_syndication as atom;
use chrono::{DateTime, Utc};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use reqwest::Url;
use shared::wire::{News, NewsEntry, NewsKind};

use super::query::wrong;
use crate::problem::Refusal;

/// The longest address of a page, in bytes.
const MAX_PAGE: usize = 1_000;

const CONTENT_TYPE: &str = "application/atom+xml; charset=utf-8";

/// A feed.
pub(super) struct Feed(atom::Feed);

/// Reads the address of the marketplace's page.
///
/// # Errors
/// 400 unless it is an address that a browser opens as a page.
pub(super) fn page(text: Option<String>) -> Result<Option<Url>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    let page = Url::parse(&text)
        .ok()
        .filter(|page| text.len() <= MAX_PAGE && matches!(page.scheme(), "http" | "https"));
    let what = "it is not an address with https:// or http:// of at most 1000 bytes";
    page.map(Some).ok_or_else(|| wrong("page", what))
}

/// The feed of news, which lead to `page`.
pub(super) fn of(news: News, page: Option<&Url>, now: DateTime<Utc>) -> Feed {
    let entries: Vec<_> = news.entries.iter().map(|it| entry(it, page, now)).collect();
    Feed(atom::Feed {
        id: "urn:openpai-marketplace:news".to_owned(),
        title: "OpenPAI Marketplace".into(),
        updated: entries
            .iter()
            .map(|entry| entry.updated)
            .max()
            .unwrap_or_else(|| now.fixed_offset()),
        authors: vec![person("OpenPAI Marketplace")],
        entries,
        ..atom::Feed::default()
    })
}

fn entry(news: &NewsEntry, page: Option<&Url>, now: DateTime<Utc>) -> atom::Entry {
    let name = news.item_name.as_deref().unwrap_or("?");
    let number = news.version.unwrap_or_default();
    let title = match news.kind {
        NewsKind::Version => format!("{name}: version {number}"),
        NewsKind::Withdrawn => format!("{name}: version {number} was withdrawn"),
        NewsKind::Deprecated => format!("{name} is deprecated"),
        NewsKind::Quarantined => format!("{name} was taken out of use"),
    };
    let updated = DateTime::parse_from_rfc3339(&news.at).unwrap_or_else(|_| now.fixed_offset());
    let address = |page: &Url| {
        let mut page = page.clone();
        let mut hash = page.clone();
        hash.set_query(None);
        hash.query_pairs_mut().append_pair("itemId", &news.item_id);
        // Where the plugin shows items: docs/contract.md#1-the-portal-and-pluginjs.
        let query = hash.query().unwrap_or_default();
        page.set_fragment(Some(&format!("/market_detail?{query}")));
        atom::Link {
            href: page.to_string(),
            rel: "alternate".to_owned(),
            ..atom::Link::default()
        }
    };
    let mut id = Url::parse("urn:openpai-marketplace:news");
    if let Ok(id) = &mut id {
        let what = format!("{}/{number}/{}", news.kind, news.item_id);
        id.set_fragment(Some(&what));
    }
    atom::Entry {
        id: id.map(String::from).unwrap_or_default(),
        title: title.into(),
        updated,
        summary: news.note.as_deref().map(Into::into),
        links: page.map(address).into_iter().collect(),
        ..atom::Entry::default()
    }
}

fn person(name: &str) -> atom::Person {
    atom::Person {
        name: name.to_owned(),
        ..atom::Person::default()
    }
}

impl IntoResponse for Feed {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(CONTENT_TYPE)
            .body(self.0.to_string())
    }
}

impl ApiResponse for Feed {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/atom+xml",
                    schema: String::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(_: &mut Registry) {}
}
