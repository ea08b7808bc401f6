//! A database that an older version of this server filled.

mod each_step;
mod schema;

use chrono::{DateTime, Utc};
use marketplace_api::config::Database;
use poem::http::StatusCode;
use sea_orm::sea_query::{Expr, InsertStatement, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};
use store::migration::Migrator;

use crate::support::{Api, PROTOCOL, connect, new_postgres_database};

/// The steps of the schema before there was a search index.
const STEPS: u32 = 4;

/// More than are indexed at a time.
const MANY: usize = 1_100;

fn insert<const N: usize>(table: &'static str, columns: [&'static str; N]) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table(table).columns(columns);
    insert
}

/// What an item has that tells it from others.
fn item(
    id: &str,
    author: &str,
    public: bool,
    texts: [Option<&str>; 3],
    time: DateTime<Utc>,
) -> [Expr; 17] {
    let [name, summary, description] = texts.map(|text| text.map(str::to_owned));
    [
        id.into(),
        name.into(),
        author.into(),
        Some("template".to_owned()).into(),
        "marketplace".into(),
        public.into(),
        false.into(),
        false.into(),
        summary.into(),
        description.into(),
        PROTOCOL.into(),
        3_i32.into(),
        1_i32.into(),
        Some("approved".to_owned()).into(),
        true.into(),
        time.into(),
        time.into(),
    ]
}

async fn fill(db: &DatabaseConnection) {
    let time: DateTime<Utc> = "2024-01-02T03:04:05.006Z".parse().unwrap();
    let mut items = insert(
        "items",
        [
            "id",
            "name",
            "author",
            "type",
            "source",
            "is_public",
            "is_private",
            "use_blob",
            "summary",
            "description",
            "protocol",
            "use_number",
            "star_number",
            "status",
            "protocol_valid",
            "created_at",
            "updated_at",
        ],
    );
    items.values_panic(item(
        "whole",
        "alice",
        true,
        [Some("Falcon"), Some("Wanderfalke"), Some("# Größe 漢")],
        time,
    ));
    items.values_panic(item(
        "shared",
        "alice",
        false,
        [Some("Owl"), None, None],
        time,
    ));
    items.values_panic(item(
        "",
        "alice",
        true,
        [None, None, Some("of little")],
        time,
    ));
    for number in 0..MANY {
        let id = format!("many {number:04}");
        items.values_panic(item(
            &id,
            "bob",
            true,
            [Some(&format!("sparrow{number:04}")), None, None],
            time,
        ));
    }
    db.execute(&items).await.unwrap();

    let mut tags = insert(
        "tags",
        [
            "id",
            "name",
            "search_name",
            "color",
            "created_at",
            "updated_at",
        ],
    );
    for (id, name, color) in [
        ("t1", "Raptor", Some("red".to_owned())),
        ("t2", "flock", None),
        ("t3", "unused", None),
    ] {
        tags.values_panic([
            id.into(),
            name.into(),
            name.to_lowercase().into(),
            color.into(),
            time.into(),
            time.into(),
        ]);
    }
    let mut categories = insert("categories", ["id", "name", "created_at", "updated_at"]);
    categories.values_panic(["c1".into(), "birds".into(), time.into(), time.into()]);
    db.execute(&tags).await.unwrap();
    db.execute(&categories).await.unwrap();

    let mut tagged = insert("item_tags", ["item_id", "tag_id"]);
    for (item, tag) in [("whole", "t2"), ("whole", "t1"), ("shared", "t1")] {
        tagged.values_panic([item.into(), tag.into()]);
    }
    for number in 0..MANY {
        tagged.values_panic([format!("many {number:04}").into(), "t2".into()]);
    }
    let mut shelved = insert("item_categories", ["item_id", "category_id"]);
    shelved.values_panic(["whole".into(), "c1".into()]);
    let mut groups = insert("item_groups", ["item_id", "name"]);
    for name in ["vision", "default"] {
        groups.values_panic(["shared".into(), name.into()]);
    }
    let mut search = insert("item_search", ["item_id", "haystack"]);
    search.values_panic(["whole".into(), "falcon".into()]);
    for statement in [tagged, shelved, groups, search] {
        db.execute(&statement).await.unwrap();
    }
}

