//! Links of items to labels, which tags and categories are together: read for many items
//! at a time, replaced for one.

pub(super) mod lock;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use shared::wire::{AuditKind, OFFICIAL_CATEGORY};

use super::dialect;
use super::entity::{categories, item_categories};

/// What a label is: both kinds have tables alike, and so have their links to items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// Anybody adds them; those that differ in case only are one.
    Tag,
    /// Admins make them.
    Category,
}

impl LabelKind {
    /// What the audit calls it.
    pub(super) const fn audit(self) -> AuditKind {
        match self {
            Self::Tag => AuditKind::Tag,
            Self::Category => AuditKind::Category,
        }
    }

    /// The labels' own table.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Tag => "tags",
            Self::Category => "categories",
        }
    }

    /// The table of their links to items, which has a column `item_id` and this one.
    pub(super) const fn links(self) -> (&'static str, &'static str) {
        match self {
            Self::Tag => ("item_tags", "tag_id"),
            Self::Category => ("item_categories", "category_id"),
        }
    }

    /// The colour of a row of its table.
    pub(super) fn color(self) -> Expr {
        match self {
            Self::Tag => Expr::col((self.table(), "color")),
            Self::Category => Expr::value(Option::<String>::None),
        }
    }
}

/// A label as it stands on an item.
#[derive(FromQueryResult)]
pub(super) struct LinkedLabel {
    pub(super) item_id: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) color: Option<String>,
}

/// The labels of these items, which are some hundred at most.
pub(super) async fn of_items<C: ConnectionTrait>(
    db: &C,
    kind: LabelKind,
    item_ids: &[String],
) -> Result<Vec<LinkedLabel>, DbErr> {
    let (links, column) = kind.links();
    let query = Query::select()
        .column((links, "item_id"))
        .column((kind.table(), "id"))
        .column((kind.table(), "name"))
        .expr_as(kind.color(), "color")
        .from(links)
        .inner_join(
            kind.table(),
            Expr::col((kind.table(), "id")).equals((links, column)),
        )
        .and_where(dialect::among(
            db.get_database_backend(),
            &format!("{links}.item_id"),
            item_ids,
        ))
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| LinkedLabel::from_query_result(row, ""))
        .collect()
}

/// Makes these the item's labels of the kind.
pub(super) async fn set<C: ConnectionTrait>(
    db: &C,
    kind: LabelKind,
    item_id: &str,
    label_ids: &[String],
) -> Result<(), DbErr> {
    let (links, _) = kind.links();
    let delete = Query::delete()
        .from_table(links)
        .and_where(Expr::col("item_id").eq(item_id))
        .to_owned();
    db.execute(&delete).await?;
    add(db, kind, item_id, label_ids).await
}

/// Gives the item labels; those that it has already stay.
pub(super) async fn add<C: ConnectionTrait>(
    db: &C,
    kind: LabelKind,
    item_id: &str,
    label_ids: &[String],
) -> Result<(), DbErr> {
    let pairs = label_ids.iter().map(|id| [item_id.to_owned(), id.clone()]);
    insert(db, kind.links(), &pairs.collect::<Vec<_>>()).await
}

/// Inserts pairs of an item's id and what it is linked to into a table, whose other column
/// is named; those that are there already stay.
pub(super) async fn insert<C: ConnectionTrait>(
    db: &C,
    (table, column): (&'static str, &'static str),
    pairs: &[[String; 2]],
) -> Result<(), DbErr> {
    if pairs.is_empty() {
        return Ok(());
    }
    let backend = db.get_database_backend();
    let insert = dialect::insert_pairs(backend, table, ["item_id", column], pairs);
    db.execute(&insert).await.map(drop)
}

/// Takes a label from the item.
pub(super) async fn remove<C: ConnectionTrait>(
    db: &C,
    kind: LabelKind,
    item_id: &str,
    label_id: &str,
) -> Result<(), DbErr> {
    let (links, column) = kind.links();
    let delete = Query::delete()
        .from_table(links)
        .and_where(Expr::col("item_id").eq(item_id))
        .and_where(Expr::col(column).eq(label_id))
        .to_owned();
    db.execute(&delete).await.map(drop)
}

/// Selects the ids of the official items.
pub(super) fn official_items() -> SelectStatement {
    let category = (item_categories::Entity, item_categories::Column::CategoryId);
    Query::select()
        .column((item_categories::Entity, item_categories::Column::ItemId))
        .from(item_categories::Entity)
        .inner_join(
            categories::Entity,
            Expr::col((categories::Entity, categories::Column::Id)).equals(category),
        )
        .and_where(Expr::col((categories::Entity, categories::Column::Name)).eq(OFFICIAL_CATEGORY))
        .to_owned()
}
