//! A database of each older step, with rows as a server of that version left them, is
//! brought up to today, and what is in it is found.

use marketplace_api::config::Database;
use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};
use store::migration::Migrator;

use crate::support::{Api, PROTOCOL, connect, new_postgres_database};

const TIME: &str = "'2024-01-02 03:04:05.006+00:00'";

/// The first step whose servers kept what ties an item to others in its own row.
const WITH_RELATIONS: u32 = 5;

/// The first step whose servers kept folded names in it.
const WITH_FOLDED_NAMES: u32 = 6;

/// The first step whose index is today's.
const WITH_BOUNDED_INDEX: u32 = 7;

/// The words of both items, under the numbers that stand for them.
const TERMS: [(i64, &str); 5] = [
    (-7_344_339_848_799_300_357, "raptor"),
    (-6_321_522_011_053_057_538, "falcon"),
    (1_222_466_145_895_516_934, "owl"),
    (3_159_282_601_090_220_207, "alice"),
    (3_880_698_100_516_203_793, "wanderfalke"),
];

/// The number that stands for the tag.
const TAG: i64 = -8_474_121_088_618_107_475;

/// The number that stands for the category.
const CATEGORY: i64 = 7_526_891_327_939_683_878;

/// What each item is found by.
const CODES: [(&str, &[i64]); 2] = [
    (
        "whole",
        &[
            TERMS[0].0, TERMS[1].0, TERMS[3].0, TERMS[4].0, TAG, CATEGORY,
        ],
    ),
    ("shared", &[TERMS[2].0, TERMS[3].0]),
];

/// What a server left in a database that has so many steps.
fn rows(steps: u32, backend: DbBackend) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for (id, name, description, is_public, stars) in [
        ("whole", "Falcon", "'Wanderfalke'", true, 1),
        ("shared", "Owl", "NULL", false, 0),
    ] {
        rows.push(format!(
            "INSERT INTO items (id, name, author, type, source, is_public, is_private, use_blob, description, protocol, \
             use_number, star_number, status, protocol_valid, created_at, updated_at) VALUES ('{id}', '{name}', 'alice', \
             'template', 'marketplace', {is_public}, false, false, {description}, '{PROTOCOL}', 3, {stars}, 'approved', \
             true, {TIME}, {TIME})"
        ));
    }
    rows.extend([
        format!(
            "INSERT INTO tags (id, name, search_name, color, created_at, updated_at) \
             VALUES ('t1', 'Raptor', 'raptor', 'red', {TIME}, {TIME})"
        ),
        format!(
            "INSERT INTO categories (id, name, created_at, updated_at) VALUES ('c1', 'birds', {TIME}, {TIME})"
        ),
        "INSERT INTO item_tags (item_id, tag_id) VALUES ('whole', 't1')".to_owned(),
        "INSERT INTO item_categories (item_id, category_id) VALUES ('whole', 'c1')".to_owned(),
        "INSERT INTO item_groups (item_id, name) VALUES ('shared', 'vision')".to_owned(),
        // The official templates were loaded, and deleted by an admin.
        format!("INSERT INTO marks (name, created_at) VALUES ('official templates loaded', {TIME})"),
    ]);
    if steps < WITH_FOLDED_NAMES {
        rows.push(
            "INSERT INTO item_search (item_id, haystack) VALUES ('whole', 'falcon')".to_owned(),
        );
    }
    if steps >= 2 {
        rows.push(format!(
            "INSERT INTO stars (item_id, user_name, created_at) VALUES ('whole', 'bob', {TIME})"
        ));
    }
    if steps >= 3 {
        rows.push(format!(
            "INSERT INTO storages (id, type, storage_account, container_name, connection_strings, tokens, users, \
             created_at, updated_at) VALUES ('s1', 'blob', 'account', 'box', '[]', '[]', '[\"bob\"]', {TIME}, {TIME})"
        ));
    }
    if steps >= 4 {
        rows.push(format!(
            "INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details) \
             VALUES ({TIME}, 'alice', 'create', 'item', 'whole', 'Falcon', '[]')"
        ));
    }
    if steps >= WITH_RELATIONS {
        for (id, relations) in [
            (
                "whole",
                r#"{"tags":[{"id":"t1","name":"Raptor","color":"red"}],"categories":[{"id":"c1","name":"birds"}],"groups":[]}"#,
            ),
            (
                "shared",
                r#"{"tags":[],"categories":[],"groups":["vision"]}"#,
            ),
        ] {
            rows.push(format!(
                "UPDATE items SET relations = '{relations}' WHERE id = '{id}'"
            ));
        }
    }
    if steps >= WITH_FOLDED_NAMES {
        rows.push("UPDATE items SET search_name = lower(name)".to_owned());
    }
    if steps >= WITH_BOUNDED_INDEX {
        rows.extend(bounded_index(backend));
    }
    if steps >= 8 {
        rows.push(format!(
            "INSERT INTO idempotency_keys (user_name, key, body_digest, item_id, created_at) \
             VALUES ('alice', 'key', 'digest', 'whole', {TIME})"
        ));
    }
    if steps >= 9 {
        rows.push(format!(
            "INSERT INTO templates (name, item_id, digest, imported_at) VALUES ('pytorch', 'gone', 'digest', {TIME})"
        ));
    }
    if steps >= 10 {
        rows.push(format!(
            "INSERT INTO uses (user_name, item_id, used_at) VALUES ('bob', 'whole', {TIME})"
        ));
    }
    rows
}

