//! Making items public again is an admin's explicit choice.

use chrono::{DateTime, Utc};
use marketplace_api::migrate::MigrateOptions;
use poem::http::StatusCode;
use serde_json::json;

use super::database::{UPGRADED, contents, load, old_tables};
use super::{ids, migrate, seen};
use crate::support::Api;

fn ids_of(names: &[&str]) -> impl FnOnce(&mut MigrateOptions) {
    let names = names.iter().map(ToString::to_string).collect();
    |options| options.make_public = names
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn by_id() {
    let database = load(UPGRADED).await;
    let before = old_tables(&database).await;
    // In the same breath as the carry-over.
    let said = migrate(&database, ids_of(&["chosen id/1", "refused"]))
        .await
        .unwrap();
    assert!(
        said.contains("Made public (2):\n  \"chosen id/1\""),
        "{said}"
    );
    let api = Api::on(&database).await;
    let items = seen(&api, "bob").await;
    assert_eq!(items["chosen id/1"]["isPrivate"], false);
    assert_eq!(items["refused"]["status"], "approved");

    // Again changes nothing, and whoever takes it back is heeded.
    let before_again = contents(&database, "").await;
    let said = migrate(&database, ids_of(&["chosen id/1"])).await.unwrap();
    assert!(!said.contains("Made public"), "{said}");
    assert_eq!(contents(&database, "").await, before_again);
    let path = "/items/chosen%20id%2F1";
    api.put(
        "alice",
        path,
        &json!({"groupList": ["vision"], "isPublic": false}),
    )
    .await
    .assert(StatusCode::OK);
    migrate(&database, |_| ()).await.unwrap();
    api.get("bob", path).await.assert(StatusCode::FORBIDDEN);

    // Shared with a group: an id is explicit enough.
    migrate(&database, ids_of(&["chosen id/1"])).await.unwrap();
    assert_eq!(
        seen(&api, "bob").await["chosen id/1"]["groupList"],
        json!([])
    );
    assert_eq!(old_tables(&database).await, before);
}

#[tokio::test]
async fn by_date() {
    let database = load(UPGRADED).await;
    let api = Api::on(&database).await;
    let choose =
        |options: &mut MigrateOptions| options.created_before = Some(time("2021-06-01T00:00:00Z"));
    let before = contents(&database, "").await;
    let rehearsal = migrate(&database, |options| {
        choose(options);
        options.dry_run = true;
    })
    .await
    .unwrap();
    assert!(rehearsal.contains("Made public (2):"), "{rehearsal}");
    assert_eq!(contents(&database, "").await, before);

    let said = migrate(&database, choose).await.unwrap();
    assert!(rehearsal.starts_with(&said), "{said}");
    assert_eq!(
        ids(&api, "bob").await,
        ["1", "2", "chosen id/1", "later public", "pretender"],
        "neither what came later nor what was rejected"
    );
    let said = migrate(&database, choose).await.unwrap();
    assert!(!said.contains("Made public"), "{said}");

    // The very moment is not before itself.
    let at =
        |options: &mut MigrateOptions| options.created_before = Some(time("2022-01-01T00:00:00Z"));
    migrate(&database, at).await.unwrap();
    api.get("bob", "/items/later%20private")
        .await
        .assert(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_unknown_id_changes_nothing() {
    let database = load(UPGRADED).await;
    let api = Api::on(&database).await;
    let before = contents(&database, "").await;
    let error = migrate(&database, ids_of(&["chosen id/1", "typo"]))
        .await
        .unwrap_err();
    assert_eq!(
        error,
        "there is no item with the id \"typo\"; nothing was made public"
    );
    assert_eq!(contents(&database, "").await, before);
    api.get("bob", "/items/chosen%20id%2F1")
        .await
        .assert(StatusCode::FORBIDDEN);
}
