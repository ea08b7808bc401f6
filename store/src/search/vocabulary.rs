//! The terms that occur in the catalogue, and how a part of one, or one with a slip,
//! leads to it.
//!
//! The table `search_terms` says which term a code stands for. `search_keys` holds pairs
//! of a key and the code of a term. Keys are
//!
//! - every ending of the term, or as much of it as is ever looked up: what begins a key
//!   is a part of the term (suffix keys);
//! - [`SLIP`] and the term without one of its characters (the deletes of `SymSpell`).
//!
//! A term that no item has any more is removed by [`crate::sweep`], which is why
//! everybody who relies on terms takes [`dialect::hold_vocabulary`] first.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{Condition, ConnectionTrait, DbErr};

use super::tokenizer::{allows_a_slip, code, endings, shortened};
use crate::dialect;
use crate::entity::items;

/// Marks the keys of terms with a character left out; no term begins with a blank.
const SLIP: char = ' ';

/// A part that more keys than this begin with is looked for in the texts instead:
/// it occurs in most items, so an index would not spare much.
const TOO_COMMON: u64 = 256;

/// The most terms that are looked at for what a slip may have meant.
const MAX_NEIGHBOURS: u64 = 1_000;

/// The most words that a slip may have meant.
const MAX_MEANT: usize = 64;

/// Terms whose keys one statement inserts: at most a few megabytes of them.
const TERMS_PER_INSERT: usize = 500;

/// Learns the terms that are not known yet, and sees to it that all of them are known
/// when the transaction ends.
pub(crate) async fn learn<C: ConnectionTrait>(
    tx: &C,
    terms: &BTreeSet<String>,
) -> Result<(), DbErr> {
    dialect::hold_vocabulary(tx).await?;
    let backend = tx.get_database_backend();
    // In one order for everybody: two transactions that learn the same would wait for
    // each other otherwise.
    let mut new: BTreeMap<i64, &str> = terms.iter().map(|term| (code(term), &**term)).collect();
    let codes: Vec<i64> = new.keys().copied().collect();
    for (code, _) in known(tx, &codes).await? {
        new.remove(&code);
    }
    let new: Vec<(&str, i64)> = new.into_iter().map(|(code, term)| (term, code)).collect();
    for new in new.chunks(TERMS_PER_INSERT) {
        let insert = dialect::insert_codes(backend, "search_terms", ["term", "code"], &new);
        tx.execute(&insert).await?;
        let keys: BTreeSet<(String, i64)> = new
            .iter()
            .flat_map(|(term, code)| keys(term).into_iter().map(|key| (key, *code)))
            .collect();
        let insert = dialect::insert_codes(backend, "search_keys", ["key", "code"], &keys);
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// The keys that lead to the term.
pub(crate) fn keys(term: &str) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = endings(term).map(str::to_owned).collect();
    if allows_a_slip(term) {
        keys.extend(
            shortened(term)
                .iter()
                .map(|shorter| format!("{SLIP}{shorter}")),
        );
    }
    keys
}

/// The terms that `codes` stand for, as far as they are known.
pub(crate) async fn known<C: ConnectionTrait>(
    db: &C,
    codes: &[i64],
) -> Result<Vec<(i64, String)>, DbErr> {
    let query = Query::select()
        .column("code")
        .column("term")
        .from("search_terms")
        .and_where(dialect::among_codes(
            db.get_database_backend(),
            "search_terms.code",
            codes,
        ))
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// The codes of the terms that hold `part`, or nothing when there are too many to tell.
pub(super) async fn containing<C: ConnectionTrait>(
    db: &C,
    part: &str,
) -> Result<Option<Vec<i64>>, DbErr> {
    let query = Query::select()
        .column("code")
        .from("search_keys")
        .and_where(Expr::col("key").gte(part))
        // The last character there is: nothing that begins with the part
        // comes after this.
        .and_where(Expr::col("key").lt(format!("{part}\u{10FFFF}")))
        .limit(TOO_COMMON + 1)
        .to_owned();
    let mut codes: Vec<i64> = dialect::first_column(db, &query).await?;
    if codes.len() as u64 > TOO_COMMON {
        return Ok(None);
    }
    codes.sort_unstable();
    codes.dedup();
    Ok(Some(codes))
}

/// The terms that are one slip away from `word` and stand in an item for which
/// `visible` holds. What others keep to themselves changes neither the answer nor the
/// number of statements.
pub(super) async fn near<C: ConnectionTrait>(
    db: &C,
    word: &str,
    visible: &Condition,
) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let shorter = shortened(word);
    let keys: Vec<String> = shorter
        .iter()
        .chain([&word.to_owned()])
        .map(|key| format!("{SLIP}{key}"))
        .collect();
    let query = Query::select()
        .distinct()
        .column("code")
        .from("search_keys")
        .and_where(dialect::among(backend, "key", &keys))
        .limit(MAX_NEIGHBOURS)
        .to_owned();
    let mut codes: Vec<i64> = dialect::first_column(db, &query).await?;
    codes.extend(shorter.iter().map(|term| code(term)));

    let in_an_item = Query::select()
        .expr(Expr::val(1))
        .from(items::Entity)
        .and_where(dialect::has_term(backend))
        .cond_where(visible.clone())
        .to_owned();
    let query = Query::select()
        .column("term")
        .from("search_terms")
        .and_where(dialect::among_codes(backend, "search_terms.code", &codes))
        .and_where(Expr::exists(in_an_item))
        .to_owned();
    let mut terms: Vec<String> = dialect::first_column(db, &query).await?;
    terms.retain(|term| allows_a_slip(term) && strsim::osa_distance(term, word) == 1);
    terms.sort_unstable();
    terms.truncate(MAX_MEANT);
    Ok(terms)
}
