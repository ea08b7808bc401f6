//! The search index in bounds: terms are stored once and looked up by number, and on
//! `SQLite` items too, so that the index takes a fraction of the room; what is found is
//! indexed anew after the last step. And tags: whether somebody made one on purpose, and
//! no two new ones that differ in case only.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;

/// The step.
pub(super) struct Migration;

/// The mark that start-up honours by indexing all items anew.
const WANTED: &str = "INSERT INTO marks (name, created_at) VALUES ('reindex wanted', CURRENT_TIMESTAMP) \
     ON CONFLICT (name) DO NOTHING";

/// Tags that somebody made on purpose: described, coloured, made or changed by
/// themselves, or on no item.
const EXPLICIT: &str = "UPDATE tags SET is_explicit = (color IS NOT NULL OR description IS NOT NULL \
     OR extras IS NOT NULL \
     OR EXISTS (SELECT 1 FROM audit WHERE audit.kind = 'tag' AND audit.target_id = tags.id) \
     OR NOT EXISTS (SELECT 1 FROM item_tags WHERE item_tags.tag_id = tags.id))";

const POSTGRES: &[&str] = &[
    "DROP TABLE search_keys",
    "CREATE TABLE search_terms (code bigint PRIMARY KEY, term text COLLATE \"C\" NOT NULL)",
    "CREATE TABLE search_keys (key text COLLATE \"C\" NOT NULL, code bigint NOT NULL, PRIMARY KEY (key, code))",
    "ALTER TABLE tags ALTER COLUMN search_name TYPE text",
    "ALTER TABLE tags ADD COLUMN is_explicit boolean NOT NULL DEFAULT false",
    // Of those that differ in case only, the oldest has the folded name; the others
    // stay, each with a key of its own.
    "UPDATE tags SET search_name = search_name || chr(1) || id WHERE EXISTS (SELECT 1 FROM tags AS older \
     WHERE older.search_name = tags.search_name \
     AND (older.created_at, older.id) < (tags.created_at, tags.id))",
    "CREATE UNIQUE INDEX idx_tags_search_name ON tags (search_name)",
    EXPLICIT,
    WANTED,
];

const SQLITE: &[&str] = &[
    "DROP TABLE search_keys",
    "DROP TABLE search_postings",
    "CREATE TABLE search_terms (code integer PRIMARY KEY, term text NOT NULL)",
    "CREATE TABLE search_keys (key text NOT NULL, code integer NOT NULL, PRIMARY KEY (key, code)) WITHOUT ROWID",
    // A row's own number may change when the file is vacuumed; this one does not, and
    // is a tenth of an id.
    "ALTER TABLE items ADD COLUMN search_number integer",
    "UPDATE items SET search_number = rowid",
    "CREATE UNIQUE INDEX idx_items_search_number ON items (search_number)",
    "CREATE TRIGGER items_search_number AFTER INSERT ON items BEGIN \
     UPDATE items SET search_number = (SELECT COALESCE(MAX(search_number), 0) + 1 FROM items) WHERE id = new.id; END",
    "CREATE TABLE search_postings (code integer NOT NULL, item integer NOT NULL \
     REFERENCES items (search_number) ON DELETE CASCADE, PRIMARY KEY (code, item)) WITHOUT ROWID",
    "CREATE INDEX idx_search_postings_item ON search_postings (item)",
    "ALTER TABLE tags ADD COLUMN is_explicit boolean NOT NULL DEFAULT false",
    "UPDATE tags SET search_name = search_name || char(1) || id WHERE EXISTS (SELECT 1 FROM tags AS older \
     WHERE older.search_name = tags.search_name \
     AND (older.created_at, older.id) < (tags.created_at, tags.id))",
    "CREATE UNIQUE INDEX idx_tags_search_name ON tags (search_name)",
    EXPLICIT,
    WANTED,
];

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_bounded_search"
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
        let db = manager.get_connection();
        let statements = match db.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        for statement in statements {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
