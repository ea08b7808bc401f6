//! Tags and categories: names are unique here and were not there.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::report::{Count, Report};
use super::rows::{self, OldName};
use store::Transaction;

/// What a name is that cannot be seen.
pub(super) const UNNAMED: &str = "(unnamed)";

/// A tag or category of ours that has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) color: Option<String>,
    pub(super) description: Option<String>,
    pub(super) extras: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// All tags, or all categories.
#[derive(Default)]
pub(super) struct Names {
    /// Ids of ours by name.
    by_name: HashMap<String, String>,
    /// Ids of ours by old id; they differ where names were merged.
    by_old_id: HashMap<String, String>,
    /// What has not been written yet.
    fresh: Vec<Entry>,
    pub(super) count: Count,
}

impl Names {
    /// Merges the rows of `table` into the names that ours has already.
    pub(super) fn merge(
        ours: impl IntoIterator<Item = (String, String)>,
        table: &'static str,
        old: Vec<OldName>,
        report: &mut Report,
    ) -> anyhow::Result<Self> {
        let mut names = Self::default();
        for (id, name) in ours {
            names.by_old_id.insert(id.clone(), id.clone());
            names.by_name.insert(name, id);
        }
        let mut rows = old
            .into_iter()
            .map(|row| {
                let name = row.name.unwrap_or_default();
                if visible(&name) != name {
                    report.odd(
                        "the name was empty; shown as a placeholder",
                        format!("{table} {:?}", row.id),
                    );
                }
                Ok(Entry {
                    created_at: rows::time(table, &row.id, &row.created_at)?,
                    updated_at: rows::time(table, &row.id, &row.updated_at)?,
                    name: visible(&name).to_owned(),
                    id: row.id,
                    color: row.color,
                    description: row.description,
                    extras: row.extras,
                })
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        // The oldest of one name survives.
        rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        names.count.found = rows.len();
        for row in rows {
            names.add(table, row, report);
        }
        Ok(names)
    }

    fn add(&mut self, table: &'static str, row: Entry, report: &mut Report) {
        let what = || format!("{table} {:?} ({:?})", row.id, row.name);
        if self.by_old_id.contains_key(&row.id) {
            report.odd("was in our catalogue already; left as it is", what());
            self.count.left_out += 1;
        } else if let Some(survivor) = self.by_name.get(&row.name) {
            report.odd("merged with the older one of its name", what());
            self.count.merged += 1;
            if let Some(kept) = self.fresh.iter_mut().find(|name| name.id == *survivor) {
                kept.color = kept.color.take().or(row.color);
                kept.description = kept.description.take().or(row.description);
                kept.extras = kept.extras.take().or(row.extras);
            }
            self.by_old_id.insert(row.id, survivor.clone());
        } else {
            self.count.carried += 1;
            self.by_name.insert(row.name.clone(), row.id.clone());
            self.by_old_id.insert(row.id.clone(), row.id.clone());
            self.fresh.push(row);
        }
    }

    /// The id of ours for an old one; none when that never existed.
    pub(super) fn survivor(&self, old_id: &str) -> Option<&str> {
        self.by_old_id.get(old_id).map(String::as_str)
    }

    /// The id of the tag or category of this name, which is made when it is
    /// missing.
    pub(super) fn ensure(&mut self, tx: &Transaction, name: &str) -> String {
        let name = visible(name);
        if let Some(id) = self.by_name.get(name) {
            return id.clone();
        }
        let (id, time) = (tx.new_id(), tx.now());
        self.count.made += 1;
        self.by_name.insert(name.to_owned(), id.clone());
        self.fresh.push(Entry {
            id: id.clone(),
            name: name.to_owned(),
            color: None,
            description: None,
            extras: None,
            created_at: time,
            updated_at: time,
        });
        id
    }

    /// The id of the tag or category of this name.
    pub(super) fn id_of(&self, name: &str) -> Option<&str> {
        self.by_name.get(name).map(String::as_str)
    }

    /// Hands over what has not been written yet.
    pub(super) fn take_fresh(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.fresh)
    }
}

/// Which items have which tags, or categories.
#[derive(Default)]
pub(super) struct Links {
    /// Ids of ours by item.
    by_item: HashMap<String, BTreeSet<String>>,
    /// Old rows by item.
    old_rows: HashMap<String, usize>,
    pub(super) count: Count,
}

impl Links {
    /// Reads the rows of an old relation.
    pub(super) fn merge(
        table: &'static str,
        old: Vec<rows::OldRelation>,
        names: &Names,
        report: &mut Report,
    ) -> Self {
        let mut links = Self::default();
        links.count.found = old.len();
        for row in old {
            if let Some(id) = names.survivor(&row.other) {
                links
                    .by_item
                    .entry(row.item_id.clone())
                    .or_default()
                    .insert(id.to_owned());
                *links.old_rows.entry(row.item_id).or_default() += 1;
            } else {
                report.odd(
                    "points to something that is gone; left out",
                    format!("{table} {:?} to {:?}", row.item_id, row.other),
                );
                links.count.left_out += 1;
            }
        }
        links
    }

    /// All ids for a carried item: those of its relation and `more`, which
    /// come from array columns.
    pub(super) fn take(&mut self, item_id: &str, more: Vec<String>) -> BTreeSet<String> {
        let mut ids = self.by_item.remove(item_id).unwrap_or_default();
        let old_rows = self.old_rows.remove(item_id).unwrap_or_default();
        let carried = ids.len();
        ids.extend(more);
        self.count.carried += carried;
        self.count.merged += old_rows - carried;
        self.count.made += ids.len() - carried;
        ids
    }

    /// Whether an item that was not taken yet has a link to `id`.
    pub(super) fn has(&self, item_id: &str, id: &str) -> bool {
        self.by_item
            .get(item_id)
            .is_some_and(|ids| ids.contains(id))
    }

    /// Counts what belongs to items that were not carried.
    pub(super) fn finish(mut self, table: &'static str, report: &mut Report) -> Count {
        for (item_id, rows) in self.old_rows {
            report.odd(
                "belongs to an item that was not carried; left out",
                format!("{table} {item_id:?}"),
            );
            self.count.left_out += rows;
        }
        self.count
    }
}

/// The name, or the placeholder for one that cannot be seen.
fn visible(name: &str) -> &str {
    if name.trim().is_empty() {
        UNNAMED
    } else {
        name
    }
}
