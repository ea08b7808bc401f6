//! What the query of `GET /items` means.

use std::str::FromStr;

use shared::wire::ItemFilter;

use super::super::text::{check_amount, check_line};
use crate::problem::{self, Refusal};
use crate::store::items::Detail;
use crate::store::list::{MAX_LIMIT, Page, Sort};

/// The query as it came. An empty value is no filter: forms send those.
pub(super) struct Words {
    pub(super) name: Option<String>,
    pub(super) author: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) source: Option<String>,
    pub(super) keyword: Option<String>,
    pub(super) tag: Option<Vec<String>>,
    pub(super) category: Option<Vec<String>>,
    pub(super) is_public: Option<String>,
    pub(super) is_private: Option<String>,
    pub(super) official: Option<String>,
    pub(super) used: Option<String>,
}

pub(super) fn filter(words: Words) -> Result<ItemFilter, Refusal> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = ItemFilter {
        name: given(words.name),
        author: given(words.author),
        kind: parse("type", given(words.kind).filter(|kind| kind != "all"))?,
        source: parse("source", given(words.source))?,
        keyword: given(words.keyword),
        tags: ItemFilter::names_of(&words.tag.unwrap_or_default()),
        categories: ItemFilter::names_of(&words.category.unwrap_or_default()),
        is_public: flag("isPublic", given(words.is_public))?,
        is_private: flag("isPrivate", given(words.is_private))?,
        official: flag("official", given(words.official))?,
        used: flag("used", given(words.used))?,
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

/// Which part of the list is asked for, and in which order.
pub(super) fn page(
    filter: &ItemFilter,
    limit: Option<String>,
    offset: Option<String>,
    sort: Option<String>,
) -> Result<Page, Refusal> {
    let limit = number("limit", limit, 1, MAX_LIMIT)?;
    let sort = match sort.as_deref() {
        // Whoever asks for a page wants what fits best on the first one; old
        // clients, which ask for all, expect the newest first.
        None | Some("") if filter.keyword.is_some() && limit.is_some() => Sort::Relevance,
        None | Some("") => Sort::default(),
        Some("relevance") => Sort::Relevance,
        Some("-createdAt") => Sort::CreatedAt,
        Some("-updatedAt") => Sort::UpdatedAt,
        Some("name") => Sort::Name,
        Some("-starNumber") => Sort::StarNumber,
        Some("-useNumber") => Sort::UseNumber,
        Some("-usedAt") if filter.used == Some(true) => Sort::UsedAt,
        Some("-usedAt") => return Err(wrong("sort", "`-usedAt` goes with `used=true` only")),
        Some(other) => {
            return Err(wrong(
                "sort",
                &format!(
                    "`{other}` is not one of: relevance, -createdAt, -updatedAt, name, -starNumber, -useNumber, -usedAt"
                ),
            ));
        }
    };
    Ok(Page {
        limit,
        offset: number("offset", offset, 0, u32::MAX.into())?.unwrap_or(0),
        sort,
    })
}

fn number(name: &str, text: Option<String>, min: u64, max: u64) -> Result<Option<u64>, Refusal> {
    text.filter(|text| !text.is_empty())
        .map(|text| match text.parse() {
            Ok(number) if (min..=max).contains(&number) => Ok(number),
            _ => Err(wrong(
                name,
                &format!("`{text}` is not a whole number from {min} to {max}"),
            )),
        })
        .transpose()
}

/// The header `Link` (RFC 8288) of a page: where the first, previous, next and
/// last ones are. The addresses are nothing but the query, so that they hold
/// whatever path a proxy has put in front.
pub(super) fn link(query: Option<&str>, page: Page, total: u64) -> Option<String> {
    let limit = page.limit?;
    let kept: String = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !matches!(pair.split('=').next(), Some("offset")))
        .flat_map(|pair| [pair, "&"])
        .collect();
    let to = |rel: &str, offset: u64| format!("<?{kept}offset={offset}>; rel=\"{rel}\"");
    let last = total.saturating_sub(1) / limit * limit;
    let mut links = vec![to("first", 0)];
    if page.offset > 0 {
        links.push(to("prev", page.offset.saturating_sub(limit).min(last)));
    }
    if page.offset + limit < total {
        links.push(to("next", page.offset + limit));
    }
    links.push(to("last", last));
    Some(links.join(", "))
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
