//! Which items `GET /items` and `GET /items/facets` are of, as their query says.

use schemars::JsonSchema;
use serde::Deserialize;
use shared::wire::ItemFilter;

use super::super::query::{flag, given, word, words};
use super::super::text::{check_amount, check_line};
use crate::problem::Refusal;

/// The parameters, as the OpenAPI document shows them. Everything that is given must
/// hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ItemListParams {
    /// The exact name.
    name: Option<String>,
    /// The exact author.
    author: Option<String>,
    /// `template`, `data` or `old`, any of several; `all` is no filter.
    r#type: Vec<String>,
    /// `marketplace` or `pai`.
    source: Option<String>,
    /// Words, each of which is a part of name, author, summary,
    /// description or a tag, in any case. Where nothing is found so, one
    /// slip a word is forgiven.
    keyword: Option<String>,
    /// Names of tags, separated by commas, or one name a parameter where there
    /// are several; the item has all of them.
    tag: Vec<String>,
    /// Names of categories, in the same way; the item is in all.
    category: Vec<String>,
    /// `true` or `false`.
    is_public: Option<String>,
    /// `true` or `false`.
    is_private: Option<String>,
    /// `public`, `groups` or `private`, any of several.
    visibility: Vec<String>,
    /// `pending`, `approved`, `rejected` or `quarantined`, any of several.
    status: Vec<String>,
    /// Whether the caller has starred it: `true` or `false`.
    starred: Option<String>,
    /// `true` for official templates only, `false` for all others.
    official: Option<String>,
    /// `true` for the items that the caller has used last, 200 at most, `false`
    /// for all others.
    used: Option<String>,
    /// `true` for what runs, now or later, in a virtual cluster that the caller may
    /// submit to: OpenPAI would take its job, and there is enough, even if it is broken
    /// or in use. `false` for all others. 503 while OpenPAI does not say what there is.
    runs_here: Option<String>,
}

impl ItemListParams {
    /// # Errors
    /// 400 when a value is none of its words, too long, or one of too many.
    pub(super) fn filter(self) -> Result<ItemFilter, Refusal> {
        let kinds = match self.r#type {
            kinds if kinds.iter().any(|kind| kind == "all") => Vec::new(),
            kinds => words("type", kinds)?,
        };
        let filter = ItemFilter {
            name: given(self.name),
            author: given(self.author),
            kinds,
            source: word("source", self.source)?,
            keyword: given(self.keyword),
            tags: ItemFilter::names_of(&self.tag),
            categories: ItemFilter::names_of(&self.category),
            is_public: flag("isPublic", self.is_public)?,
            is_private: flag("isPrivate", self.is_private)?,
            visibilities: words("visibility", self.visibility)?,
            statuses: words("status", self.status)?,
            starred: flag("starred", self.starred)?,
            official: flag("official", self.official)?,
            used: flag("used", self.used)?,
            runs_here: flag("runsHere", self.runs_here)?,
        };
        check_line("keyword", filter.keyword.as_deref())?;
        check_amount("tag", &filter.tags)?;
        check_amount("category", &filter.categories)?;
        Ok(filter)
    }
}
