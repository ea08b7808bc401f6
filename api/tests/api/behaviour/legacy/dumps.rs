//! Whole databases as `pg_dump` writes them: one of our own, and those of real
//! servers, which others wrote and so are not part of the project. Those lie
//! beside the workspace, in `../shared/legacy`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use marketplace_api::config::Database;
use serde_json::Value;

use super::database::{V15, V15_DUMP, load, load_dump, old_tables};
use super::{ids, migrate, seen};
use crate::support::Api;

/// The database, and a server on it.
async fn carried_over(dump: &str) -> (Database, Api) {
    let database = load_dump(dump).await;
    let before = old_tables(&database).await;
    let api = Api::on(&database).await;
    assert_eq!(old_tables(&database).await, before);
    (database, api)
}

/// The same with a real server's.
async fn dump(name: &str) -> (Database, Api) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/legacy");
    let dump = fs::read_to_string(folder.join(name)).expect("a dump in ../shared/legacy");
    carried_over(&dump).await
}

/// However a database came to be, the same becomes of it.
#[tokio::test]
async fn a_dump_is_carried_over_as_the_database_that_it_is_of() {
    let original = Api::on(&load(V15).await).await;
    let (_, restored) = carried_over(V15_DUMP).await;
    for user in ["admin", "alice", "bob"] {
        let items = without_label_ids(seen(&restored, user).await);
        assert_eq!(items.len(), 4, "{user}");
        let wanted = without_label_ids(seen(&original, user).await);
        assert_eq!(items, wanted, "{user}");
    }
}

/// Tags and categories of v1.5 had no ids, so they get new ones.
fn without_label_ids(mut items: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    for item in items.values_mut() {
        for labels in ["ItemTags", "ItemCategories"] {
            for label in item[labels].as_array_mut().unwrap() {
                assert!(label.as_object_mut().unwrap().remove("id").is_some());
            }
        }
    }
    items
}

#[tokio::test]
#[ignore = "wants dumps of real servers in ../shared/legacy"]
async fn v15() {
    let (_, api) = dump("v1.5.sql").await;
    let items = seen(&api, "bob").await;
    assert_eq!(items.len(), 31);
    assert!(items.values().all(|item| item["isPublic"] == true));
    let official = items.values().filter(|item| item["author"] == "OpenPAI");
    for item in official {
        let categories = item["categories"].as_array().unwrap();
        assert!(
            categories.iter().any(|name| name == "official example"),
            "{item}"
        );
        assert_eq!(item["protocolValid"], true, "{item}");
    }
}

#[tokio::test]
#[ignore = "wants dumps of real servers in ../shared/legacy"]
async fn v15_upgraded() {
    let (database, api) = dump("v1.5-migrated-to-v1.6.sql").await;
    let old = "2fa9dcc9-6f85-4080-9a64-19f69ba5ce25";
    assert_eq!(ids(&api, "bob").await.len(), 32);
    assert!(!seen(&api, "bob").await.contains_key(old));
    assert_eq!(ids(&api, "alice").await.len(), 33);
    let make_public = |options: &mut marketplace_api::migrate::MigrateOptions| {
        options.make_public = vec![old.to_owned()];
    };
    migrate(&database, make_public).await.unwrap();
    assert_eq!(ids(&api, "bob").await.len(), 33);
}

#[tokio::test]
#[ignore = "wants dumps of real servers in ../shared/legacy"]
async fn v17() {
    let (_, api) = dump("v1.7.sql").await;
    assert_eq!(ids(&api, "admin").await.len(), 43);
    let items = seen(&api, "bob").await;
    let visible = |name: &str| items.values().any(|item| item["name"] == name);
    for (name, wanted) in [
        ("alicePublic", true),
        ("bobPrivate", true),
        ("malloryProtDefault", true),
        ("Full Item", true),
        ("idempty", true),
        ("alicePrivate", false),
        ("aliceProtVision", false),
        ("adminPrivate", false),
    ] {
        assert_eq!(visible(name), wanted, "{name}");
    }
    assert_eq!(items["full-1"]["tags"].as_array().unwrap().len(), 2);
    assert_eq!(items["1"]["starNumber"], 2);
}
