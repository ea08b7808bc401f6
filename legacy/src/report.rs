//! What an admin gets to read about the carry-over, in the log and from
//! `marketplace migrate`. No secret is in it.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use store::clock::iso;

/// Ids of odd rows that one line of the log names; the command names all.
const IDS_IN_LOG: usize = 20;

/// Which tables of the first marketplace there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Without access control.
    V15,
    /// With it, but every item was made private when it came.
    UpgradedFromV15,
    /// With it from the beginning.
    V17,
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V15 => "v1.5 or earlier",
            Self::UpgradedFromV15 => "v1.5 upgraded to v1.6",
            Self::V17 => "v1.6 or v1.7",
        })
    }
}

/// What became of the first marketplace's tables.
#[derive(Debug)]
pub enum Outcome {
    /// There are none.
    NothingThere,
    /// They were carried over at an earlier start.
    DoneBefore,
    /// They have been carried over now.
    Done(Report),
}

/// Rows of one table, as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Rows of the old table.
    pub found: usize,
    /// Those that are a row of ours now.
    pub carried: usize,
    /// Those that became one with another row.
    pub merged: usize,
    /// Those that were left out; why is among the odd rows.
    pub left_out: usize,
    /// Rows of ours that come from something else, such as array columns.
    pub made: usize,
}

/// What was carried over.
#[derive(Debug)]
pub struct Report {
    /// What was there.
    pub generation: Generation,
    counts: Vec<(&'static str, Count)>,
    odd: BTreeMap<&'static str, Vec<String>>,
}

impl Report {
    pub(super) fn new(generation: Generation) -> Self {
        Self {
            generation,
            counts: Vec::new(),
            odd: BTreeMap::new(),
        }
    }

    /// Notes the numbers of a table of ours.
    pub(super) fn count(&mut self, table: &'static str, count: Count) {
        self.counts.push((table, count));
    }

    /// Notes an odd row: what is odd, and which row that is.
    pub(super) fn odd(&mut self, what: &'static str, row: String) {
        self.odd.entry(what).or_default().push(row);
    }

    /// The numbers by our tables' names.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, Count)> {
        self.counts.iter().copied()
    }

    /// What is odd, with the rows that are.
    pub fn odd_rows(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        self.odd.iter().map(|(what, rows)| (*what, rows.as_slice()))
    }

    /// Writes the report to the log.
    pub(super) fn log(&self) {
        tracing::info!(version = %self.generation, "the first marketplace's tables have been carried over");
        for (table, count) in self.counts() {
            tracing::info!(
                table,
                found = count.found,
                carried = count.carried,
                merged = count.merged,
                made = count.made,
                left_out = count.left_out,
                "carried over"
            );
        }
        for (what, rows) in self.odd_rows() {
            let shown = &rows[..rows.len().min(IDS_IN_LOG)];
            tracing::warn!(
                count = rows.len(),
                rows = %shown.join(", "),
                "carried over: {what}"
            );
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Tables of the first marketplace, {}:\n", self.generation)?;
        let header = ["table", "found", "carried", "merged", "made", "left out"];
        let [table, found, carried, merged, made, left_out] = header;
        writeln!(
            f,
            "  {table:<16}{found:>8}{carried:>10}{merged:>8}{made:>8}{left_out:>10}"
        )?;
        for (table, count) in self.counts() {
            writeln!(
                f,
                "  {table:<16}{:>8}{:>10}{:>8}{:>8}{:>10}",
                count.found, count.carried, count.merged, count.made, count.left_out
            )?;
        }
        if !self.odd.is_empty() {
            writeln!(f, "\nOdd rows:")?;
        }
        for (what, rows) in self.odd_rows() {
            writeln!(f, "  {what} ({}):\n    {}", rows.len(), rows.join(", "))?;
        }
        Ok(())
    }
}

/// A private item whose author may want it public.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct PrivateItem {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl fmt::Display for PrivateItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As literals: an old name may hold anything, line breaks included.
        write!(
            f,
            "{:?}  {}  by {:?}  {:?}",
            self.id,
            iso(self.created_at),
            self.author.as_deref().unwrap_or_default(),
            self.name.as_deref().unwrap_or_default()
        )
    }
}
