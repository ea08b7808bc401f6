//! Items, tags, categories and what ties them together.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer, string, string_null, text, text_null, timestamp_with_time_zone,
};

/// The step.
pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_catalogue"
    }
}

#[async_trait::async_trait]
#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait's method is declared so"
)]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

fn id() -> ColumnDef {
    string("id").primary_key().take()
}

/// A table that ties items to something named `other`; rows go with the item.
fn item_relation(name: &'static str, other: &'static str) -> TableCreateStatement {
    table(name)
        .col(string("item_id"))
        .col(string(other))
        .primary_key(Index::create().col("item_id").col(other))
        .foreign_key(&mut to_parent(name, "item_id", "items"))
        .take()
}

fn to_parent(
    table: &'static str,
    column: &'static str,
    parent: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(parent, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

fn tables() -> Vec<TableCreateStatement> {
    let items = table("items")
        .col(id())
        .col(string_null("name"))
        .col(string_null("author"))
        .col(string_null("type"))
        .col(string("source"))
        .col(boolean("is_public"))
        .col(boolean("is_private"))
        .col(string_null("data_type"))
        .col(string_null("data_url"))
        .col(boolean("use_blob"))
        .col(string_null("summary"))
        .col(text_null("description"))
        .col(text("protocol"))
        .col(integer("use_number"))
        .col(integer("star_number"))
        .col(string_null("status"))
        .col(text_null("review_note"))
        .col(boolean("protocol_valid"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take();
    let tags = table("tags")
        .col(id())
        .col(string("name").unique_key())
        .col(string("search_name"))
        .col(string_null("color"))
        .col(string_null("description"))
        .col(text_null("extras"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take();
    let categories = table("categories")
        .col(id())
        .col(string("name").unique_key())
        .col(string_null("description"))
        .col(text_null("extras"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take();
    let item_search = table("item_search")
        .col(string("item_id").primary_key())
        .col(text("haystack"))
        .foreign_key(&mut to_parent("item_search", "item_id", "items"))
        .take();
    // What has been done once and must not be done again, by name.
    let marks = table("marks")
        .col(string("name").primary_key())
        .col(timestamp_with_time_zone("created_at"))
        .take();
    vec![
        items,
        tags,
        categories,
        item_relation("item_tags", "tag_id")
            .foreign_key(&mut to_parent("item_tags", "tag_id", "tags"))
            .take(),
        item_relation("item_categories", "category_id")
            .foreign_key(&mut to_parent(
                "item_categories",
                "category_id",
                "categories",
            ))
            .take(),
        item_relation("item_groups", "name"),
        item_search,
        marks,
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    [
        ("items", "author"),
        ("items", "created_at"),
        ("item_tags", "tag_id"),
        ("item_categories", "category_id"),
        ("item_groups", "name"),
    ]
    .map(|(table, column)| {
        Index::create()
            .name(format!("idx_{table}_{column}"))
            .table(table)
            .col(column)
            .take()
    })
    .into()
}
