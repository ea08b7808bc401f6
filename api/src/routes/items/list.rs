//! Which part of a list is asked for, how much of each item, and where the rest is.

use shared::wire::ItemFilter;

use super::super::query::{number, wrong};
use crate::problem::Refusal;
use store::items::Detail;
use store::listing::{MAX_LIMIT, Page, Sort};

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
    let limit = number("limit", limit, 1..=MAX_LIMIT)?;
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
        Some("-success") => Sort::Success,
        Some("-usedAt") if filter.used == Some(true) => Sort::UsedAt,
        Some("-usedAt") => return Err(wrong("sort", "`-usedAt` goes with `used=true` only")),
        Some(other) => {
            return Err(wrong(
                "sort",
                &format!(
                    "`{other}` is not one of: relevance, -createdAt, -updatedAt, name, -starNumber, -useNumber, -success, -usedAt"
                ),
            ));
        }
    };
    Ok(Page {
        limit,
        offset: number("offset", offset, 0..=u32::MAX.into())?.unwrap_or(0),
        sort,
    })
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
