//! `/items`: the catalogue's templates and data sets, and their tags and
//! categories.

mod change;
mod create;
mod evidence;
mod externals;
mod facets;
mod follow;
mod labels;
mod list;
mod params;
mod personal;
mod review;
mod secrets;
mod star;
mod use_item;
mod validation;
mod versions;

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Query};
use poem_openapi::payload::PlainText;
use shared::access::{Caller, Facts};
use shared::wire::{Created, Item, ItemChanges, MAX_LINE, NewItem, OFFICIAL_CATEGORY, Sharing};

pub(super) use evidence::EvidenceRoutes;
pub(super) use externals::ExternalRoutes;
pub(super) use follow::Follows;
pub(super) use labels::{ItemCategories, ItemTags};
use params::ItemListParams;
pub use review::Review;
pub(super) use review::Reviews;
pub(super) use star::Stars;
pub(super) use use_item::ItemUse;
pub(super) use versions::Versions;

use super::{Heading, text};
use crate::auth::SignedIn;
use crate::config::SharedSecrets;
use crate::etag::{self, IfMatch};
use crate::fit::Fit;
use crate::idempotency::IdempotencyHeader;
use crate::list_memory::ListMemory;
use crate::openapi::{Answer, InHeader, Json, JsonList, Paged, Path, QueryParams, Tagged, Text};
use crate::problem::{self, Failure, Refusal, responses};
use store::Store;
use store::listing::Viewer;
use store::versions::Reason;

/// The routes of items themselves.
pub struct Items(pub(super) Store, pub(super) Fit);

/// How many items there are of each kind.
pub struct ItemFacets(pub(super) Store, pub(super) Fit);

type Changing = Failure<{ responses::FORBIDDEN | responses::NOT_FOUND }>;

#[OpenApi(tag = "Heading::Items")]
impl Items {
    /// The items that the caller may see
    ///
    /// Everything that is given must hold. Without `limit` all of them are
    /// answered.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/items", method = "get")]
    async fn list(
        &self,
        request: &Request,
        SignedIn(caller): SignedIn,
        Data(memory): Data<&ListMemory>,
        params: QueryParams<ItemListParams>,
        /// `summary` leaves out protocol and description.
        fields: Query<Option<String>>,
        /// The most items to answer, 1 to 500.
        limit: Query<Option<String>>,
        /// How many items to leave out before the first one.
        offset: Query<Option<String>>,
        /// `relevance`, `-createdAt`, `-updatedAt`, `name`, `-starNumber`,
        /// `-useNumber`, `-success` (by what runs on this cluster have shown) or, with `used=true`, `-usedAt`; ties are settled by id. Without it newest first, or
        /// by relevance when there are both `keyword` and `limit`.
        sort: Query<Option<String>>,
        /// The `ETag` of an answer that the client has; it is told 304 when
        /// nothing has changed since.
        #[oai(name = "If-None-Match")]
        _known: Header<Option<String>>,
    ) -> Result<Paged<Item>, Failure<{ responses::BAD_REQUEST }>> {
        let filter = params.0.filter()?;
        let detail = list::detail(fields.0.as_deref())?;
        let page = list::page(&filter, limit.0, offset.0, sort.0)?;
        let official = self.0.official_names().await?;
        let runnable = self.1.runnable_for(request, &filter).await?;
        let viewer = Viewer {
            runnable: runnable.as_ref().map_or(&[], |runnable| &runnable.codes),
            ..Viewer::from(&*caller)
        };
        let mut share = memory.begin(&caller.name, page.is_short()).await?;
        let (items, total) = loop {
            let mut items = JsonList::new(share);
            let each = |item| items.push(&personal::redact(&caller, &official, item));
            match self.0.list(viewer, &filter, detail, page, each).await {
                Err(_) if items.is_outgrown() => {
                    drop(items);
                    share = memory.begin_alone(&caller.name).await?;
                }
                total => break (items, total?),
            }
        };
        Ok(Paged {
            items,
            total,
            link: list::link(request.uri().query(), page, total),
        })
    }

