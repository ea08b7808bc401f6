//! It happens once, wholly or not at all.

use marketplace_api::startup;
use serde_json::json;

use super::database::{UPGRADED, V15, V17, column, contents, execute, load, old_tables};
use super::{ids, migrate, rehearse, seen};
use crate::support::Api;

#[tokio::test]
async fn a_second_start_changes_nothing() {
    let database = load(V17).await;
    drop(Api::on(&database).await);
    let before = contents(&database, "").await;
    drop(Api::on(&database).await);
    let said = migrate(&database, |_| ()).await.unwrap();
    assert_eq!(
        said,
        "The first marketplace's tables were carried over before; that is not done again.\n"
    );
    assert_eq!(contents(&database, "").await, before);

    // Nor does what an old server still writes come along later.
    let api = Api::on(&database).await;
    execute(
        &database,
        "UPDATE \"MarketplaceItems\" SET name = 'late' WHERE id = '10'",
    )
    .await;
    api.put("admin", "/items/10", &json!({"name": "ours"}))
        .await
        .assert(poem::http::StatusCode::OK);
    let api = Api::on(&database).await;
    assert_eq!(seen(&api, "bob").await["10"]["name"], "ours");
}

#[tokio::test]
async fn servers_that_start_at_once_do_it_once() {
    let database = load(V17).await;
    let opened = futures_util::future::join_all((0..4).map(|_| startup::open(&database))).await;
    assert!(opened.into_iter().all(|store| store.is_ok()));
    assert_eq!(ids(&Api::on(&database).await, "admin").await.len(), 12);
    assert_eq!(
        column(&database, "SELECT count(*)::text FROM stars").await,
        ["3"]
    );
}

#[tokio::test]
async fn a_rehearsal_changes_nothing_not_even_the_schema() {
    for sql in [V15, UPGRADED, V17] {
        let database = load(sql).await;
        let before = contents(&database, "").await;
        let report = rehearse(&database).await;
        assert!(report.ends_with("\nThis was a rehearsal: nothing has been changed.\n"));
        assert_eq!(contents(&database, "").await, before);

        // It said what then happens.
        let done = migrate(&database, |_| ()).await.unwrap();
        assert_eq!(
            report.strip_prefix(&done),
            Some("\nThis was a rehearsal: nothing has been changed.\n")
        );
        let before = contents(&database, "").await;
        rehearse(&database).await;
        assert_eq!(contents(&database, "").await, before);
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_nothing_behind() {
    let database = load(V17).await;
    let before = old_tables(&database).await;
    execute(
        &database,
        "UPDATE \"Blobs\" SET \"updatedAt\" = 'infinity' WHERE id = 'blob-2'",
    )
    .await;
    let error = format!("{:#}", startup::open(&database).await.err().unwrap());
    assert!(
        error.contains("nothing was changed") && error.contains("\"blob-2\""),
        "{error}"
    );
    assert!(!error.contains("AccountKey"), "{error}");
    for table in ["items", "tags", "stars", "users", "storages", "marks"] {
        let count = column(&database, &format!("SELECT count(*)::text FROM {table}")).await;
        assert_eq!(count, ["0"], "{table}");
    }

    // Once the row is mended, all is well.
    execute(
        &database,
        "UPDATE \"Blobs\" SET \"updatedAt\" = \"createdAt\" WHERE id = 'blob-2'",
    )
    .await;
    assert_eq!(ids(&Api::on(&database).await, "admin").await.len(), 12);
    let after = old_tables(&database).await;
    assert_eq!(after.len(), before.len());
}

#[tokio::test]
async fn rows_that_vanish_on_their_way_are_noticed() {
    let database = load(V15).await;
    // Our schema comes first, so that something in it can swallow a row.
    let dropped = V15.split_once("INSERT INTO").unwrap();
    let empty = load("SELECT 1").await;
    drop(startup::open(&empty).await.unwrap());
    execute(&empty, "DELETE FROM items; DELETE FROM marks").await;
    execute(&empty, dropped.0).await;
    execute(&empty, &format!("INSERT INTO{}", dropped.1)).await;
    execute(
        &empty,
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         CREATE TRIGGER swallow BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION swallow()",
    )
    .await;
    let error = format!("{:#}", startup::open(&empty).await.err().unwrap());
    assert!(
        error.contains("the counts of users do not add up"),
        "{error}"
    );
    assert_eq!(
        column(&empty, "SELECT count(*)::text FROM items").await,
        ["0"]
    );

    execute(&empty, "DROP TRIGGER swallow ON users").await;
    drop(startup::open(&empty).await.unwrap());
    drop(startup::open(&database).await.unwrap());
    let names = "SELECT id FROM items ORDER BY id";
    assert_eq!(column(&empty, names).await, column(&database, names).await);
}

#[tokio::test]
async fn a_catalogue_that_is_in_use_keeps_its_own() {
    // Somebody started with an empty database and restored the old one later.
    let database = load("SELECT 1").await;
    let api = Api::on(&database).await;
    let official = ids(&api, "admin").await.len();
    let mine = api
        .create("alice", json!({"name": "mine", "tags": ["twin"]}))
        .await;
    execute(&database, V17).await;
    let report = migrate(&database, |_| ()).await.unwrap();
    assert!(report.contains("ItemTags \"tag-old\""), "{report}");
    let items = seen(&api, "alice").await;
    assert_eq!(items.len(), official + 1 + 12);
    assert_eq!(
        items["10"]["ItemTags"][1]["id"],
        items[&mine]["ItemTags"][0]["id"]
    );
    assert!(items["10"]["categories"] == json!(["official example"]));
}

#[tokio::test]
async fn the_old_catalogue_gets_no_official_templates_of_ours() {
    let database = load(
        &V15.replace("('1',", "('first',")
            .replace("'1', 'alice'", "'first', 'alice'"),
    )
    .await;
    execute(&database, "DELETE FROM \"MarketplaceItems\"").await;
    let api = Api::on(&database).await;
    assert!(
        ids(&api, "admin").await.is_empty(),
        "an emptied catalogue stays empty"
    );
    let categories = column(&database, "SELECT name FROM categories").await;
    assert_eq!(categories, ["official example"]);
}

#[tokio::test]
async fn thousands_of_items_take_more_than_one_page() {
    let database = load(V17).await;
    execute(
        &database,
        "INSERT INTO \"MarketplaceItems\" (id, name, author, tags, protocol) \
         SELECT 'many ' || n, 'item ' || n, 'alice', ARRAY['tag ' || n % 700, 'all'], 'a: 1' \
         FROM generate_series(1, 2500) n",
    )
    .await;
    let report = migrate(&database, |_| ()).await.unwrap();
    assert!(
        report.contains("items               2512      2512"),
        "{report}"
    );
    let count = column(
        &database,
        "SELECT count(*)::text FROM items WHERE search_text IS NOT NULL AND codes IS NOT NULL",
    )
    .await;
    assert_eq!(count, ["2512"]);
    let tagged = column(
        &database,
        "SELECT count(*)::text FROM item_tags JOIN tags ON tags.id = tag_id WHERE name = 'all'",
    )
    .await;
    assert_eq!(tagged, ["2500"]);
}
