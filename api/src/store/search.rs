//! Keyword search.
//!
//! A keyword finds the items in which each of its words occurs as a part of
//! name, author, summary, description or a tag, in any case: so a keyword
//! that is a part of one of them always finds it (contract, section 3). If
//! nothing that the caller may see is found so, one slip a word is forgiven.
//!
//! # Why an index of our own
//!
//! What the databases bring along does not do this alike. `PostgreSQL`'s full
//! text search knows no parts of words and no Chinese, its trigrams are an
//! extension that an administrator may have to install, and both databases'
//! trigrams miss parts of one or two characters, which is what words of
//! Chinese are; indexing every trigram of every text would also make writing
//! an item several times as dear. So texts are cut into [`pieces`], an index
//! says which items have a piece (an inverted index that each database has
//! built in, chosen in [`super::dialect`]), and the [`vocabulary`], which
//! grows slowly, says which pieces a part of one, or one with a slip, leads to.
//! Ranking, and words of several pieces, read the texts of what is left.

pub(super) mod pieces;
mod plan;
pub(super) mod vocabulary;

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};
use shared::wire::Item;

use super::dialect::{self, SearchRow};
use super::entity::items;
use super::relations::{self, Relations};

pub(crate) use pieces::fold;
pub(super) use plan::Plan;

/// Items that are read and indexed at a time: a few megabytes of text.
const ITEMS_PER_BATCH: u64 = 500;

/// The texts of one item in which keywords are looked for.
pub(super) struct Texts<'a> {
    pub(super) id: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) author: Option<&'a str>,
    pub(super) summary: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) tags: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    pub(super) fn of(item: &'a Item) -> Self {
        Self {
            id: &item.id,
            name: item.name.as_deref(),
            author: item.author.as_deref(),
            summary: item.summary.as_deref(),
            description: item.description.as_deref(),
            tags: item.tags.iter().map(String::as_str).collect(),
        }
    }

    fn row(&self) -> SearchRow {
        let name = fold(self.name.unwrap_or_default());
        let tags = fold(&self.tags.join("\n"));
        let lines: Vec<_> = [self.summary, self.author].into_iter().flatten().collect();
        let summary = fold(&lines.join("\n"));
        let haystack = [
            &*name,
            &*tags,
            &*summary,
            &*fold(self.description.unwrap_or_default()),
        ]
        .join("\n");
        SearchRow {
            item_id: self.id.to_owned(),
            name,
            tags,
            summary,
            haystack,
            codes: Vec::new(),
        }
    }
}

/// What keywords find items by.
pub(super) struct Index {
    pub(super) rows: Vec<SearchRow>,
    /// All pieces of all rows.
    pub(super) pieces: BTreeSet<String>,
}

impl Index {
    pub(super) fn of(items: &[Texts<'_>]) -> Self {
        let mut rows = Vec::with_capacity(items.len());
        let mut all = BTreeSet::new();
        for item in items {
            let mut row = item.row();
            let pieces = pieces::of_text(&row.haystack);
            row.codes = pieces.iter().map(|piece| pieces::code(piece)).collect();
            rows.push(row);
            all.extend(pieces);
        }
        Self { rows, pieces: all }
    }
}

/// Writes down what keywords find the items by, over what was there.
async fn index<C: ConnectionTrait>(db: &C, items: &[Texts<'_>]) -> Result<(), DbErr> {
    let index = Index::of(items);
    vocabulary::learn(db, &index.pieces).await?;
    dialect::put(db, index.rows).await
}

/// Brings up to date what is kept of items besides their own fields — the
/// search index and [`Relations`] — after their tags, categories, groups or
/// texts have changed.
pub(crate) async fn refresh<C: ConnectionTrait>(db: &C, ids: &[String]) -> Result<(), DbErr> {
    for ids in ids.chunks(usize::try_from(ITEMS_PER_BATCH).unwrap_or(usize::MAX)) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let query = Query::select()
            .columns(["id", "name", "author", "summary", "description"])
            .from(items::Entity)
            .and_where(dialect::among(db.get_database_backend(), "id", &ids))
            .to_owned();
        let mut rows = Vec::with_capacity(ids.len());
        for row in db.query_all(&query).await? {
            let text = |column| row.try_get_by_index::<Option<String>>(column);
            rows.push((
                row.try_get_by_index::<String>(0)?,
                [text(1)?, text(2)?, text(3)?, text(4)?],
            ));
        }
        let mut relations = relations::of_items(db, &ids).await?;
        let mut of_items = Vec::with_capacity(rows.len());
        for (id, _) in &rows {
            let relations = relations.remove(id).unwrap_or_default();
            remember(db, id, &relations).await?;
            of_items.push(relations);
        }
        let texts: Vec<Texts<'_>> = rows
            .iter()
            .zip(&of_items)
            .map(
                |((id, [name, author, summary, description]), relations)| Texts {
                    id,
                    name: name.as_deref(),
                    author: author.as_deref(),
                    summary: summary.as_deref(),
                    description: description.as_deref(),
                    tags: relations.tags.iter().map(|tag| &*tag.name).collect(),
                },
            )
            .collect();
        index(db, &texts).await?;
    }
    Ok(())
}

/// Does [`refresh`] for every item, a batch at a time: after the tables of the
/// index were made, or items were carried over from elsewhere.
pub(crate) async fn reindex_all<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    let mut last: Option<String> = None;
    loop {
        let mut query = Query::select()
            .column("id")
            .from(items::Entity)
            .order_by("id", sea_orm::Order::Asc)
            .limit(ITEMS_PER_BATCH)
            .to_owned();
        if let Some(last) = last {
            query.and_where(Expr::col("id").gt(last));
        }
        let rows = db.query_all(&query).await?;
        let ids: Vec<String> = rows
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()?;
        last = ids.last().cloned();
        if last.is_none() {
            return Ok(());
        }
        refresh(db, &ids).await?;
    }
}

async fn remember<C: ConnectionTrait>(
    db: &C,
    id: &str,
    relations: &Relations,
) -> Result<(), DbErr> {
    let update = Query::update()
        .table(items::Entity)
        .value("relations", relations.to_json())
        .and_where(Expr::col("id").eq(id))
        .to_owned();
    db.execute(&update).await?;
    Ok(())
}
