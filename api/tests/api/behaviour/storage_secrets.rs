//! Storages when servers start: their secrets at rest, and those that a setting names.

use marketplace_api::config::Database;
use marketplace_api::startup;
use marketplace_api::storage::setting::{self, StorageSetting};
use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use store::secrets::Keyring;
use store::{Store, storages::StorageFilter};

use crate::support::{Api, connect, on_both};

const BLOBS: &str = "/storages/blobs";
const FIRST: &str = "0123456789abcdef0123456789abcdef";
const SECOND: &str = "fedcba9876543210fedcba9876543210";

async fn create(api: &Api, mut body: Value) -> String {
    let fields = body.as_object_mut().unwrap();
    fields.entry("connectionStrings").or_insert(json!([]));
    let answer = api.post("admin", BLOBS, &body).await;
    answer.assert(StatusCode::CREATED);
    answer.json::<Value>()["id"].as_str().unwrap().to_owned()
}

fn keys(current: &str, old: &str) -> Keyring {
    Keyring::new(Some(current), Some(old)).unwrap()
}

async fn started(database: &Database, keys: Keyring, setting: Option<&StorageSetting>) -> Store {
    let store = startup::open(database).await.unwrap().with_keys(keys);
    if let Some(setting) = setting {
        store
            .save_configured_storage(setting.clone().into())
            .await
            .unwrap();
    }
    store.seal_storages().await.unwrap();
    store
}

/// The two columns of secrets as they lie in the database.
async fn stored(database: &Database) -> Vec<String> {
    let db = connect(database).await;
    let query = "SELECT connection_strings, tokens FROM storages ORDER BY id";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), query))
        .await
        .unwrap();
    let column = |index| {
        rows.iter()
            .map(move |row| row.try_get_by_index(index).unwrap())
    };
    let texts = column(0).chain(column(1)).collect();
    db.close().await.unwrap();
    texts
}

on_both! {
    async fn secrets_are_encrypted_when_the_server_starts_with_a_key(api: Api) {
        let body = json!({"storageAccount": "a", "containerName": "c", "connectionStrings": ["AccountKey=hush"], "tokens": ["hush"]});
        let id = create(&api, body).await;
        assert!(stored(&api.database).await.iter().all(|text| text.contains("hush")));

        let first = started(&api.database, keys(FIRST, ""), None).await;
        let sealed = stored(&api.database).await;
        assert!(sealed.iter().all(|text| text.starts_with("v1:") && !text.contains("hush")));
        assert_eq!(first.storage(&id).await.unwrap().connection_strings, ["AccountKey=hush"]);
        started(&api.database, keys(FIRST, ""), None).await;
        assert_eq!(stored(&api.database).await, sealed, "a restart changes nothing");

        let second = started(&api.database, keys(SECOND, FIRST), None).await;
        let rotated = stored(&api.database).await;
        assert!(rotated.iter().zip(&sealed).all(|(new, old)| new[..11] != old[..11]));
        let storages = second.storages(StorageFilter::default()).await.unwrap();
        assert_eq!(storages[0].tokens, ["hush"]);
        let alone = started(&api.database, keys(SECOND, ""), None).await;
        assert_eq!(alone.storage(&id).await.unwrap().tokens, ["hush"], "the old key is needed no more");
    }
}

