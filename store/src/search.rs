//! Keyword search.
//!
//! A keyword finds the items in which each of its words occurs as a part of
//! name, author, summary, description or a tag, in any case: so a keyword
//! that is a part of one of them always finds it (docs/contract.md#3-the-api). If
//! nothing that the caller may see is found so, one slip a word is forgiven.
//!
//! # Why an index of our own
//!
//! What the databases bring along does not do this alike. `PostgreSQL`'s full
//! text search knows no parts of words and no Chinese, its trigrams are an
//! extension that an administrator may have to install, and both databases'
//! trigrams miss parts of one or two characters, which is what words of
//! Chinese are; indexing every trigram of every text would also make writing
//! an item several times as dear. So texts are cut into [`tokenizer`], an index
//! says which items have a token (an inverted index that each database has
//! built in, chosen in [`super::dialect`]), and the [`vocabulary`], which
//! grows slowly, says which tokens a part of one, or one with a slip, leads to.
//! Ranking, and words of several tokens, read the texts of what is left.
//!
//! What one item may add to all of this is bounded: of a description, only what people
//! read is searched, and only so much of it ([`markdown_words`]); what no item has any more goes
//! away ([`super::sweep`]).
//!
//! Tags and categories are in the index beside the tokens, each as a number like
//! theirs, and all of it is kept in the item's own row: a list with any filter in
//! any order concerns one table, whose statistics tell a database how frequent a
//! tag is.

mod markdown_words;
mod plan;
pub mod size;
#[cfg(test)]
mod tests;
pub(super) mod tokenizer;
pub(super) mod vocabulary;

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr};
use shared::wire::Item;

use super::entity::items::{self, Column};
use super::recheck::recheck;
use super::{Store, StoreError, dialect, marks, relations};
use crate::transaction::begin;

pub(super) use plan::Plan;
pub use tokenizer::fold;

/// Items that are read and indexed at a time: a few megabytes of text.
const ITEMS_PER_BATCH: u64 = 500;

/// What ends an item's name in its text, as there is no such sign in a text that
/// people read. See [`Entry::text`].
const NAME_ENDS: char = '\u{1}';

/// What ends its tags, likewise.
const TAGS_END: char = '\u{2}';

/// What ends its summary and author, likewise.
const SUMMARY_ENDS: char = '\u{3}';

/// What keywords, tags and categories find one item by.
struct Texts<'a> {
    name: Option<&'a str>,
    author: Option<&'a str>,
    summary: Option<&'a str>,
    description: Option<&'a str>,
    tags: Vec<&'a str>,
    categories: Vec<&'a str>,
}

impl Texts<'_> {
    fn text(&self) -> String {
        let name = self.name.unwrap_or_default();
        let tags = self.tags.join("\n");
        let summary = self.summary.unwrap_or_default();
        let author = self.author.unwrap_or_default();
        let mut text = fold(&format!(
            "{name}{NAME_ENDS}{tags}{TAGS_END}{summary}\n{author}{SUMMARY_ENDS}"
        ));
        text.push_str(&markdown_words::of(self.description.unwrap_or_default()));
        text
    }
}

/// What is kept of an item for it to be found.
pub(super) struct Entry {
    /// The name, folded: what items are sorted by if by name.
    pub(super) name: String,
    /// All that keywords are looked for in, folded, one place after the other.
    pub(super) text: String,
    /// The numbers of its tokens, tags and categories, without duplicates.
    pub(super) codes: Vec<i64>,
}

/// What items are found by.
#[derive(Default)]
pub(super) struct Index {
    /// One for each item, in their order.
    pub(super) entries: Vec<Entry>,
    /// All tokens of all texts.
    pub(super) tokens: BTreeSet<String>,
}

impl Index {
    pub(super) fn of(items: &[Item]) -> Self {
        let mut index = Self::default();
        for item in items {
            index.add(&Texts {
                name: item.name.as_deref(),
                author: item.author.as_deref(),
                summary: item.summary.as_deref(),
                description: item.description.as_deref(),
                tags: item.tags.iter().map(String::as_str).collect(),
                categories: item.categories.iter().map(String::as_str).collect(),
            });
        }
        index
    }

