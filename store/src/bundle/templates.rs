//! Official templates of a bundle, and which items of the catalogue were made of them.

use anyhow::Context;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use shared::wire::{AuditAction, AuditKind, Item, OFFICIAL_CATEGORY};

use super::rows::TemplateRow;
use crate::audit::{self, Target};
use crate::entity::items::{self, Column};
use crate::entity::{categories, templates};
use crate::official;
use crate::search::Index;
use crate::versions::Reason;
use crate::{ItemToCreate, Transaction, create, items as store_items};

/// What became of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateOutcome {
    /// It is new here.
    Added,
    /// It was as the last bundle, or the server, had made it, and is now as this bundle
    /// has it.
    Updated,
    /// It was changed here, and is now as this bundle has it: that was asked for.
    Overwritten,
    /// It is here already, and the same.
    Same,
    /// It was changed here, and was left so.
    Changed,
    /// It was deleted here, and was left so.
    Deleted,
}

/// Notes that an item was made of an official template, and what it was then.
pub(super) async fn remember(
    tx: &Transaction,
    name: &str,
    item_id: &str,
    digest: &str,
) -> Result<(), DbErr> {
    let row = templates::Model {
        name: name.to_owned(),
        item_id: item_id.to_owned(),
        digest: digest.to_owned(),
        imported_at: tx.now(),
    };
    let columns = [
        templates::Column::ItemId,
        templates::Column::Digest,
        templates::Column::ImportedAt,
    ];
    let replace = OnConflict::column(templates::Column::Name)
        .update_columns(columns)
        .to_owned();
    templates::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// Adds a template on behalf of `user`, or brings it up to date. One that was changed here,
/// or deleted, stays so unless `overwrite` is set. `shipped` is the digest of the template of this
/// name that this program brings along: older databases do not remember of what they
/// were filled.
pub async fn import_template(
    tx: &Transaction,
    user: &str,
    row: TemplateRow,
    shipped: Option<&str>,
    overwrite: bool,
) -> anyhow::Result<TemplateOutcome> {
    let name = row.template.clone();
    let wanted = row.into_item_to_create();
    let digest = official::digest(&wanted);
    let known = templates::Entity::find_by_id(&*name)
        .lock_exclusive()
        .one(tx)
        .await?;
    let here = match item_of(tx, known.as_ref(), &wanted).await? {
        Some(id) => Some(store_items::lock(tx, &id, "").await?),
        None => None,
    };
    let Some(here) = here else {
        if known.is_some() && !overwrite {
            return Ok(TemplateOutcome::Deleted);
        }
        let id = Box::pin(add(tx, user, wanted)).await?;
        remember(tx, &name, &id, &digest).await?;
        return Ok(TemplateOutcome::Added);
    };
    let now = official::digest(&here.clone().into());
    let outcome = if now == digest {
        TemplateOutcome::Same
    } else {
        let was = known.as_ref().map(|known| &*known.digest).or(shipped);
        match (was == Some(&*now), overwrite) {
            (true, _) => TemplateOutcome::Updated,
            (false, true) => TemplateOutcome::Overwritten,
            (false, false) => return Ok(TemplateOutcome::Changed),
        }
    };
    if outcome != TemplateOutcome::Same {
        Box::pin(update(tx, user, &here, wanted)).await?;
    }
    if known.is_none_or(|known| known.digest != digest) {
        remember(tx, &name, &here.id, &digest).await?;
    }
    Ok(outcome)
}

/// The item that was made of the template, if it is still there; where that is not known,
/// the one of its name that the server has made before it remembered which it made.
async fn item_of(
    tx: &Transaction,
    known: Option<&templates::Model>,
    item: &ItemToCreate,
) -> Result<Option<String>, DbErr> {
    let by_name = Column::Name.eq(item.name.as_deref());
    let by_name = by_name.and(Column::Author.eq(official::AUTHOR));
    let which = known.map_or(by_name, |known| Column::Id.eq(&*known.item_id));
    items::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(which)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(1)
        .into_tuple()
        .one(tx)
        .await
}

async fn add(tx: &Transaction, user: &str, item: ItemToCreate) -> anyhow::Result<String> {
    make_category(tx, user).await?;
    let time = tx.now();
    let mut item = item.into_item(tx.new_id(), time, time);
    let id = item.id.clone();
    let line = audit::created(time, user, &item);
    let items = std::slice::from_mut(&mut item);
    let index = Index::of(items);
    create::insert(tx, items, &[(time, time)], index, vec![line]).await?;
    Ok(id)
}

/// What the template is changes; whom it is shared with, and what the review says,
/// stays.
async fn update(
    tx: &Transaction,
    user: &str,
    here: &Item,
    wanted: ItemToCreate,
) -> anyhow::Result<()> {
    make_category(tx, user).await?;
    let mut categories = here.categories.clone();
    categories.extend(wanted.categories);
    let new = Item {
        name: wanted.name,
        kind: wanted.kind,
        summary: wanted.summary,
        description: wanted.description,
        protocol: Some(wanted.protocol),
        protocol_valid: wanted.protocol_valid,
        tags: wanted.tags,
        data_url: wanted.data_url,
        categories,
        ..here.clone()
    };
    store_items::change(tx, here, new, user, Reason::default())
        .await
        .map(drop)
        .with_context(|| format!("cannot change the item {:?}", here.id))
}

/// An admin may have deleted the category.
async fn make_category(tx: &Transaction, user: &str) -> Result<(), DbErr> {
    let found = categories::Entity::find()
        .filter(categories::Column::Name.eq(OFFICIAL_CATEGORY))
        .one(tx)
        .await?;
    if found.is_some() {
        return Ok(());
    }
    let time = tx.now();
    let row = categories::Model {
        id: tx.new_id(),
        name: OFFICIAL_CATEGORY.to_owned(),
        description: Some(official::DESCRIPTION.to_owned()),
        extras: None,
        created_at: time,
        updated_at: time,
    };
    let id = row.id.clone();
    let target = Target::of(AuditKind::Category, &id, OFFICIAL_CATEGORY);
    categories::Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    audit::record(tx, user, AuditAction::Create, target, &audit::NOTHING).await
}
