//! What protocols of items were before they were changed. Each change of a protocol makes a
//! version, which nobody changes any more; the item's own row has the newest.
//!
//! An item that was never changed has no rows: its one version is what it is. So a new
//! item, and one of an old database, costs nothing until somebody changes it. A version is
//! kept as what differs from the one before it ([`delta`]); every [`BLOCK`]th is whole, so
//! that none takes more than that many rows to read.

mod delta;

use std::io;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use sha2::{Digest, Sha256};
use shared::access::Facts;
use shared::wire::{Item, Version};

use super::entity::versions::{self, Column, Entity};
use super::{Store, StoreError, Transaction};
use crate::clock::iso;

/// The versions of an item that are kept at least, the newest ones: more than anybody looks
/// through, and few enough that a program which writes the same item every minute fills
/// nothing.
pub const KEPT: i32 = 500;

/// Every how many versions one is whole.
const BLOCK: i32 = 32;

/// How a version came to be, beside who made it and when.
#[derive(Clone, Debug, Default)]
pub struct Reason {
    /// What has changed, in the words of who changed it.
    pub note: Option<String>,
    /// The version that it is again.
    pub restored_from: Option<i32>,
}

/// What is known of a version beside its text.
pub(super) struct Info {
    pub(super) number: i32,
    pub(super) author: Option<String>,
    pub(super) reason: Reason,
    pub(super) is_shared: bool,
    /// Why it is withdrawn, and since when.
    pub(super) withdrawn: Option<(String, DateTime<Utc>)>,
    pub(super) created_at: DateTime<Utc>,
}

/// The newest version of an item, which the next one is compared with.
pub(super) struct Chain {
    number: i32,
    base: i32,
    text: String,
}

/// A row without its text.
#[derive(FromQueryResult)]
struct Row {
    number: i32,
    base: i32,
    digest: String,
    author: Option<String>,
    note: Option<String>,
    restored_from: Option<i32>,
    is_shared: bool,
    withdrawn: Option<String>,
    created_at: DateTime<Utc>,
}

impl Store {
    /// All versions of an item that are kept, newest first, without their texts; only those
    /// that were shared when `shared_only`.
    pub async fn versions(
        &self,
        item: &Item,
        shared_only: bool,
    ) -> Result<Vec<Version>, StoreError> {
        let mut query = without_texts(&item.id);
        if shared_only {
            query = query.filter(Column::IsShared.eq(true));
        }
        let rows = query.into_model::<Row>().all(&self.db).await?;
        if rows.is_empty() {
            return Ok(vec![current(item)]);
        }
        Ok(rows.into_iter().map(Row::into_version).collect())
    }

    /// A version of an item with its text; one that was never shared is not there when
    /// `shared_only`.
    ///
    /// # Errors
    /// [`StoreError::NoSuchVersion`], and [`StoreError::Damaged`] when its text cannot be made of
    /// what the database holds.
    pub async fn version(
        &self,
        item: &Item,
        number: i32,
        shared_only: bool,
    ) -> Result<Version, StoreError> {
        let missing = || StoreError::NoSuchVersion(number);
        let base = Query::select()
            .column(Column::Base)
            .from(Entity)
            .and_where(Expr::col(Column::ItemId).eq(&*item.id))
            .and_where(Expr::col(Column::Number).eq(number))
            .to_owned();
        let rows = Entity::find()
            .filter(Column::ItemId.eq(&*item.id))
            .filter(Column::Number.lte(number))
            .filter(Column::Base.in_subquery(base))
            .order_by_asc(Column::Number)
            .all(&self.db)
            .await?;
        let Some(last) = rows.last() else {
            return if number == item.version {
                Ok(Version {
                    protocol: item.protocol.clone(),
                    ..current(item)
                })
            } else {
                Err(missing())
            };
        };
        if shared_only && !last.is_shared {
            return Err(missing());
        }
        let version = Row::from(last).into_version();
        let texts = tokio::task::spawn_blocking(move || texts(&rows)).await;
        let mut texts = texts
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| {
                let id = &item.id;
                StoreError::Damaged(format!(
                    "The version {number} of the item `{id}` cannot be read: {error}."
                ))
            })?;
        Ok(Version {
            protocol: texts.pop(),
            ..version
        })
    }
}

