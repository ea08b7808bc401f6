//! Labels as items name them.

use std::collections::BTreeMap;

use sea_orm::sea_query::{
    Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query, UnionType,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use shared::wire::{CategoryRef, TagRef};

use super::{Label, LabelKind, is_linked, made};
use crate::entity::{categories, tags};
use crate::{StoreError, Transaction, dialect, search};

/// Tags that are removed at a time.
const MAX_REMOVED: u64 = 500;

/// The tag of this name, or else one whose name differs in case only.
pub(super) async fn alike<C: ConnectionTrait>(
    tx: &C,
    name: &str,
) -> Result<Option<tags::Model>, DbErr> {
    let rows = tags::Entity::find()
        .filter(
            Condition::any()
                .add(tags::Column::Name.eq(name))
                .add(tags::Column::SearchName.eq(search::fold(name))),
        )
        .all(tx)
        .await?;
    let exact = rows.iter().position(|row| row.name == name);
    Ok(rows.into_iter().nth(exact.unwrap_or(0)))
}

/// The categories of these names, which are neither renamed nor deleted until
/// the transaction ends.
///
/// # Errors
/// [`StoreError::NoSuchCategory`] with the first one that does not exist.
pub(crate) async fn find_categories<C: ConnectionTrait>(
    tx: &C,
    names: &[String],
) -> Result<Vec<CategoryRef>, StoreError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = categories::Entity::find()
        .filter(categories::Column::Name.is_in(names.iter().map(String::as_str)))
        .order_by_asc(categories::Column::Name)
        .lock(LockType::KeyShare)
        .all(tx)
        .await?;
    let is_missing = |name: &&String| rows.iter().all(|row| row.name != **name);
    if let Some(missing) = names.iter().find(is_missing) {
        return Err(StoreError::NoSuchCategory(missing.clone()));
    }
    let category = |row: categories::Model| CategoryRef {
        id: row.id,
        name: row.name,
    };
    Ok(rows.into_iter().map(category).collect())
}

/// The tags of these names, by the names as they were given: one that exists in another
/// case is taken as it is, and those that are missing are made. None of them is
/// renamed or deleted until the transaction ends.
pub(crate) async fn ensure_tags(
    tx: &Transaction,
    names: &[String],
) -> Result<BTreeMap<String, TagRef>, DbErr> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = find_tags(tx, names).await?;
    let missing = names.iter().filter(|name| !found.contains_key(*name));
    // In one order for everybody: two transactions that make the same tags
    // would wait for each other otherwise.
    let missing: BTreeMap<String, &String> =
        missing.map(|name| (search::fold(name), name)).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let time = tx.now();
    let rows = missing
        .values()
        .map(|name| tag_row(&made(tx.new_id(), name, time)).into_active_model());
    tags::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    find_tags(tx, names).await
}

async fn find_tags<C: ConnectionTrait>(
    tx: &C,
    names: &[String],
) -> Result<BTreeMap<String, TagRef>, DbErr> {
    let backend = tx.get_database_backend();
    let folded: Vec<String> = names.iter().map(|name| search::fold(name)).collect();
    let ids_by = |column, values: &[String]| {
        Query::select()
            .column("id")
            .from(tags::Entity)
            .and_where(dialect::among(backend, column, values))
            .to_owned()
    };
    let ids = ids_by("name", names)
        .union(UnionType::Distinct, ids_by("search_name", &folded))
        .to_owned();
    let rows = tags::Entity::find()
        .filter(tags::Column::Id.in_subquery(ids))
        .order_by_asc(tags::Column::Name)
        // The weakest lock that keeps its row from being changed: whoever
        // changes one takes the strongest.
        .lock(LockType::KeyShare)
        .all(tx)
        .await?;
    let tags = names.iter().zip(&folded).filter_map(|(name, folded)| {
        let exact = rows.iter().find(|row| row.name == *name);
        let row = exact.or_else(|| rows.iter().find(|row| row.search_name == *folded))?;
        let tag = TagRef {
            id: row.id.clone(),
            name: row.name.clone(),
            color: row.color.clone(),
        };
        Some((name.clone(), tag))
    });
    Ok(tags.collect())
}

/// Removes tags that nobody made on purpose and that no item has any more, `among`
/// those or all, but for those that somebody is about to use.
pub(crate) async fn remove_unused_tags<C: ConnectionTrait>(
    tx: &C,
    among: Option<&[String]>,
) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let of_ids = |ids: &[String]| dialect::among(backend, "id", ids);
    let unused = || {
        Condition::all()
            .add(tags::Column::IsExplicit.eq(false))
            .add(Expr::exists(is_linked(LabelKind::Tag)).not())
    };
    let mut query = Query::select()
        .column("id")
        .from(tags::Entity)
        .cond_where(unused())
        .order_by("id", Order::Asc)
        .limit(MAX_REMOVED)
        // Whoever gives it to an item has locked it, and is not waited for.
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    if let Some(ids) = among {
        query.and_where(of_ids(ids));
    }
    let ids: Vec<String> = dialect::first_column(tx, &query).await?;
    if ids.is_empty() {
        return Ok(());
    }
    // Asked again now that they are locked: somebody may have been faster.
    let delete = Query::delete()
        .from_table(tags::Entity)
        .and_where(of_ids(&ids))
        .cond_where(unused())
        .to_owned();
    tx.execute(&delete).await.map(drop)
}

/// The row of a tag that nobody has made on purpose.
pub(super) fn tag_row(label: &Label) -> tags::Model {
    tags::Model {
        id: label.id.clone(),
        name: label.name.clone(),
        search_name: search::fold(&label.name),
        is_explicit: false,
        color: label.color.clone(),
        description: label.description.clone(),
        extras: label.extras.clone(),
        created_at: label.created_at,
        updated_at: label.updated_at,
    }
}