    fn add(&mut self, texts: &Texts<'_>) {
        let text = texts.text();
        let found = tokenizer::of_text(&text);
        let tags = texts.tags.iter().map(|name| tokenizer::code_of_tag(name));
        let categories = texts.categories.iter();
        let categories = categories.map(|name| tokenizer::code_of_category(name));
        let codes = found.iter().map(|token| tokenizer::code(token));
        let codes: BTreeSet<i64> = codes.chain(tags).chain(categories).collect();
        self.entries.push(Entry {
            name: fold(texts.name.unwrap_or_default()),
            text,
            codes: codes.into_iter().collect(),
        });
        self.tokens.extend(found);
    }
}

/// Brings up to date what is kept of items besides their own fields — the
/// search index and [`relations::Relations`] — after their tags, categories, groups or
/// texts have changed.
pub async fn refresh<C: ConnectionTrait>(db: &C, ids: &[String]) -> Result<(), DbErr> {
    for ids in ids.chunks(usize::try_from(ITEMS_PER_BATCH).unwrap_or(usize::MAX)) {
        let query = Query::select()
            .columns(["id", "name", "author", "summary", "description"])
            .from(items::Entity)
            .and_where(dialect::among(db.get_database_backend(), "id", ids))
            .to_owned();
        let rows = db.query_all(&query).await?;
        let mut relations = relations::of_items(db, ids).await?;
        let mut index = Index::default();
        let mut of_items = Vec::with_capacity(rows.len());
        for row in &rows {
            let text = |column| row.try_get_by_index::<Option<String>>(column);
            let id: String = row.try_get_by_index(0)?;
            let relations = relations.remove(&id).unwrap_or_default();
            index.add(&Texts {
                name: text(1)?.as_deref(),
                author: text(2)?.as_deref(),
                summary: text(3)?.as_deref(),
                description: text(4)?.as_deref(),
                tags: relations.tags.iter().map(|tag| &*tag.name).collect(),
                categories: relations.categories.iter().map(|c| &*c.name).collect(),
            });
            of_items.push((id, relations));
        }
        vocabulary::learn(db, &index.tokens).await?;
        for ((id, relations), entry) in of_items.iter().zip(index.entries) {
            let update = Query::update()
                .table(items::Entity)
                .value(Column::Relations, relations.to_json())
                .value(Column::SearchName, entry.name)
                .value(Column::SearchText, entry.text)
                .and_where(Column::Id.eq(id))
                .to_owned();
            dialect::index(db, id, update, &entry.codes).await?;
        }
    }
    Ok(())
}

/// The name under which a step of the schema asks for [`Store::reindex_if_marked`].
const REINDEX_WANTED: &str = "reindex wanted";

impl Store {
    /// Does what a step of the schema has asked for: finds all items anew.
    pub async fn reindex_if_marked(&self) -> Result<(), StoreError> {
        Ok(reindex_if_marked(&self.writer).await?)
    }
}

/// Does [`refresh`] for every item, a batch at a time, if a step of the schema has asked
/// for it, and validates its protocol anew: such a step comes with a version that may
/// judge otherwise. What was done is done again when the server ends before the last batch.
async fn reindex_if_marked(writer: &DatabaseConnection) -> Result<(), DbErr> {
    if !marks::is_set(writer, REINDEX_WANTED).await? {
        return Ok(());
    }
    let mut last: Option<String> = None;
    loop {
        let tx = begin(writer).await?;
        let mut query = Query::select()
            .column("id")
            .from(items::Entity)
            .order_by("id", sea_orm::Order::Asc)
            .limit(ITEMS_PER_BATCH)
            .to_owned();
        if let Some(last) = last {
            query.and_where(Expr::col("id").gt(last));
        }
        query.lock(LockType::Update);
        let ids: Vec<String> = dialect::first_column(&tx, &query).await?;
        refresh(&tx, &ids).await?;
        recheck(&tx, &ids).await?;
        last = ids.last().cloned();
        if last.is_none() {
            marks::unset(&tx, REINDEX_WANTED).await?;
            return tx.commit().await;
        }
        tx.commit().await?;
    }
}