/// Makes a version of the protocol that a locked item gets on behalf of `user`, and answers
/// its number. What the item had becomes its first one if it has none yet.
pub(super) async fn record(
    tx: &Transaction,
    old: &Item,
    new: &Item,
    user: &str,
    reason: Reason,
) -> Result<i32, StoreError> {
    let chain = newest(tx, old).await?;
    let info = Info {
        number: chain.number + 1,
        author: Some(user.to_owned()),
        reason,
        is_shared: is_shared(new),
        withdrawn: None,
        created_at: tx.now(),
    };
    let number = info.number;
    append(tx, &old.id, Some(chain), info, protocol(new).to_owned()).await?;
    delete_oldest(tx, &old.id, number).await?;
    Ok(number)
}

/// The newest version of a locked item, which becomes a row if it is none yet.
async fn newest(tx: &Transaction, old: &Item) -> Result<Chain, StoreError> {
    let before = protocol(old);
    let last = without_texts(&old.id)
        .limit(1)
        .into_model::<Row>()
        .one(tx)
        .await?;
    let recorded = last.as_ref().map_or(0, |row| row.number);
    match last {
        Some(last) if last.digest == digest(before) => Ok(Chain {
            number: last.number,
            base: last.base,
            text: before.to_owned(),
        }),
        // Its first, or one that a server of before there were versions has made meanwhile.
        _ => {
            let (number, time) = match recorded {
                0 => (old.version, &old.created_at),
                last => (last + 1, &old.updated_at),
            };
            let first = Info {
                number,
                author: old.author.clone(),
                reason: Reason::default(),
                is_shared: is_shared(old),
                withdrawn: None,
                created_at: parsed(time).unwrap_or_else(|| tx.now()),
            };
            append(tx, &old.id, None, first, before.to_owned()).await
        }
    }
}

/// Inserts a version after another one, or after none.
pub(super) async fn append(
    tx: &Transaction,
    item: &str,
    before: Option<Chain>,
    info: Info,
    text: String,
) -> Result<Chain, StoreError> {
    let number = info.number;
    let before = before.filter(|last| last.number + 1 == number && number - last.base < BLOCK);
    let base = before.as_ref().map_or(number, |last| last.base);
    let packing = move || {
        let data = delta::pack(&text, before.as_ref().map(|last| &*last.text));
        (data, text)
    };
    let (data, text) = tokio::task::spawn_blocking(packing)
        .await
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    let data =
        data.map_err(|error| DbErr::Custom(format!("a version cannot be compressed: {error}")))?;
    let row = versions::Model {
        item_id: item.to_owned(),
        number,
        base,
        digest: digest(&text),
        author: info.author,
        note: info.reason.note,
        restored_from: info.reason.restored_from,
        is_shared: info.is_shared,
        withdrawn: info.withdrawn.as_ref().map(|(reason, _)| reason.clone()),
        withdrawn_at: info.withdrawn.map(|(_, since)| since),
        created_at: info.created_at,
        bytes: i32::try_from(text.len()).unwrap_or(i32::MAX),
        data,
    };
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(Chain { number, base, text })
}

/// Withdraws a version of a locked item for a reason, or takes that back.
///
/// # Errors
/// [`StoreError::NoSuchVersion`].
pub(super) async fn set_withdrawn(
    tx: &Transaction,
    item: &Item,
    number: i32,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    newest(tx, item).await?;
    let since = reason.map(|_| tx.now());
    let changed = Entity::update_many()
        .col_expr(Column::Withdrawn, Expr::value(reason.map(str::to_owned)))
        .col_expr(Column::WithdrawnAt, Expr::value(since))
        .filter(Column::ItemId.eq(&*item.id))
        .filter(Column::Number.eq(number))
        .exec(tx)
        .await?;
    match changed.rows_affected {
        0 => Err(StoreError::NoSuchVersion(number)),
        _ => Ok(()),
    }
}

/// Deletes all versions of an item.
pub(super) async fn delete_all(tx: &Transaction, item: &str) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ItemId.eq(item))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that an item's newest version can be read by others from now on.
pub(super) async fn share_newest(tx: &Transaction, item: &Item) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::IsShared, Expr::value(true))
        .filter(Column::ItemId.eq(&*item.id))
        .filter(Column::Number.eq(item.version))
        .exec(tx)
        .await?;
    Ok(())
}

