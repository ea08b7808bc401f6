//! `/audit`: who did what to which thing when, for admins.

use chrono::{DateTime, Utc};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use shared::wire::AuditEntry;

use super::Heading;
use super::query::{given, number, word, wrong};
use crate::auth::SignedIn;
use crate::openapi::{Counted, Json};
use crate::problem::{self, Failure, Refusal, responses};
use store::Store;
use store::audit::Filter;

/// Lines on a page when the client does not say.
const DEFAULT_LIMIT: u64 = 100;

/// The most lines on a page: some hundred kilobytes.
const MAX_LIMIT: u64 = 1_000;

/// The largest offset that databases take.
const MAX_OFFSET: u64 = i64::MAX as u64;

/// The route.
pub struct AuditRoutes(pub(super) Store);

#[OpenApi(tag = "Heading::Audit")]
impl AuditRoutes {
    /// What has been changed, the newest first
    ///
    /// Everything that is given must hold. Stars and uses are not in it, nor
    /// what was written into a field.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/audit", method = "get")]
    async fn list(
        &self,
        SignedIn(caller): SignedIn,
        /// Who.
        user: Query<Option<String>>,
        /// The id of an item, which may be deleted by now.
        item: Query<Option<String>>,
        /// `create`, `update`, `delete`, `merge`, `approve`, `reject`, `quarantine`,
        /// `withdraw`, `reinstate`, `add-tag`, `remove-tag`, `add-category` or
        /// `remove-category`.
        action: Query<Option<String>>,
        /// At this time or later, such as `2026-01-31T12:00:00Z`.
        since: Query<Option<String>>,
        /// Before this time.
        until: Query<Option<String>>,
        /// Lines on a page, 100 unless given, at most 1,000.
        limit: Query<Option<String>>,
        /// How many lines to skip.
        offset: Query<Option<String>>,
    ) -> Result<
        Counted<Json<Vec<AuditEntry>>>,
        Failure<{ responses::BAD_REQUEST | responses::FORBIDDEN }>,
    > {
        problem::check(caller.may_curate(), "Only admins read the audit.")?;
        let filter = Filter {
            user: given(user.0),
            item: given(item.0),
            action: word("action", action.0)?,
            since: time("since", given(since.0))?,
            until: time("until", given(until.0))?,
        };
        let limit = number("limit", limit.0, 0..=MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
        let offset = number("offset", offset.0, 0..=MAX_OFFSET)?.unwrap_or(0);
        let (entries, total) = self.0.audit(&filter, limit, offset).await?;
        Ok(Counted {
            total,
            body: Json(entries),
        })
    }
}

fn time(name: &str, text: Option<String>) -> Result<Option<DateTime<Utc>>, Refusal> {
    text.map(|text| {
        DateTime::parse_from_rfc3339(&text)
            .map(|time| time.to_utc())
            .map_err(|_| {
                let what = format!("`{text}` is no time such as `2026-01-31T12:00:00Z`");
                wrong(name, &what)
            })
    })
    .transpose()
}
