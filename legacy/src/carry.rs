//! Carries everything over, table by table, and proves that nothing was lost.

use std::collections::{HashMap, HashSet};

use anyhow::ensure;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use shared::wire::OFFICIAL_CATEGORY;

use super::accounts::{carry_storages, carry_users};
use super::items::{self as old_items, Carried};
use super::names::{Links, Names};
use super::report::{Count, Report};
use super::rows::{self, OldItem, OldRelation};
use super::tables::{ITEMS, Legacy};
use super::write::{Rows, category, insert, tag};
use store::Transaction;
use store::entity::{categories, item_categories, item_groups, item_tags, items, stars, tags};

/// Our tables, each with the old one that it is compared with.
const TABLES: [(&str, Option<&str>); 9] = [
    ("items", Some(ITEMS)),
    ("tags", Some("ItemTags")),
    ("categories", Some("ItemCategories")),
    ("item_tags", Some("ItemTagRelation")),
    ("item_categories", Some("ItemCategoryRelation")),
    ("item_groups", None),
    ("stars", Some("StarRelation")),
    ("users", Some("Users")),
    ("storages", Some("Blobs")),
];

/// Carries all tables over.
///
/// # Errors
/// When the database fails, a row cannot be read, or the counts do not add up.
pub(super) async fn run(tx: &Transaction, legacy: &Legacy) -> anyhow::Result<Report> {
    let mut before = Vec::new();
    for (table, _) in TABLES {
        before.push(rows::count(tx, table).await?);
    }
    let mut counts: HashMap<&str, Count> = HashMap::new();
    let mut report = Report::new(legacy.generation);

    let mut catalogue = Catalogue::read(tx, legacy, &mut report).await?;
    let mut after: Option<String> = None;
    loop {
        let page = rows::items_after(tx, after.as_deref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        catalogue.carry_items(tx, page, legacy, &mut report).await?;
    }
    catalogue.categories.ensure(tx, OFFICIAL_CATEGORY);
    catalogue.write_names(tx).await?;
    // What stood on no item before may stay so.
    tx.execute_unprepared(
        "UPDATE tags SET is_explicit = true \
         WHERE NOT EXISTS (SELECT 1 FROM item_tags WHERE item_tags.tag_id = tags.id)",
    )
    .await?;
    catalogue.finish(&mut counts, &mut report);
    counts.insert("users", carry_users(tx, legacy, &mut report).await?);
    counts.insert("storages", carry_storages(tx, legacy, &mut report).await?);

    for ((table, old), before) in TABLES.into_iter().zip(before) {
        let count = counts.remove(table).unwrap_or_default();
        let found = match old.filter(|old| legacy.has(old)) {
            Some(old) => rows::count(tx, old).await?,
            None => 0,
        };
        let now = rows::count(tx, table).await?;
        ensure!(
            count.found == found
                && count.carried + count.merged + count.left_out == found
                && before + count.carried + count.made == now,
            "the counts of {table} do not add up: {found} rows were found and {now} are there, with {count:?}"
        );
        report.count(table, count);
    }
    Ok(report)
}

/// The catalogue on its way.
struct Catalogue {
    tags: Names,
    /// Folded.
    tag_names: HashSet<String>,
    categories: Names,
    item_tags: Links,
    item_categories: Links,
    stars: HashMap<String, Vec<OldRelation>>,
    items: Count,
    groups: Count,
    star_count: Count,
}

impl Catalogue {
    /// Reads all but the items, which are many and large.
    async fn read(tx: &Transaction, legacy: &Legacy, report: &mut Report) -> anyhow::Result<Self> {
        let ours = tags::Entity::find().all(tx).await?;
        let tag_names = ours.iter().map(|tag| tag.search_name.clone()).collect();
        let tags = Names::merge(
            ours.into_iter().map(|tag| (tag.id, tag.name)),
            "ItemTags",
            rows::all(tx, legacy, "ItemTags").await?,
            report,
        )?;
        let ours = categories::Entity::find().all(tx).await?;
        let categories = Names::merge(
            ours.into_iter()
                .map(|category| (category.id, category.name)),
            "ItemCategories",
            rows::all(tx, legacy, "ItemCategories").await?,
            report,
        )?;
        let mut links = async |table, names| {
            let old = rows::all(tx, legacy, table).await?;
            anyhow::Ok(Links::merge(table, old, names, report))
        };
        let item_tags = links("ItemTagRelation", &tags).await?;
        let item_categories = links("ItemCategoryRelation", &categories).await?;
        let mut stars: HashMap<String, Vec<OldRelation>> = HashMap::new();
        let mut star_count = Count::default();
        for star in rows::all::<OldRelation>(tx, legacy, "StarRelation").await? {
            star_count.found += 1;
            stars.entry(star.item_id.clone()).or_default().push(star);
        }
        Ok(Self {
            tags,
            tag_names,
            categories,
            item_tags,
            item_categories,
            stars,
            items: Count::default(),
            groups: Count::default(),
            star_count,
        })
    }

    /// Carries one page of items with all that belongs to them.
    async fn carry_items(
        &mut self,
        tx: &Transaction,
        page: Vec<OldItem>,
        legacy: &Legacy,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        self.items.found += page.len();
        let ours = existing(tx, &page).await?;
        let official = self.categories.id_of(OFFICIAL_CATEGORY).map(str::to_owned);
        let mut rows = Rows::default();
        for old in page {
            if ours.contains(&old.id) {
                report.odd(
                    "was in our catalogue already; left as it is",
                    format!("{ITEMS} {:?}", old.id),
                );
                self.items.left_out += 1;
                continue;
            }
            let curated = official
                .as_deref()
                .is_some_and(|id| self.item_categories.has(&old.id, id));
            let stars = self.stars.remove(&old.id).unwrap_or_default();
            let item = old_items::carry(old, legacy.generation, curated, stars.len(), report)?;
            self.items.carried += 1;
            self.add(tx, item, stars, &mut rows)?;
        }
        self.write_names(tx).await?;
        Ok(rows.write(tx).await?)
    }

    /// Adds an item and its links to the rows that are to be written.
    fn add(
        &mut self,
        tx: &Transaction,
        item: Carried,
        old_stars: Vec<OldRelation>,
        rows: &mut Rows,
    ) -> anyhow::Result<()> {
        let id = &item.row.id;
        let tag_ids = item.tags.iter().map(|name| self.tags.ensure(tx, name));
        for tag_id in self.item_tags.take(id, tag_ids.collect()) {
            rows.item_tags.push(item_tags::Model {
                item_id: id.clone(),
                tag_id,
            });
        }
        let category_ids = item
            .categories
            .iter()
            .map(|name| self.categories.ensure(tx, name));
        for category_id in self.item_categories.take(id, category_ids.collect()) {
            rows.item_categories.push(item_categories::Model {
                item_id: id.clone(),
                category_id,
            });
        }
        self.star_count.carried += old_stars.len();
        for star in old_stars {
            rows.stars.push(stars::Model {
                created_at: rows::time("StarRelation", id, &star.created_at)?,
                item_id: id.clone(),
                user_name: star.other,
            });
        }
        self.groups.made += item.groups.len();
        for name in item.groups {
            rows.groups.push(item_groups::Model {
                item_id: id.clone(),
                name,
            });
        }
        rows.items.push(item.row);
        Ok(())
    }

    /// Writes the tags and categories that are new since the last time.
    async fn write_names(&mut self, tx: &Transaction) -> Result<(), DbErr> {
        let fresh = self.tags.take_fresh().into_iter();
        let fresh = fresh.map(|entry| tag(entry, &mut self.tag_names)).collect();
        insert::<tags::Entity, _>(tx, fresh).await?;
        let fresh = self.categories.take_fresh().into_iter().map(category);
        insert::<categories::Entity, _>(tx, fresh.collect()).await
    }

    fn finish(mut self, counts: &mut HashMap<&str, Count>, report: &mut Report) {
        for (item_id, stars) in self.stars {
            self.star_count.left_out += stars.len();
            for star in stars {
                report.odd(
                    "points to something that is gone; left out",
                    format!("StarRelation {item_id:?} by {:?}", star.other),
                );
            }
        }
        counts.insert("items", self.items);
        counts.insert("tags", self.tags.count);
        counts.insert("categories", self.categories.count);
        counts.insert(
            "item_tags",
            self.item_tags.finish("ItemTagRelation", report),
        );
        let links = self.item_categories.finish("ItemCategoryRelation", report);
        counts.insert("item_categories", links);
        counts.insert("item_groups", self.groups);
        counts.insert("stars", self.star_count);
    }
}

/// Which of these items our catalogue holds already.
async fn existing(tx: &Transaction, page: &[OldItem]) -> Result<HashSet<String>, DbErr> {
    let ids: Vec<String> = items::Entity::find()
        .select_only()
        .column(items::Column::Id)
        .filter(items::Column::Id.is_in(page.iter().map(|item| item.id.as_str())))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(ids.into_iter().collect())
}
