//! What the search index takes: bounded for each item, and given back.

use std::time::Duration;

use futures_util::future::join_all;
use marketplace_api::startup;
use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use shared::wire::{MAX_DESCRIPTION, MAX_PROTOCOL};
use store::Store;
use store::search::size::IndexSize;

use crate::support::{Api, PROTOCOL, connect, new_item, on_both};

/// The same noise every time.
fn noise(length: usize, alphabet: &[u8]) -> String {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()])
        })
        .collect()
}

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

async fn size(api: &Api) -> IndexSize {
    let store = startup::open(&api.database).await.unwrap();
    let size = store.index_size().await.unwrap();
    store.close().await.unwrap();
    size
}

/// How many rows a table of the index has.
async fn count(db: &DatabaseConnection, table: &str) -> i64 {
    let count = format!("SELECT COUNT(*) FROM {table}");
    let count = Statement::from_string(db.get_database_backend(), count);
    let row = db.query_one_raw(count).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn terms(db: &DatabaseConnection) -> (i64, i64) {
    (
        count(db, "search_terms").await,
        count(db, "search_keys").await,
    )
}

on_both! {
    async fn what_an_item_adds_is_bounded(api: Api) {
        let db = connect(&api.database).await;
        let before = size(&api).await;
        let (_, keys) = terms(&db).await;
        let word = |length: usize, count: usize| {
            noise(length * count, LETTERS).as_bytes().chunks(length)
                .map(|word| std::str::from_utf8(word).unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        // A run of letters, a picture, and as many words as possible, of the most expensive length.
        for (description, most_keys) in [
            (noise(500_000, LETTERS), 0),
            (format!("![a](data:image/png;base64,{})", noise(200_000, BASE64)), 0),
            (noise(200_000, BASE64), 0),
            (word(24, 20_000), 2 * 16_000),
            (word(5, 80_000), 2 * 16_000),
        ] {
            let (_, keys) = terms(&db).await;
            let id = api.create("alice", json!({"name": "a", "description": description})).await;
            let (_, now) = terms(&db).await;
            // The name and the author are searched whatever else there is.
            assert!(now - keys <= most_keys + 50, "{now} keys, {keys} before: {description:.40}");
            let item: Value = api.get("bob", &format!("/items/{id}")).await.json();
            assert!(item["description"] == description, "it is kept whole");
        }
        let now = size(&api).await;
        assert!(now.index - before.index < 8_000_000, "{before:?} {now:?}");
        assert!(now.texts - before.texts > 1_800_000, "{before:?} {now:?}");
        assert!(terms(&db).await.1 - keys <= 4 * 16_000 + 50);
    }
}

on_both! {
    async fn long_texts_are_refused_by_name_and_kept_if_they_are_there(api: Api) {
        let protocol = |length: usize| format!("{PROTOCOL}#{}", "x".repeat(length - PROTOCOL.len() - 1));
        let fits = json!({"description": "x".repeat(MAX_DESCRIPTION), "protocol": protocol(MAX_PROTOCOL)});
        let id = api.create("alice", fits.clone()).await;
        let path = format!("/items/{id}");
        let too_long = [
            ("description", json!("x".repeat(MAX_DESCRIPTION + 1)), "513 KiB"),
            ("description", json!(noise(1_000_000, LETTERS)), "977 KiB"),
            ("protocol", json!(protocol(MAX_PROTOCOL + 1)), "129 KiB"),
        ];
        for (field, text, length) in &too_long {
            let answer = api.post("alice", "/items", &new_item("alice", json!({ *field: text }))).await;
            answer.assert_text(StatusCode::BAD_REQUEST, &format!("`{field}` is {length}"));
            let answer = api.put("alice", &path, &json!({ *field: text })).await;
            answer.assert_text(StatusCode::BAD_REQUEST, &format!("`{field}` is {length}"));
        }
        let item: Value = api.get("alice", &path).await.json();
        assert!(item["description"] == fits["description"] && item["protocol"] == fits["protocol"]);

        // An older version let them in.
        let db = connect(&api.database).await;
        let backend = db.get_database_backend();
        for (field, text, _) in [&too_long[1], &too_long[2]] {
            let parameter = if backend == DbBackend::Postgres { "$1" } else { "?" };
            let sql = format!("UPDATE items SET {field} = {parameter}");
            let text = text.as_str().unwrap();
            db.execute_raw(Statement::from_sql_and_values(backend, sql, [text.into()])).await.unwrap();
        }
        let old: Value = api.get("bob", &path).await.json();
        assert_eq!(old["description"].as_str().unwrap().len(), 1_000_000);
        api.put("alice", &path, &json!({"name": "renamed"})).await.assert(StatusCode::OK);
        let known = json!({"summary": "old", "protocol": old["protocol"]});
        api.put("alice", &path, &known).await.assert(StatusCode::OK);
        let known = json!({"summary": "s", "description": old["description"]});
        api.put("alice", &path, &known).await.assert(StatusCode::OK);
        let item: Value = api.get("bob", &path).await.json();
        assert_eq!((&item["name"], &item["summary"]), (&json!("renamed"), &json!("s")));
        assert_eq!(api.names("bob", "?keyword=renamed").await, ["renamed"]);
    }
}

on_both! {
    async fn words_and_what_surrounds_them_are_told_apart(api: Api) {
        let description = "\
# Falcon\n\nTrains a *model*; see https://example.org/docs/getting-started.\n\n\
<!-- hidden -->\n\n```sh\nkestrel --flag\n```\n\n![chart](data:image/png;base64,iVBORw0KGgo=)\n\nEagle";
        api.create("alice", json!({"name": "n", "description": description})).await;
        for (keyword, finds) in [
            ("falcon", true), ("model", true), ("getting-started", true), ("chart", true), ("eagle", true),
            ("hidden", false), ("kestrel", false), ("ivborw0kggo", false),
        ] {
            let found = api.names("bob", &format!("?author=alice&keyword={keyword}")).await;
            assert_eq!(!found.is_empty(), finds, "{keyword}");
        }
    }
}

on_both! {
    async fn what_no_item_has_any_more_goes_away(api: Api) {
        let db = connect(&api.database).await;
        let store = startup::open(&api.database).await.unwrap();
        store.remove_unused().await.unwrap();
        let before = terms(&db).await;
        let text = |word: &str| json!({"name": format!("{word} one"), "summary": word, "description": noise(400, LETTERS)});
        let id = api.create("alice", json!({"name": "zzfalcon", "tags": ["zztag"], "description": noise(300, b"abc ")})).await;
        let other = api.create("alice", text("zzshared")).await;
        let third = api.create("alice", text("zzshared")).await;
        assert!(terms(&db).await > before);

        api.put("alice", &format!("/items/{id}"), &json!({"name": "zzeagle", "description": null})).await.assert(StatusCode::OK);
        store.remove_unused().await.unwrap();
        let known = async |word: &str| {
            let key = format!("SELECT key FROM search_keys WHERE key = '{word}'");
            let key = Statement::from_string(db.get_database_backend(), key);
            db.query_one_raw(key).await.unwrap().is_some()
        };
        assert!(!known("zzfalcon").await && known("zzeagle").await && known("zztag").await);

        api.delete("alice", &format!("/items/{other}")).await.assert(StatusCode::OK);
        store.remove_unused().await.unwrap();
        assert!(known("zzshared").await, "another item has it");
        assert_eq!(api.names("bob", "?keyword=zzshare").await.len(), 1);

        let tags: Vec<Value> = api.get("admin", "/tags").await.json();
        let tag = tags.iter().find(|tag| tag["name"] == "zztag").unwrap();
        api.put("admin", &format!("/tags/{}", tag["id"].as_str().unwrap()), &json!({"name": "zzother"})).await.assert(StatusCode::OK);
        store.remove_unused().await.unwrap();
        assert!(!known("zztag").await && known("zzother").await);

        for id in [&id, &third] {
            api.delete("alice", &format!("/items/{id}")).await.assert(StatusCode::OK);
        }
        store.remove_unused().await.unwrap();
        assert_eq!(terms(&db).await, before);
        if db.get_database_backend() == DbBackend::Sqlite {
            let left = "SELECT COUNT(*) FROM search_postings WHERE item NOT IN (SELECT search_number FROM items)";
            let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, left)).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
        }
    }
}

on_both! {
    async fn a_server_sweeps_by_itself(api: Api) {
        let db = connect(&api.database).await;
        let id = api.create("alice", json!({"name": "zzfalcon"})).await;
        api.delete("alice", &format!("/items/{id}")).await.assert(StatusCode::OK);
        let gone = async || {
            let key = "SELECT key FROM search_keys WHERE key = 'zzfalcon'";
            let key = Statement::from_string(db.get_database_backend(), key);
            db.query_one_raw(key).await.unwrap().is_none()
        };
        // The next one begins with what this one may not have got to.
        let other = startup::open(&api.database).await.unwrap();
        let swept = async {
            while !gone().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), swept).await.expect("it goes away");
        other.close().await.unwrap();
    }
}

