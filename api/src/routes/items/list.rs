//! What the query of `GET /items` means.

use std::str::FromStr;

use shared::wire::ItemFilter;

use super::super::text::{check_amount, check_line};
use crate::problem::{self, Refusal};
use crate::store::items::Detail;

/// The query as it came. An empty value is no filter: forms send those.
pub(super) struct Words {
    pub(super) name: Option<String>,
    pub(super) author: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) source: Option<String>,
    pub(super) keyword: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) category: Option<String>,
    pub(super) is_public: Option<String>,
    pub(super) is_private: Option<String>,
}

pub(super) fn filter(words: Words) -> Result<ItemFilter, Refusal> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = ItemFilter {
        name: given(words.name),
        author: given(words.author),
        kind: parse("type", given(words.kind).filter(|kind| kind != "all"))?,
        source: parse("source", given(words.source))?,
        keyword: given(words.keyword),
        tags: ItemFilter::names(words.tag.as_deref()),
        categories: ItemFilter::names(words.category.as_deref()),
        is_public: flag("isPublic", given(words.is_public))?,
        is_private: flag("isPrivate", given(words.is_private))?,
    };
    check_line("keyword", filter.keyword.as_deref())?;
    check_amount("tag", &filter.tags)?;
    check_amount("category", &filter.categories)?;
    Ok(filter)
}

pub(super) fn detail(fields: Option<&str>) -> Result<Detail, Refusal> {
    match fields {
        None | Some("") => Ok(Detail::Full),
        Some("summary") => Ok(Detail::Summary),
        Some(other) => Err(wrong("fields", &format!("`{other}` is not `summary`"))),
    }
}

fn parse<T: FromStr<Err = String>>(name: &str, text: Option<String>) -> Result<Option<T>, Refusal> {
    text.map(|text| text.parse().map_err(|error: String| wrong(name, &error)))
        .transpose()
}

fn flag(name: &str, text: Option<String>) -> Result<Option<bool>, Refusal> {
    text.map(|text| match text.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(wrong(
            name,
            &format!("`{other}` is neither `true` nor `false`"),
        )),
    })
    .transpose()
}

fn wrong(name: &str, what: &str) -> Refusal {
    problem::bad_request(format!("The query parameter `{name}` is wrong: {what}."))
}