    /// Share a new item
    ///
    /// Where approval is required, what somebody who is no admin shares, with
    /// everybody or with groups, is `pending`: only its author and admins see it
    /// until one approves it. One shares with groups of one's own.
    ///
    /// `copiedFrom` names an item that the caller may read, and which of its versions was
    /// copied, the newest unless told. It is kept when that one is changed or deleted, and
    /// told to those who may read it.
    ///
    /// What is shared and looks as if it held secrets is refused, unless an admin shares it
    /// or has switched that off.
    ///
    /// With `Idempotency-Key` it can be sent again: within 24 hours the same key
    /// with the same body makes no second item, and the answer is the same.
    #[oai(path = "/items", method = "post")]
    async fn create(
        &self,
        SignedIn(caller): SignedIn,
        Data(review): Data<&Review>,
        Data(secrets): Data<&SharedSecrets>,
        /// A key that the client makes for this item, such as a UUID: 1 to 255
        /// visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: InHeader<IdempotencyHeader>,
        body: Json<NewItem>,
    ) -> Result<
        Answer<201, Created>,
        Failure<{ responses::BODY_REFUSED | responses::FORBIDDEN | responses::KEY_REUSED }>,
    > {
        let key = key.0.with_body(&body.0)?;
        if let Some(key) = &key
            && let Some(id) = self.0.made_with(&caller.name, key).await?
        {
            tracing::info!(caller = caller.name, item = id, "item was created before");
            return Ok(Answer(Created { id }));
        }
        let mut item = create::checked(&caller, *review, *secrets, body.0).await?;
        if let Some(origin) = &mut item.copied_from {
            *origin = versions::copied(&self.0, &caller, origin).await?;
        }
        let id = self.0.create_item(item, key.as_ref()).await?;
        tracing::info!(caller = caller.name, item = id, "item created");
        Ok(Answer(Created { id }))
    }

    /// One item
    #[oai(path = "/items/:id", method = "get")]
    async fn get(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// The `ETag` of an answer that the client has; it is told 304 when
        /// nothing has changed since.
        #[oai(name = "If-None-Match")]
        _known: Header<Option<String>>,
    ) -> Result<Tagged<Json<Item>>, Changing> {
        let item = readable(&self.0, &caller, &id).await?;
        let item = personal::redact_one(&self.0, &caller, item).await?;
        Ok(Tagged {
            etag: etag::of_item(&item),
            body: Json(item),
        })
    }

    /// Change what is mentioned
    ///
    /// With `If-Match` only if nobody else has changed the item since; stars
    /// and uses are no changes. Where approval is required, a shared item whose
    /// texts, type or data change, or that more people come to see, is `pending`
    /// again, unless an admin does it. One that was rejected stays so until its
    /// texts, type or data change, and is `pending` then. One shares with groups
    /// of one's own; those that the item has already may stay. Another protocol makes a
    /// version, which keeps `versionNote`. A copy that has taken over a newer version of its
    /// origin says so with `copiedVersion`. `deprecation` says that the item should not be used
    /// any more; it stays where it is. Texts that others come to read and that look as
    /// if they held secrets are refused, as in a new item.
    #[oai(path = "/items/:id", method = "put")]
    async fn update(
        &self,
        SignedIn(caller): SignedIn,
        Data(review): Data<&Review>,
        Data(secrets): Data<&SharedSecrets>,
        id: Path,
        /// The `ETag` of the version that the change is made to.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
        body: Json<ItemChanges>,
    ) -> Result<
        Tagged<Text>,
        Failure<
            {
                responses::BODY_REFUSED
                    | responses::FORBIDDEN
                    | responses::NOT_FOUND
                    | responses::PRECONDITION_FAILED
            },
        >,
    > {
        let changes = body.0;
        let check = |item: &Item| {
            check_writer(&caller, item)?;
            expected.check(item)?;
            change::check_limits(&caller, item, &changes)?;
            change::check_lengths(item, &changes)?;
            change::check_rights(&caller, item, &changes)
        };
        // Before others have to wait: in a transaction the item is locked.
        let item = self.0.item(&id, &caller.name).await?;
        check(&item)?;
        versions::check_copied(&self.0, &caller, &item, &changes).await?;
        personal::check_successor(&self.0, &caller, &item, &changes).await?;
        change::check_protocol(&changes).await?;
        let reason = Reason {
            note: changes.version_note.as_deref().and_then(text::filled),
            restored_from: None,
        };
        let decide = |item: &Item| {
            check(item)?;
            Ok(change::apply(&caller, *review, item, changes.clone()))
        };
        let item = Box::pin(secrets.change(&self.0, &caller, reason, item, decide)).await?;
        tracing::info!(caller = caller.name, item = id.0, "item updated");
        let item = personal::redact_one(&self.0, &caller, item).await?;
        Ok(Tagged {
            etag: etag::of_item(&item),
            body: PlainText("updated"),
        })
    }