on_both! {
    async fn without_the_key_the_error_says_what_is_missing(api: Api) {
        let sealing = started(&api.database, keys(FIRST, ""), None).await;
        let body: shared::wire::NewStorage = serde_json::from_value(
            json!({"storageAccount": "a", "containerName": "c", "connectionStrings": ["AccountKey=hush"]})
        ).unwrap();
        let id = sealing.create_storage("admin", body).await.unwrap();
        assert!(stored(&api.database).await.iter().all(|text| text.starts_with("v1:")));
        let before = stored(&api.database).await;
        started(&api.database, keys(SECOND, ""), None).await;
        assert_eq!(stored(&api.database).await, before, "what cannot be read is left alone");

        // This server has no key.
        let path = format!("{BLOBS}/{id}");
        for path in [BLOBS, &path] {
            let answer = api.get("admin", path).await;
            answer.assert_text(StatusCode::INTERNAL_SERVER_ERROR, "SECRET_KEY");
            assert!(answer.body.contains(&id));
        }
        api.put("admin", &path, &json!({"users": ["bob"]})).await.assert(StatusCode::OK);
        api.put("admin", &path, &json!({"connectionStrings": [], "tokens": []})).await.assert(StatusCode::OK);
        assert_eq!(api.get("admin", &path).await.json::<Value>()["users"], json!(["bob"]));
        api.delete("admin", &path).await.assert(StatusCode::OK);
    }
}

fn setting(account: &str, key: &str) -> StorageSetting {
    let text = json!({"type": "blob", "storage_account": account, "connection_strings": [key]});
    setting::parse(&text.to_string()).unwrap().unwrap()
}

on_both! {
    async fn azure_storage_becomes_one_row_however_many_servers_start(api: Api) {
        let wanted = setting("acct", "hush");
        let start = |_| started(&api.database, keys(FIRST, ""), Some(&wanted));
        let stores = futures_util::future::join_all((0..4).map(start)).await;
        let all = stores[0].storages(StorageFilter::default()).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].storage_account.as_str(), all[0].container_name.as_str(), all[0].kind.as_str()), ("acct", "marketplace", "blob"));
        assert_eq!(all[0].connection_strings, ["hush"]);

        let again = started(&api.database, keys(FIRST, ""), Some(&wanted)).await;
        assert_eq!(again.storages(StorageFilter::default()).await.unwrap(), all, "a restart changes nothing");

        for (account, key) in [("acct", "rotated"), ("moved", "rotated")] {
            let store = started(&api.database, keys(FIRST, ""), Some(&setting(account, key))).await;
            let after = store.storages(StorageFilter::default()).await.unwrap();
            assert_eq!(after.len(), 1);
            assert_eq!((after[0].storage_account.as_str(), &after[0].connection_strings[..]), (account, &[key.to_owned()][..]));
            assert_eq!(after[0].id, all[0].id);
        }
    }
}

on_both! {
    async fn azure_storage_takes_over_the_row_of_the_same_container(api: Api) {
        let id = create(&api, json!({
            "storageAccount": "acct", "containerName": "marketplace", "connectionStrings": ["old"], "users": ["bob"],
        })).await;
        create(&api, json!({"storageAccount": "acct", "containerName": "other", "connectionStrings": ["kept"]})).await;
        started(&api.database, Keyring::default(), Some(&setting("acct", "new"))).await;
        let all: Vec<Value> = api.get("admin", BLOBS).await.json();
        assert_eq!(all.len(), 2);
        assert_eq!((&all[0]["id"], &all[0]["users"]), (&json!(id), &json!(["bob"])));
        assert_eq!(all[0]["connectionStrings"], json!(["new"]));
        assert_eq!(all[1]["connectionStrings"], json!(["kept"]));
    }
}

on_both! {
    /// As in the first marketplace: whoever forgets them has forgotten what matters.
    async fn one_without_connection_strings_is_refused(api: Api) {
        let body = json!({"storageAccount": "a", "containerName": "c"});
        let null = json!({"storageAccount": "a", "containerName": "c", "connectionStrings": null});
        for body in [body, null] {
            api.post("admin", BLOBS, &body).await.assert_text(StatusCode::BAD_REQUEST, "connectionStrings");
        }
        let empty = json!({"storageAccount": "a", "containerName": "c", "connectionStrings": []});
        api.post("admin", BLOBS, &empty).await.assert(StatusCode::CREATED);
        assert_eq!(api.get("admin", BLOBS).await.json::<Vec<Value>>().len(), 1);
    }
}
