//! Carrying the first marketplace's database over (docs/contract.md#4-databases-of-the-first-marketplace). On
//! `PostgreSQL` only: the first marketplace ran on nothing else, and a
//! `SQLite` file never holds its tables. What `migrate` does there is checked
//! with the binary.

mod database;
mod dumps;
mod make_public;
mod odd_rows;
mod once;
mod served;
mod versions;

use std::collections::BTreeMap;

use marketplace_api::config::{Database, DatabaseOptions, LogOptions};
use marketplace_api::migrate::{self, MigrateOptions};
use poem::http::StatusCode;
use serde_json::Value;

use crate::support::{Api, postgres_url};

/// What a caller sees, by id.
async fn seen(api: &Api, user: &str) -> BTreeMap<String, Value> {
    let answer = api.get(user, "/items").await;
    answer.assert(StatusCode::OK);
    let items: Vec<Value> = answer.json();
    items
        .into_iter()
        .map(|item| (item["id"].as_str().unwrap().to_owned(), item))
        .collect()
}

/// The ids that a caller sees, in order.
async fn ids(api: &Api, user: &str) -> Vec<String> {
    seen(api, user).await.into_keys().collect()
}

/// What `marketplace migrate` prints without its first line, which names the
/// database; the words of an error otherwise.
async fn migrate(
    database: &Database,
    choose: impl FnOnce(&mut MigrateOptions),
) -> Result<String, String> {
    let mut options = MigrateOptions {
        dry_run: false,
        make_public: Vec::new(),
        created_before: None,
        database: DatabaseOptions {
            database_url: Some(postgres_url(database).to_string()),
            ..DatabaseOptions::default()
        },
        log: LogOptions::default(),
    };
    choose(&mut options);
    let mut out = Vec::new();
    migrate::run(&options, &mut out)
        .await
        .map_err(|error| format!("{error:#}"))?;
    let text = String::from_utf8(out).unwrap();
    Ok(text.split_once('\n').unwrap().1.to_owned())
}

async fn rehearse(database: &Database) -> String {
    migrate(database, |options| options.dry_run = true)
        .await
        .unwrap()
}