/// The index as servers write it since the step that bounded it: after that step they
/// had made it anew, so nothing asks for that any more.
fn bounded_index(backend: DbBackend) -> Vec<String> {
    let mut rows = vec![
        "DELETE FROM marks WHERE name = 'reindex wanted'".to_owned(),
        "UPDATE items SET search_text = 'falcon\u{1}raptor\u{2}\nalice\u{3}wanderfalke ' WHERE id = 'whole'".to_owned(),
        "UPDATE items SET search_text = 'owl\u{1}\u{2}\nalice\u{3}' WHERE id = 'shared'".to_owned(),
    ];
    for (code, term) in TERMS {
        rows.push(format!(
            "INSERT INTO search_terms (code, term) VALUES ({code}, '{term}')"
        ));
        let ends = (0..term.len()).map(|begin| term[begin..].to_owned());
        // With one letter left out, behind a blank.
        let slips = (0..term.len()).map(|at| format!(" {}{}", &term[..at], &term[at + 1..]));
        let slips = slips.filter(|_| term.len() > 3);
        for key in ends.chain(slips) {
            rows.push(format!(
                "INSERT INTO search_keys (key, code) VALUES ('{key}', {code})"
            ));
        }
    }
    for (id, codes) in CODES {
        let list = codes
            .iter()
            .map(i64::to_string)
            .collect::<Vec<_>>()
            .join(",");
        if backend == DbBackend::Postgres {
            rows.push(format!(
                "UPDATE items SET codes = '{{{list}}}' WHERE id = '{id}'"
            ));
        } else {
            rows.extend(codes.iter().map(|code| {
                format!(
                    "INSERT INTO search_postings (code, item) SELECT {code}, search_number FROM items WHERE id = '{id}'"
                )
            }));
        }
    }
    rows
}

async fn fill(db: &DatabaseConnection, steps: u32) {
    for row in rows(steps, db.get_database_backend()) {
        let inserted = db.execute_unprepared(&row).await;
        inserted.unwrap_or_else(|error| panic!("{row}: {error}"));
    }
}

async fn check(database: Database, steps: u32) {
    let db = connect(&database).await;
    Migrator::up(&db, Some(steps)).await.unwrap();
    fill(&db, steps).await;
    db.close().await.unwrap();
    let api = Api::on(&database).await;

    for (query, names) in [
        ("", &["Falcon", "Owl"][..]),
        ("keyword=FALC", &["Falcon"]),
        ("keyword=derfalk", &["Falcon"]),
        ("keyword=raptor%20alice", &["Falcon"]),
        ("keyword=wandrfalke", &["Falcon"]),
        ("keyword=ow", &["Owl"]),
        ("keyword=eagle", &[]),
        ("tag=Raptor&category=birds", &["Falcon"]),
        ("runsHere=true", &["Falcon", "Owl"]),
    ] {
        let found = api.names("carol", &format!("?sort=name&{query}")).await;
        assert_eq!(found, names, "{steps}: {query}");
    }
    let item: Value = api.get("bob", "/items/whole").await.json();
    let expected = json!({
        "name": "Falcon", "tags": ["Raptor"], "categories": ["birds"], "useNumber": 3, "starNumber": 1,
        "starred": steps >= 2, "protocolValid": true, "createdAt": "2024-01-02T03:04:05.006Z",
        "ItemTags": [{"id": "t1", "name": "Raptor", "color": "red"}],
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(item[field], *value, "{steps}: {field}");
    }
    let shared: Value = api.get("carol", "/items/shared").await.json();
    assert_eq!(shared["groupList"], json!(["vision"]), "{steps}");
    let storages: Vec<Value> = api.get("admin", "/storages/blobs").await.json();
    assert_eq!(storages.len(), usize::from(steps >= 3), "{steps}");
    let lines: Vec<Value> = api.get("admin", "/audit?action=create").await.json();
    assert_eq!(lines.len(), usize::from(steps >= 4), "{steps}");

    // It is changed as what is made today.
    let change = json!({"name": "Kestrel", "tags": ["hunter"]});
    let changed = api.put("alice", "/items/whole", &change).await;
    changed.assert(StatusCode::OK);
    for (query, names) in [
        ("keyword=kestr", &["Kestrel"][..]),
        ("keyword=hunter", &["Kestrel"]),
        ("keyword=falcon", &[]),
        ("tag=Raptor", &[]),
    ] {
        let found = api.names("carol", &format!("?{query}")).await;
        assert_eq!(found, names, "{steps}: {query}");
    }
}

/// All steps but the last: what has that is what tests make anyway.
fn older() -> std::ops::Range<u32> {
    let all = u32::try_from(Migrator::migrations().len()).unwrap();
    1..all
}

mod is_brought_up_to_date_and_found {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        for steps in older() {
            let file = folder.path().join(format!("{steps}.db"));
            check(Database::Sqlite(file), steps).await;
        }
    }

    #[tokio::test]
    async fn postgres() {
        for steps in older() {
            check(new_postgres_database().await, steps).await;
        }
    }
}
