//! Tags and categories are renamed while items with them come, change and are
//! read: copies of their names never drift from what they are copied from.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use marketplace_api::startup;
use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use super::many_items;
use crate::support::{Answer, Api, connect, on_both};

const SHELVES: usize = 3;
const ROUNDS: usize = 10;

/// Far enough from any other for a slip not to lead there.
fn name(what: &str, number: usize, round: usize) -> String {
    format!("{what}{number}{number}{number}{round:02}{round:02}{round:02}")
}

async fn made(api: &Api, path: &str, name: &str) -> String {
    let answer = api.post("admin", path, &json!({"name": name})).await;
    answer.assert(StatusCode::CREATED);
    answer.json::<Value>()["id"].as_str().unwrap().to_owned()
}

#[track_caller]
fn assert_one_of(answer: &Answer, statuses: &[StatusCode]) {
    assert!(statuses.contains(&answer.status), "{answer:?}");
}

/// Gives every tag and category name after name.
async fn rename(api: &Api, path: &str, what: &str, ids: &[String]) {
    for round in 1..=ROUNDS {
        for (number, id) in ids.iter().enumerate() {
            let change =
                json!({"name": name(what, number, round), "description": round.to_string()});
            let answer = api.put("admin", &format!("{path}/{id}"), &change).await;
            answer.assert(StatusCode::OK);
        }
    }
}

/// Shares items and changes them, by the names that things have at the moment,
/// and by their ids.
async fn write(api: &Api, writer: usize, tags: &[String], categories: &[String]) {
    let (tag, category) = (&tags[writer % SHELVES], &categories[writer % SHELVES]);
    let current = async |path: String| {
        let found: Value = api.get("alice", &path).await.json();
        found["name"].as_str().unwrap().to_owned()
    };
    for round in 0..ROUNDS {
        let named = [
            current(format!("/tags/{tag}")).await,
            current(format!("/categories/{category}")).await,
        ];
        let body = json!({
            "name": format!("by {writer}"), "author": "alice", "protocol": crate::support::PROTOCOL,
            "tags": [named[0], "steady"], "categories": [named[1]],
        });
        let answer = api.post("alice", "/items", &body).await;
        // The category may have another name by now.
        assert_one_of(&answer, &[StatusCode::CREATED, StatusCode::BAD_REQUEST]);
        let id = if answer.status == StatusCode::CREATED {
            answer.json::<Value>()["id"].as_str().unwrap().to_owned()
        } else {
            api.create("alice", json!({"tags": ["steady"]})).await
        };
        let path = format!("/items/{id}");
        let other = &tags[(writer + 1) % SHELVES];
        for tie in [
            format!("{path}/tag/{other}"),
            format!("{path}/category/{category}"),
        ] {
            let answer = api.post("alice", &tie, &Value::Null).await;
            answer.assert(StatusCode::OK);
        }
        let named = current(format!("/tags/{tag}")).await;
        let change = json!({"summary": format!("round {round}"), "tags": [named, "steady"]});
        let answer = api.put("alice", &path, &change).await;
        answer.assert(StatusCode::OK);
    }
}

/// Reads lists until nobody writes any more; each item is of one piece.
async fn read(api: &Api, query: &str, done: &tokio::sync::Semaphore) {
    while !done.is_closed() {
        let answer = api.get("bob", query).await;
        answer.assert(StatusCode::OK);
        for item in answer.json::<Vec<Value>>() {
            assert_of_one_piece(&item);
        }
    }
}

#[track_caller]
fn assert_of_one_piece(item: &Value) {
    for (names, refs) in [("tags", "ItemTags"), ("categories", "ItemCategories")] {
        let of_refs: Vec<&Value> = item[refs]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| &found["name"])
            .collect();
        let names: Vec<&Value> = item[names].as_array().unwrap().iter().collect();
        assert_eq!(names, of_refs, "{item}");
    }
}

/// What `GET /tags` or `GET /categories` says, by id.
async fn table(api: &Api, path: &str) -> BTreeMap<String, Value> {
    let all: Vec<Value> = api.get("bob", path).await.json();
    all.into_iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
        .collect()
}

