//! Whole databases of real servers, if they lie beside the workspace: in
//! `../shared/legacy`. Without them these tests have nothing to check and
//! pass; the odd rows are checked with the small databases too.

use std::path::Path;

use marketplace_api::config::Database;

use super::database::{load_dump, old_tables};
use super::{ids, migrate, seen};
use crate::support::Api;

/// The database, and a server on it.
async fn dump(name: &str) -> Option<(Database, Api)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/legacy");
    let Ok(dump) = std::fs::read_to_string(folder.join(name)) else {
        eprintln!("{name} is not there");
        return None;
    };
    let database = load_dump(&dump).await;
    let before = old_tables(&database).await;
    let api = Api::on(&database).await;
    assert_eq!(old_tables(&database).await, before);
    Some((database, api))
}

#[tokio::test]
async fn v15() {
    let Some((_, api)) = dump("v1.5.sql").await else {
        return;
    };
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
async fn v15_upgraded() {
    let Some((database, api)) = dump("v1.5-migrated-to-v1.6.sql").await else {
        return;
    };
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
async fn v17() {
    let Some((_, api)) = dump("v1.7.sql").await else {
        return;
    };
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