on_both! {
    /// Items come and go while servers sweep: whatever is there is found.
    async fn a_word_that_is_about_to_be_used_stays(api: Api) {
        let other = Api::on(&api.database).await;
        let stores: Vec<Store> = vec![startup::open(&api.database).await.unwrap(), startup::open(&api.database).await.unwrap()];
        let done = tokio::sync::Semaphore::new(0);
        let sweep = async |store: &Store| {
            while !done.is_closed() {
                // Somebody holds the vocabulary: the next time.
                let _ = store.remove_unused().await;
            }
        };
        let write = async |api: &Api, number: usize| {
            let mut kept = Vec::new();
            for round in 0..12 {
                let word = format!("zzword{}", (number + round) % 3);
                let id = api.create("alice", json!({"name": word, "tags": [format!("zztag{}", round % 2)]})).await;
                let path = format!("/items/{id}");
                if round % 4 == 3 {
                    kept.push((id, word));
                } else if round % 2 == 0 {
                    api.delete("alice", &path).await.assert(StatusCode::OK);
                } else {
                    api.put("alice", &path, &json!({"name": "zzelse", "tags": []})).await.assert(StatusCode::OK);
                }
            }
            kept
        };
        let writing = async {
            let kept = join_all((0..4).map(|n| write(if n % 2 == 0 { &api } else { &other }, n))).await;
            done.close();
            kept
        };
        let (kept, (), ()) = tokio::join!(writing, sweep(&stores[0]), sweep(&stores[1]));
        for store in &stores {
            store.remove_unused().await.unwrap();
        }
        for (id, word) in kept.into_iter().flatten() {
            let found = api.get("bob", &format!("/items?keyword={word}")).await;
            assert!(found.body.contains(&id), "{word}");
            let item: Value = api.get("bob", &format!("/items/{id}")).await.json();
            assert_eq!(item["tags"], json!(["zztag1"]));
            let tags: Vec<Value> = api.get("bob", &format!("/items/{id}/tag")).await.json();
            assert_eq!(tags[0]["name"], "zztag1");
        }
    }
}