/// The ids of the items of a list.
async fn ids(api: &Api, query: &str) -> BTreeSet<String> {
    let answer = api.get("bob", query).await;
    answer.assert(StatusCode::OK);
    let items: Vec<Value> = answer.json();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The ids of the items that have such a tag or category.
fn having(items: &[Value], field: &str, name: &str) -> BTreeSet<String> {
    let has = |item: &&Value| item[field].as_array().unwrap().contains(&json!(name));
    items
        .iter()
        .filter(has)
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    async fn copies_agree_with_what_they_are_copied_from(api: Api) {
        let (mut tags, mut categories) = (Vec::new(), Vec::new());
        for number in 0..SHELVES {
            tags.push(made(&api, "/tags", &name("tag", number, 0)).await);
            categories.push(made(&api, "/categories", &name("shelf", number, 0)).await);
        }
        let done = tokio::sync::Semaphore::new(0);
        let writing = async {
            let writers = (0..4).map(|writer| write(&api, writer, &tags, &categories));
            tokio::join!(
                rename(&api, "/tags", "tag", &tags),
                rename(&api, "/categories", "shelf", &categories),
                join_all(writers),
            );
            done.close();
        };
        tokio::join!(
            writing,
            read(&api, "/items?author=alice", &done),
            read(&api, "/items?keyword=steady&limit=20", &done),
            read(&api, "/items?tag=steady&sort=-updatedAt&limit=20", &done),
        );

        let items: Vec<Value> = api.get("bob", "/items?author=alice").await.json();
        assert_eq!(items.len(), 4 * ROUNDS);
        let tables = [("ItemTags", table(&api, "/tags").await), ("ItemCategories", table(&api, "/categories").await)];
        for item in &items {
            assert_of_one_piece(item);
            for (field, table) in &tables {
                for found in item[field].as_array().unwrap() {
                    let row = &table[found["id"].as_str().unwrap()];
                    for (field, value) in found.as_object().unwrap() {
                        assert_eq!(value, &row[field], "{item}");
                    }
                }
            }
            let path = format!("/items/{}", item["id"].as_str().unwrap());
            assert_eq!(&api.get("bob", &path).await.json::<Value>(), item);
            for (what, (field, table)) in [("tag", &tables[0]), ("category", &tables[1])] {
                let whole: Vec<Value> = api.get("bob", &format!("{path}/{what}")).await.json();
                let refs = item[field].as_array().unwrap();
                let wanted: Vec<&Value> = refs.iter().map(|found| &table[found["id"].as_str().unwrap()]).collect();
                assert_eq!(whole.iter().collect::<Vec<_>>(), wanted, "{path}");
            }
        }
        // Old names too, which a late writer may have made a tag of again.
        for round in 0..=ROUNDS {
            for number in 0..SHELVES {
                let tag = name("tag", number, round);
                let wanted = having(&items, "tags", &tag);
                assert_eq!(ids(&api, &format!("/items?tag={tag}")).await, wanted, "{tag}");
                assert_eq!(ids(&api, &format!("/items?keyword={tag}")).await, wanted, "{tag}");
                let shelf = name("shelf", number, round);
                let wanted = having(&items, "categories", &shelf);
                assert_eq!(ids(&api, &format!("/items?category={shelf}")).await, wanted, "{shelf}");
            }
        }
        let last: BTreeSet<String> = (0..SHELVES).flat_map(|number| having(&items, "categories", &name("shelf", number, ROUNDS))).collect();
        assert_eq!(last.len(), items.len(), "every item is on a shelf by its last name");
    }
}

on_both! {
    async fn what_new_items_keep_coming_with_can_be_changed(api: Api) {
        let tag = made(&api, "/tags", "busy").await;
        let category = made(&api, "/categories", "crowded").await;
        // To lock these takes as long as some others need to come.
        let fields = json!({"tags": ["busy"], "categories": ["crowded"]});
        let there = (0..1_000).map(|_| many_items::item(&fields)).collect();
        let store = startup::open(&api.database).await.unwrap();
        store.create_items(there).await.unwrap();
        let done = tokio::sync::Semaphore::new(0);
        let come = async || {
            while !done.is_closed() {
                api.create("alice", fields.clone()).await;
            }
        };
        let change = async {
            for (path, field) in [(format!("/tags/{tag}"), "color"), (format!("/categories/{category}"), "description")] {
                for round in 0..3 {
                    let change = json!({field: format!("#00000{round}")});
                    api.put("admin", &path, &change).await.assert(StatusCode::OK);
                }
            }
            done.close();
        };
        let soon = tokio::time::timeout(Duration::from_mins(1), async {
            tokio::join!(change, join_all((0..12).map(|_| come())))
        });
        soon.await.expect("changes do not wait for the last newcomer");
    }
}

/// Another writer takes a tag from one item and gives it to another just after the
/// items with the tag were looked up: there are as many as before, but others.
/// `SQLite` has one writer at a time.
#[tokio::test]
async fn an_item_that_gets_the_tag_in_between_is_not_missed() {
    let api = Api::on_postgres().await;
    let tag = made(&api, "/tags", "before").await;
    let first = api.create("alice", json!({"tags": ["before"]})).await;
    let second = api.create("alice", json!({})).await;
    let db = connect(&api.database).await;
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared(&format!(
        "SELECT FROM items WHERE id = '{first}' FOR UPDATE"
    ))
    .await
    .unwrap();
    let between = async {
        wait_for_waiter(&db).await;
        for change in [
            format!("DELETE FROM item_tags WHERE item_id = '{first}'"),
            format!("INSERT INTO item_tags (item_id, tag_id) VALUES ('{second}', '{tag}')"),
        ] {
            tx.execute_unprepared(&change).await.unwrap();
        }
        tx.commit().await.unwrap();
    };
    let (path, name) = (format!("/tags/{tag}"), json!({"name": "after"}));
    let (renamed, ()) = tokio::join!(api.put("admin", &path, &name), between);
    renamed.assert(StatusCode::OK);
    assert_eq!(
        ids(&api, "/items?tag=after").await,
        BTreeSet::from([second])
    );
}

/// Waits until somebody waits for a lock.
async fn wait_for_waiter(db: &DatabaseConnection) {
    let waiter = "SELECT pid FROM pg_stat_activity \
                  WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiter = Statement::from_string(DbBackend::Postgres, waiter);
    let found = async {
        while db.query_one_raw(waiter.clone()).await.unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found)
        .await
        .expect("somebody waits for a lock");
}