    /// Delete an item
    ///
    /// With `If-Match` only if nobody else has changed it since; stars and uses
    /// are no changes.
    #[oai(path = "/items/:id", method = "delete")]
    async fn delete(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// The `ETag` of the version that was looked at.
        #[oai(name = "If-Match")]
        expected: InHeader<IfMatch>,
    ) -> Result<
        Text,
        Failure<{ responses::FORBIDDEN | responses::NOT_FOUND | responses::PRECONDITION_FAILED }>,
    > {
        self.0
            .delete_item(&id, &caller.name, |item| {
                check_writer(&caller, item)?;
                expected.check(item)
            })
            .await?;
        tracing::info!(caller = caller.name, item = id.0, "item deleted");
        Ok(PlainText("deleted"))
    }
}

/// Reads an item on behalf of the caller.
async fn readable(store: &Store, caller: &Caller, id: &str) -> Result<Item, Refusal> {
    let item = store.item(id, &caller.name).await?;
    check_reader(caller, &item)?;
    Ok(item)
}

fn check_reader(caller: &Caller, item: &Item) -> Result<(), Refusal> {
    problem::check(
        caller.may_read(&Facts::from(item)),
        "This item is not shared with you; ask its author.",
    )
}

fn check_writer(caller: &Caller, item: &Item) -> Result<(), Refusal> {
    let why = if item.is_official() {
        "Only admins may change official items."
    } else {
        "Only its author and admins may change this item."
    };
    problem::check(caller.may_write(&Facts::from(item)), why)
}

fn check_may_categorize(caller: &Caller, item: &Item, category: &str) -> Result<(), Refusal> {
    check_writer(caller, item)?;
    if category == OFFICIAL_CATEGORY {
        check_official(caller)?;
    }
    Ok(())
}

fn check_official(caller: &Caller) -> Result<(), Refusal> {
    let why = format!(
        "Only admins may put items into the category `{OFFICIAL_CATEGORY}` or take them out."
    );
    problem::check(caller.may_curate(), why)
}

/// Groups that a refusal names: it is one line for people.
const MAX_GROUPS_NAMED: usize = 5;

/// Checks whether the caller may share an item with these groups, some of which,
/// `present`, it is shared with already.
fn check_groups(caller: &Caller, sharing: &Sharing, present: &[String]) -> Result<(), Refusal> {
    let foreign = caller.foreign_groups(&sharing.group_list, present);
    if foreign.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = foreign
        .iter()
        .take(MAX_GROUPS_NAMED)
        .map(|name| format!("`{}`", name.chars().take(MAX_LINE).collect::<String>()))
        .collect();
    let more = match foreign.len() - names.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    Err(problem::forbidden(format!(
        "You are not in {}{more}: share items with groups of your own, or ask an admin.",
        names.join(", ")
    )))
}