/// A creator has found a term known, and has not yet inserted its item, when the last
/// other item with it is gone and a server sweeps. `SQLite` has one writer at a time.
#[tokio::test]
async fn a_term_is_not_removed_under_a_creator() {
    let api = Api::on_postgres().await;
    let id = api.create("alice", json!({"name": "zzfalcon"})).await;
    let store = startup::open(&api.database).await.unwrap();
    let db = connect(&api.database).await;
    // As a transaction that creates an item of the same name begins.
    let creator = db.begin().await.unwrap();
    let lock = i64::from_be_bytes(*b"paiwords");
    creator
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock_shared({lock})"))
        .await
        .unwrap();
    api.delete("alice", &format!("/items/{id}"))
        .await
        .assert(StatusCode::OK);
    store
        .remove_unused()
        .await
        .expect_err("somebody relies on the vocabulary");
    // Nor does anybody else wait for the one who waits.
    let second = api.create("alice", json!({"name": "zzfalcon"})).await;
    creator.commit().await.unwrap();
    store.remove_unused().await.unwrap();
    assert_eq!(api.names("bob", "?keyword=zzfalco").await, ["zzfalcon"]);
    api.delete("alice", &format!("/items/{second}"))
        .await
        .assert(StatusCode::OK);
    store.remove_unused().await.unwrap();
    assert_eq!(count(&db, "search_keys WHERE key = 'zzfalcon'").await, 0);
}
