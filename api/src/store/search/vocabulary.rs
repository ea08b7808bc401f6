//! The pieces that occur in the catalogue, and how a part of one, or one with
//! a slip, leads to it.
//!
//! The table `search_keys` holds `(key, term)` pairs and only ever grows: a
//! piece that no item has any more leads nowhere and harms nobody. Keys are
//!
//! - every ending of the term: what begins a key is a part of the term;
//! - [`WHOLE`] and the term, to see at a glance whether it is known;
//! - [`SLIP`] and the term without one of its characters.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

use super::pieces::{endings, is_slippable, shortened};
use crate::store::dialect;

/// Marks the key that is the term itself; no piece begins with a blank.
const WHOLE: char = '\t';

/// Marks the keys of terms with a character left out.
const SLIP: char = ' ';

/// A part that more terms than this hold is looked for in the texts instead:
/// it occurs in most items, so an index would not spare much.
const TOO_COMMON: u64 = 256;

/// The most words that a slip may have meant.
const MAX_MEANT: u64 = 64;

/// Learns the pieces that are not known yet.
pub(super) async fn learn<C: ConnectionTrait>(
    db: &C,
    pieces: &BTreeSet<String>,
) -> Result<(), DbErr> {
    let keys = keys(&unknown(db, pieces).await?);
    match dialect::insert_keys(db.get_database_backend(), &keys) {
        Some(insert) => db.execute(&insert).await.map(drop),
        None => Ok(()),
    }
}

/// Those of the pieces that are not known yet.
pub(in crate::store) async fn unknown<C: ConnectionTrait>(
    db: &C,
    pieces: &BTreeSet<String>,
) -> Result<BTreeSet<String>, DbErr> {
    let whole: Vec<String> = pieces.iter().map(|piece| whole(piece)).collect();
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    let known = terms(db, &keys_among(db, &whole)).await?;
    Ok(pieces.difference(&known).cloned().collect())
}

/// The key that says that a piece is known.
pub(in crate::store) fn whole(piece: &str) -> String {
    format!("{WHOLE}{piece}")
}

/// The pairs of key and term by which the pieces are known, in one order for
/// everybody: two transactions that learn the same would wait for each other
/// otherwise.
pub(in crate::store) fn keys(pieces: &BTreeSet<String>) -> Vec<[String; 2]> {
    let mut pairs = BTreeSet::new();
    for piece in pieces {
        let mut lead = |key: String| pairs.insert([key, piece.clone()]);
        lead(whole(piece));
        for ending in endings(piece) {
            lead(ending.to_owned());
        }
        if is_slippable(piece) {
            for shorter in shortened(piece) {
                lead(format!("{SLIP}{shorter}"));
            }
        }
    }
    pairs.into_iter().collect()
}

/// The terms that hold `part`, or nothing when there are too many to tell.
pub(super) async fn containing<C: ConnectionTrait>(
    db: &C,
    part: &str,
) -> Result<Option<BTreeSet<String>>, DbErr> {
    let query = Query::select()
        .column("term")
        .from("search_keys")
        .and_where(Expr::col("key").gte(part))
        // The last character there is: nothing that begins with the part
        // comes after this.
        .and_where(Expr::col("key").lt(format!("{part}\u{10FFFF}")))
        .limit(TOO_COMMON + 1)
        .to_owned();
    let rows = db.query_all(&query).await?;
    if rows.len() as u64 > TOO_COMMON {
        return Ok(None);
    }
    rows.iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The terms that are one slip away from `word`.
pub(super) async fn near<C: ConnectionTrait>(
    db: &C,
    word: &str,
) -> Result<BTreeSet<String>, DbErr> {
    let mut keys = vec![format!("{SLIP}{word}")];
    for shorter in shortened(word) {
        keys.push(format!("{SLIP}{shorter}"));
        keys.push(format!("{WHOLE}{shorter}"));
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let query = keys_among(db, &keys).limit(MAX_MEANT).to_owned();
    let mut found = terms(db, &query).await?;
    found.retain(|term| is_slippable(term) && strsim::osa_distance(term, word) == 1);
    Ok(found)
}

fn keys_among<C: ConnectionTrait>(db: &C, keys: &[&str]) -> SelectStatement {
    Query::select()
        .distinct()
        .column("term")
        .from("search_keys")
        .and_where(dialect::among(db.get_database_backend(), "key", keys))
        .to_owned()
}

async fn terms<C: ConnectionTrait>(
    db: &C,
    query: &SelectStatement,
) -> Result<BTreeSet<String>, DbErr> {
    let rows = db.query_all(query).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