/// Before items for groups were reviewed, groups saw them whatever their status.
async fn check_review(database: Database) {
    let db = connect(&database).await;
    Migrator::up(&db, Some(STEPS)).await.unwrap();
    fill(&db).await;
    for statement in [
        "UPDATE items SET status = 'pending' WHERE id IN ('whole', 'shared')",
        "UPDATE items SET status = NULL, is_public = false WHERE id = 'many 0000'",
        "UPDATE items SET status = 'rejected', is_public = false WHERE id = 'many 0001'",
        "INSERT INTO item_groups (item_id, name) VALUES ('many 0000', 'vision'), ('many 0001', 'vision')",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    db.close().await.unwrap();
    let api = Api::on(&database).await;
    for (id, status, seen) in [
        ("whole", json!("pending"), false),
        ("shared", json!("approved"), true),
        ("many%200000", json!(null), true),
        ("many%200001", json!("rejected"), false),
        ("many%200002", json!("approved"), true),
    ] {
        let path = format!("/items/{id}");
        let item: Value = api.get("admin", &path).await.json();
        assert_eq!(item["status"], status, "{id}");
        let told = api.get("carol", &path).await.status;
        assert_eq!(told == StatusCode::OK, seen, "{id}: {told}");
    }
    let listed = api.names("carol", "").await.len();
    assert_eq!(listed, MANY + 3 - 2);
}

async fn check(database: Database) {
    let db = connect(&database).await;
    Migrator::up(&db, Some(STEPS)).await.unwrap();
    fill(&db).await;
    db.close().await.unwrap();
    let api = Api::on(&database).await;

    let items: Vec<Value> = api.get("carol", "/items?author=alice").await.json();
    let listed = |id: &str| items.iter().find(|item| item["id"] == id).unwrap().clone();
    assert_eq!(items.len(), 3);
    let whole = listed("whole");
    assert_eq!(whole["tags"], json!(["Raptor", "flock"]));
    assert_eq!(
        whole["ItemTags"],
        json!([{"id": "t1", "name": "Raptor", "color": "red"}, {"id": "t2", "name": "flock", "color": null}])
    );
    assert_eq!(
        whole["ItemCategories"],
        json!([{"id": "c1", "name": "birds"}])
    );
    assert_eq!(
        (&whole["useNumber"], &whole["starNumber"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(
        (&whole["createdAt"], &whole["updatedAt"]),
        (&json!("2024-01-02T03:04:05.006Z"), &whole["createdAt"])
    );
    assert_eq!(listed("shared")["groupList"], json!(["default", "vision"]));
    assert_eq!(listed("")["tags"], json!([]));
    assert_eq!(
        api.get("carol", "/items/whole").await.json::<Value>(),
        whole
    );

    for (query, names) in [
        ("keyword=FALC&sort=name", &["Falcon"][..]),
        ("keyword=wanderf", &["Falcon"]),
        ("keyword=gr%C3%B6%C3%9Fe%20%E6%BC%A2", &["Falcon"]),
        ("keyword=raptor&sort=name", &["Falcon", "Owl"]),
        ("keyword=of%20little", &["null"]),
        ("keyword=sparrow0000", &["sparrow0000"]),
        ("keyword=sparrow0777%20flock%20bob", &["sparrow0777"]),
        ("keyword=sparrow1099", &["sparrow1099"]),
        ("keyword=wandrefalke", &["Falcon"]),
        ("category=birds&tag=flock,Raptor", &["Falcon"]),
        ("tag=unused", &[]),
    ] {
        assert_eq!(
            api.names("carol", &format!("?{query}")).await,
            names,
            "{query}"
        );
    }
    let all = api.get("carol", "/items?keyword=flock&limit=1").await;
    assert_eq!(all.header("x-total-count"), (MANY + 1).to_string());
    let many: Vec<Value> = api.get("carol", "/items?author=bob").await.json();
    assert_eq!(many.len(), MANY);
    assert!(many.iter().all(|item| item["tags"] == json!(["flock"])));

    // What was written then follows changes as what is written now.
    api.put("admin", "/tags/t1", &json!({"name": "Talon"}))
        .await
        .assert(StatusCode::OK);
    assert_eq!(
        api.names("carol", "?keyword=talon&sort=name").await,
        ["Falcon", "Owl"]
    );
    api.put("alice", "/items/whole", &json!({"name": "Kestrel"}))
        .await
        .assert(StatusCode::OK);
    assert_eq!(api.names("carol", "?keyword=kestrel").await, ["Kestrel"]);
}

mod a_filled_one_is_found_and_listed_whole {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        check(Database::Sqlite(folder.path().join("test.db"))).await;
    }

    #[tokio::test]
    async fn postgres() {
        check(new_postgres_database().await).await;
    }
}

/// The steps of the schema before the search index was bounded.
const UNBOUNDED: u32 = 6;

/// What a server of that version left: words under their old keys, an item's codes, and
/// tags that differ in case only.
async fn fill_unbounded(db: &DatabaseConnection) {
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let time = "'2024-01-02 03:04:05.006+00:00'";
    let description = format!("A *harrier* {}", "x".repeat(5_000));
    let mut statements = Vec::new();
    // OpenPAI refuses the second one's, which that version did not know.
    let refused = PROTOCOL.replace("gpu: 0", "gpu: 0, ports: {tensor-board: 1}");
    for (id, name, private, day, protocol) in [
        ("first", "Falcon", false, 1, PROTOCOL),
        ("second", "Owl", true, 2, &refused),
    ] {
        statements.push(format!(
            "INSERT INTO items (id, name, author, type, source, is_public, is_private, use_blob, description, protocol, \
             use_number, star_number, status, protocol_valid, search_name, search_text, created_at, updated_at) VALUES \
             ('{id}', '{name}', 'alice', 'template', 'marketplace', {}, {private}, false, '{description}', '{}', 0, 0, \
             'approved', true, 'old', 'old', '2024-01-0{day} 03:04:05.006+00:00', {time})",
            !private,
            protocol.replace('\'', "''"),
        ));
    }
    for (id, name, day) in [
        ("t1", "PyTorch", 2),
        ("t2", "pytorch", 1),
        ("t3", "secret", 1),
        ("t4", "unused", 1),
    ] {
        statements.push(format!(
            "INSERT INTO tags (id, name, search_name, created_at, updated_at) VALUES ('{id}', '{name}', '{}', \
             '2024-01-0{day} 03:04:05.006+00:00', {time})",
            name.to_lowercase(),
        ));
    }
    for (item, tag) in [("first", "t1"), ("second", "t2"), ("second", "t3")] {
        statements.push(format!(
            "INSERT INTO item_tags (item_id, tag_id) VALUES ('{item}', '{tag}')"
        ));
    }
    for number in 0..2_000 {
        statements.push(format!(
            "INSERT INTO search_keys (key, term) VALUES ('x{number}', 'gone')"
        ));
    }
    statements.push(if postgres {
        "UPDATE items SET codes = '{1,2,3}'".to_owned()
    } else {
        "INSERT INTO search_postings (code, item_id) SELECT 1, id FROM items".to_owned()
    });
    for statement in statements {
        db.execute_unprepared(&statement).await.unwrap();
    }
}

async fn check_unbounded(database: Database) {
    let db = connect(&database).await;
    Migrator::up(&db, Some(UNBOUNDED)).await.unwrap();
    fill_unbounded(&db).await;
    let api = Api::on(&database).await;

    for (query, names) in [
        ("keyword=falco", &["Falcon"][..]),
        ("keyword=harrier", &["Falcon"]),
        ("keyword=old", &[]),
        ("keyword=gone", &[]),
        ("keyword=xxxxxxxxxx", &[]),
        ("keyword=pytorch", &["Falcon"]),
        ("tag=PyTorch", &["Falcon"]),
        ("tag=pytorch", &["Falcon"]),
    ] {
        assert_eq!(
            api.names("bob", &format!("?{query}")).await,
            names,
            "{query}"
        );
    }
    let count = async |sql: &str| {
        let sql = format!("SELECT COUNT(*) FROM {sql}");
        let sql = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(sql).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    };
    assert!(count("search_keys").await < 200, "what was there is gone");
    assert_eq!(count("marks WHERE name = 'reindex wanted'").await, 0);
    assert_eq!(count("items WHERE search_text LIKE '%xxxx%'").await, 0);
    for (id, is_valid) in [("first", true), ("second", false)] {
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!(item["protocolValid"], is_valid, "{id}");
    }

    let shown = async |user: &str| {
        let tags: Vec<Value> = api.get(user, "/tags").await.json();
        let names = tags
            .iter()
            .map(|tag| tag["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(
        shown("alice").await,
        ["PyTorch", "pytorch", "secret", "unused"]
    );
    assert_eq!(shown("bob").await, ["PyTorch", "unused"]);
    // Tags that differ in case only stay two; what is new has the older one, unless it
    // names the other one exactly.
    for (given, kept) in [
        ("PYTORCH", "pytorch"),
        ("PyTorch", "PyTorch"),
        ("pytorch", "pytorch"),
    ] {
        let id = api.create("bob", json!({"tags": [given]})).await;
        let item: Value = api.get("bob", &format!("/items/{id}")).await.json();
        assert_eq!(item["tags"], json!([kept]), "{given}");
    }
    let renamed = json!({"name": "PyTorch", "color": "red"});
    api.put("admin", "/tags/t1", &renamed)
        .await
        .assert(StatusCode::OK);
    api.put("admin", "/tags/t1", &json!({"name": "PYTORCH"}))
        .await
        .assert(StatusCode::CONFLICT);
    api.put("admin", "/tags/t1", &json!({"name": "torch"}))
        .await
        .assert(StatusCode::OK);
    assert_eq!(api.names("bob", "?tag=torch").await.len(), 2);
    api.delete("alice", "/items/first")
        .await
        .assert(StatusCode::OK);
    api.delete("alice", "/items/second")
        .await
        .assert(StatusCode::OK);
    assert_eq!(shown("alice").await, ["pytorch", "torch", "unused"]);
}

mod one_with_an_unbounded_index_gets_a_bounded_one {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        check_unbounded(Database::Sqlite(folder.path().join("test.db"))).await;
    }

    #[tokio::test]
    async fn postgres() {
        check_unbounded(new_postgres_database().await).await;
    }
}

mod groups_see_what_they_saw {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        check_review(Database::Sqlite(folder.path().join("test.db"))).await;
    }

    #[tokio::test]
    async fn postgres() {
        check_review(new_postgres_database().await).await;
    }
}
