//! What a search asks of the database, on both.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use serde_json::{Value, json};
use shared::access::ReadScope;
use shared::wire::{Item, ItemFilter};

use crate::database::Database;
use crate::entity::items;
use crate::items::Detail;
use crate::listing::{Page, Viewer};
use crate::{CallbackError, ItemToCreate, Store, StoreError};

const BOB: Viewer<'_> = Viewer {
    name: "bob",
    scope: ReadScope::Shared {
        author: "bob",
        groups: &[],
    },
    runnable: &[],
};

/// Makes one test for each database from one body.
macro_rules! on_both {
    (async fn $name:ident($store:ident: Store) $body:block) => {
        mod $name {
            use super::*;

            async fn check($store: Store) $body

            #[tokio::test]
            async fn sqlite() {
                let folder = tempfile::tempdir().unwrap();
                check(open(&Database::Sqlite(folder.path().join("test.db"))).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                check(open(&postgres_database().await).await).await;
            }
        }
    };
}

/// A database of its own.
async fn open(database: &Database) -> Store {
    let store = crate::begin_with(database, crate::DEFAULT_CONNECTIONS)
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store
}

async fn postgres_database() -> Database {
    Database::from_url(&testkit::database::create().await).unwrap()
}

/// An item as the store takes it; `fields` go over the defaults.
fn item(fields: &Value) -> ItemToCreate {
    let mut item = json!({
        "id": "", "author": "alice", "type": "template", "source": "marketplace", "isPublic": true, "isPrivate": false,
        "groupList": [], "protocol": "", "useNumber": 0, "starNumber": 0, "status": "approved", "createdAt": "",
        "updatedAt": "",
    });
    item.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    serde_json::from_value::<Item>(item).unwrap().into()
}

fn keyword(keyword: &str) -> ItemFilter {
    ItemFilter {
        keyword: Some(keyword.to_owned()),
        ..ItemFilter::default()
    }
}

async fn names(
    store: &Store,
    filter: &ItemFilter,
) -> Result<Vec<String>, CallbackError<Infallible>> {
    let mut names = Vec::new();
    store
        .list(BOB, filter, Detail::Summary, Page::default(), |item| {
            names.push(item.name.unwrap_or_default());
            Ok(())
        })
        .await?;
    Ok(names)
}

/// Notes every statement that the store reads with from now on.
fn listen(store: &mut Store) -> Arc<Mutex<Vec<String>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let statements = Arc::clone(&heard);
    store.db.set_metric_callback(move |info| {
        statements.lock().unwrap().push(info.statement.sql.clone());
    });
    heard
}

on_both! {
    async fn a_slip_asks_the_same_whatever_is_hidden(store: Store) {
        let mut store = store;
        let heard = listen(&mut store);
        let ask = async |word: &str| {
            heard.lock().unwrap().clear();
            let names = names(&store, &keyword(word)).await.unwrap();
            let (facets, _) = store.facets(BOB, &keyword(word), false).await.unwrap();
            assert!(names.is_empty() && facets.visibility.is_empty(), "{names:?} {facets:?}");
            heard.lock().unwrap().clone()
        };
        let before = ask("pytroch").await;
        assert!(before.len() >= 4, "{before:?}");
        let hidden = ["pytorch", "pytrochs", "pytroch", "ytroch"];
        let items: Vec<ItemToCreate> = hidden.iter().map(|name| item(&json!({"name": name, "isPublic": false, "isPrivate": true}))).collect();
        store.create_items(items).await.unwrap();
        assert_eq!(ask("pytroch").await, before);
        assert_eq!(ask("pytrochx").await.len(), before.len());

        store.create_items(vec![item(&json!({"name": "pytrok"})), item(&json!({"name": "pytrich"}))]).await.unwrap();
        assert_eq!(names(&store, &keyword("pytroch")).await.unwrap(), ["pytrich"], "what is hidden is not what was meant");
        store.close().await.unwrap();
    }
}

on_both! {
    async fn a_facet_is_counted_in_one_pass(store: Store) {
        let mut store = store;
        let items: Vec<ItemToCreate> = (0..300).map(|n| item(&json!({"name": format!("x{n} of"), "tags": [format!("t{}", n % 3)]}))).collect();
        store.create_items(items).await.unwrap();
        let heard = listen(&mut store);
        let filter = keyword("x o f t");
        let (facets, _) = store.facets(BOB, &filter, false).await.unwrap();
        assert_eq!(facets.visibility[0].count, 300);
        assert_eq!(facets.tag.len(), 3);
        let heard = heard.lock().unwrap().clone();
        let asked = heard.iter().filter(|sql| sql.contains("SELECT") && sql.contains("items"));
        assert_eq!(asked.count(), 2, "the size of the catalogue, and what was asked: {heard:?}");
        store.close().await.unwrap();
    }
}

on_both! {
    async fn only_so_many_texts_are_read(store: Store) {
        for number in 0..5 {
            store.create_items(vec![item(&json!({"name": format!("item {number}")}))]).await.unwrap();
        }
        let filter = keyword("e i");
        let mut plan = store.plan(&filter).await.unwrap().unwrap();
        assert!(plan.reads() && plan.most_read.is_none());
        plan.most_read = Some(2);
        let wanted = crate::listing::item_query::ItemQuery { viewer: BOB, filter: &filter, plan: Some(&plan) };
        let mut query = wanted.query(store.db.get_database_backend(), None);
        query.column((items::Entity, items::Column::Name));
        let rows = store.db.query_all(&query).await.unwrap();
        let mut found: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        found.sort();
        assert_eq!(found, ["item 3", "item 4"], "the newest");

        let narrow = store.plan(&keyword("item")).await.unwrap().unwrap();
        assert!(!narrow.reads(), "codes tell");
        let left = items::Entity::find().select_only().column(items::Column::Id).into_tuple::<String>();
        assert_eq!(left.all(&store.db).await.unwrap().len(), 5);
        store.close().await.unwrap();
    }
}

on_both! {
    async fn a_long_word_of_ideographs_is_a_few_lookups(store: Store) {
        let mut store = store;
        let word: String = (0x4E00..0x4E00 + 255).filter_map(char::from_u32).collect();
        store.create_items(vec![item(&json!({"name": word}))]).await.unwrap();
        let heard = listen(&mut store);
        assert_eq!(names(&store, &keyword(&word)).await.unwrap().len(), 1);
        let heard = heard.lock().unwrap().len();
        assert!(heard <= 10, "{heard} statements");
        store.close().await.unwrap();
    }
}

on_both! {
    async fn who_waits_too_long_for_a_turn_is_told_so(store: Store) {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut turns = Vec::new();
        for _ in 0..crate::listing::scan::turns(cores) {
            turns.push(store.begin_scan().await.unwrap());
        }
        let error = names(&store, &keyword("e i")).await.unwrap_err();
        assert!(matches!(error, CallbackError::Store(StoreError::SearchBusy)), "{error}");
        // Others are answered meanwhile, and so is this when a turn has ended.
        assert!(names(&store, &ItemFilter::default()).await.unwrap().is_empty());
        drop(turns);
        assert!(names(&store, &keyword("e i")).await.unwrap().is_empty());
        store.close().await.unwrap();
    }
}