/// Shows the versions before the newest one, or all unless that `stays_shared`, to author and
/// admins alone. Only groups could read them, which others must not take over with the item.
pub(super) async fn keep_older_back(
    tx: &Transaction,
    item: &Item,
    stays_shared: bool,
) -> Result<(), DbErr> {
    let kept_back = item.version - i32::from(stays_shared);
    Entity::update_many()
        .col_expr(Column::IsShared, Expr::value(false))
        .filter(Column::ItemId.eq(&*item.id))
        .filter(Column::Number.lte(kept_back))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether others than its author and admins can read the item.
pub(super) fn is_shared(item: &Item) -> bool {
    Facts::from(item).is_shared()
}

/// Deletes blocks of which all versions are older than the [`KEPT`] newest.
async fn delete_oldest(tx: &Transaction, item: &str, newest: i32) -> Result<(), DbErr> {
    if newest <= KEPT {
        return Ok(());
    }
    let oldest_kept = Query::select()
        .column(Column::Base)
        .from(Entity)
        .and_where(Expr::col(Column::ItemId).eq(item))
        .and_where(Expr::col(Column::Number).eq(newest - KEPT + 1))
        .to_owned();
    let oldest_kept = Expr::SubQuery(None, Box::new(oldest_kept.into()));
    Entity::delete_many()
        .filter(Column::ItemId.eq(item))
        .filter(Expr::col(Column::Base).lt(oldest_kept))
        .exec(tx)
        .await?;
    Ok(())
}

/// The digest of a protocol: see [`Version::digest`].
pub(super) fn digest(protocol: &str) -> String {
    format!("sha256:{:x}", Sha256::digest(protocol))
}

fn without_texts(item: &str) -> sea_orm::Select<Entity> {
    Entity::find()
        .select_only()
        .columns([
            Column::Number,
            Column::Base,
            Column::Digest,
            Column::Author,
            Column::Note,
            Column::RestoredFrom,
            Column::IsShared,
            Column::Withdrawn,
            Column::CreatedAt,
        ])
        .filter(Column::ItemId.eq(item))
        .order_by_desc(Column::Number)
}

/// The one version of an item without rows.
fn current(item: &Item) -> Version {
    Version {
        number: item.version,
        digest: digest(protocol(item)),
        author: item.author.clone(),
        created_at: item.created_at.clone(),
        note: None,
        restored_from: None,
        shared: is_shared(item),
        withdrawn: item.withdrawn.clone(),
        protocol: None,
    }
}

fn protocol(item: &Item) -> &str {
    item.protocol.as_deref().unwrap_or_default()
}

fn parsed(time: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(time)
        .ok()
        .map(|time| time.to_utc())
}

/// The texts of these, the first of which is whole.
pub(super) fn texts(rows: &[versions::Model]) -> io::Result<Vec<String>> {
    let mut texts: Vec<String> = Vec::with_capacity(rows.len());
    for row in rows {
        let bytes = usize::try_from(row.bytes).map_err(io::Error::other)?;
        let before = texts.last().filter(|_| row.number != row.base);
        let text = delta::unpack(&row.data, bytes, before.map(String::as_str))?;
        if digest(&text) != row.digest {
            return Err(io::Error::other("its digest is another one"));
        }
        texts.push(text);
    }
    Ok(texts)
}

impl From<&versions::Model> for Row {
    fn from(row: &versions::Model) -> Self {
        Self {
            number: row.number,
            base: row.base,
            digest: row.digest.clone(),
            author: row.author.clone(),
            note: row.note.clone(),
            restored_from: row.restored_from,
            is_shared: row.is_shared,
            withdrawn: row.withdrawn.clone(),
            created_at: row.created_at,
        }
    }
}

impl Row {
    fn into_version(self) -> Version {
        Version {
            number: self.number,
            digest: self.digest,
            author: self.author,
            created_at: iso(self.created_at),
            note: self.note,
            restored_from: self.restored_from,
            shared: self.is_shared,
            withdrawn: self.withdrawn,
            protocol: None,
        }
    }
}
