//! A database that an older version of this server filled.

use chrono::{DateTime, Utc};
use marketplace_api::config::Database;
use marketplace_api::migration::Migrator;
use poem::http::StatusCode;
use sea_orm::sea_query::{Expr, InsertStatement, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};

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
