//! Measures how long bringing an older database up to date takes, and for how long
//! others are kept out of it meanwhile. The database must be empty:
//!
//! ```text
//! cargo run --release --example upgrade -- --database-url sqlite:///tmp/old.db --items 100000 --from 6
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use marketplace_api::config::{Database, DatabaseOptions};
use marketplace_api::startup;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use store::migration::Migrator;

/// Between two tries of a reader or writer.
const PAUSE: Duration = Duration::from_millis(5);

/// Measures an upgrade.
#[derive(Parser)]
struct Options {
    /// How many items there are
    #[arg(long, default_value_t = 100_000)]
    items: u32,
    /// Steps of the schema that the database has had before
    #[arg(long, default_value_t = 6)]
    from: u32,
    /// Where the catalogue lies.
    #[command(flatten)]
    database: DatabaseOptions,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let database = options.database.database()?;
    let db = connect(&database).await?;
    Migrator::up(&db, Some(options.from)).await?;
    fill(&db, options.items).await?;
    eprintln!(
        "{} items on {database}, {} steps",
        options.items, options.from
    );
    let steps = Migrator::migrations();
    for step in &steps[usize::try_from(options.from)?..] {
        let stop = Arc::new(AtomicBool::new(false));
        let probes = [
            probe(&database, READ, Arc::clone(&stop)).await?,
            probe(&database, WRITE, Arc::clone(&stop)).await?,
        ];
        let started = Instant::now();
        Migrator::up(&db, Some(1)).await?;
        let took = started.elapsed();
        report(step.name(), took, probes, &stop).await?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let probes = [
        probe(&database, READ, Arc::clone(&stop)).await?,
        probe(&database, WRITE, Arc::clone(&stop)).await?,
    ];
    let started = Instant::now();
    let store = startup::open(&database).await?;
    report("start of a server", started.elapsed(), probes, &stop).await?;
    store.close().await?;
    Ok(())
}

const READ: &str = "SELECT id, name, protocol FROM items WHERE id = 'item 7'";
const WRITE: &str = "UPDATE items SET use_number = use_number + 1 WHERE id = 'item 7'";

/// Does a statement again and again and answers the longest that it took.
async fn probe(
    database: &Database,
    sql: &'static str,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<tokio::task::JoinHandle<anyhow::Result<Duration>>> {
    let db = connect(database).await?;
    Ok(tokio::spawn(async move {
        let mut longest = Duration::ZERO;
        while !stop.load(Ordering::Relaxed) {
            let started = Instant::now();
            db.execute_unprepared(sql).await.context(sql)?;
            longest = longest.max(started.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        db.close().await?;
        Ok(longest)
    }))
}

async fn report(
    what: &str,
    took: Duration,
    probes: [tokio::task::JoinHandle<anyhow::Result<Duration>>; 2],
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    stop.store(true, Ordering::Relaxed);
    let [reader, writer] = probes;
    eprintln!(
        "{what:<32} {:>8} ms, a reader waited {:>6} ms, a writer {:>6} ms",
        took.as_millis(),
        reader.await??.as_millis(),
        writer.await??.as_millis()
    );
    Ok(())
}

async fn connect(database: &Database) -> anyhow::Result<DatabaseConnection> {
    let url = match database {
        Database::Sqlite(file) => format!("sqlite://{}?mode=rwc", file.display()),
        Database::Postgres(address) => address.options().to_url_lossy().to_string(),
    };
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(2)
        .map_sqlx_sqlite_opts(|options| options.busy_timeout(Duration::from_mins(10)));
    let db = sea_orm::Database::connect(options).await?;
    if db.get_database_backend() == DbBackend::Sqlite {
        db.execute_unprepared("PRAGMA journal_mode = WAL").await?;
    }
    Ok(db)
}

/// Items of some 4 KB with three of 500 tags each.
async fn fill(db: &DatabaseConnection, items: u32) -> anyhow::Result<()> {
    ensure!(items >= 1_000, "a thousand items at least");
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let numbers = |count: u32| {
        if postgres {
            format!("generate_series(1, {count}) AS numbers (n)")
        } else {
            format!(
                "(WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
                 SELECT n FROM numbers)"
            )
        }
    };
    let time = "'2024-01-02T03:04:05.006+00:00'";
    let cast = if postgres { "::timestamptz" } else { "" };
    let repeat = |text: &str, count: u32| {
        if postgres {
            format!("repeat('{text}', {count})")
        } else {
            format!("replace(hex(zeroblob({count})), '00', '{text}')")
        }
    };
    let statements = [
        format!(
            "INSERT INTO items (id, name, author, type, source, is_public, is_private, use_blob, summary, description, \
             protocol, use_number, star_number, status, protocol_valid, relations, search_name, search_text, \
             created_at, updated_at) \
             SELECT 'item ' || n, 'training number ' || n, 'user' || (n % 300), 'template', 'marketplace', \
             n % 3 > 0, n % 9 = 0, false, 'trains model ' || (n % 1000), 'word' || (n % 5000) || ' ' || {}, {}, 0, 0, \
             CASE WHEN n % 10 = 0 THEN 'pending' ELSE 'approved' END, true, NULL, 'training number ' || n, \
             'training number ' || n, {time}{cast}, {time}{cast} FROM {}",
            repeat("some words about it ", 75),
            repeat("# a line of YAML that is not read. ", 75),
            numbers(items)
        ),
        format!(
            "INSERT INTO tags (id, name, search_name, created_at, updated_at) \
             SELECT 't' || n, 'tag' || n, 'tag' || n, {time}{cast}, {time}{cast} FROM {}",
            numbers(500)
        ),
        format!(
            "INSERT INTO item_tags (item_id, tag_id) SELECT 'item ' || n, 't' || (1 + n % 500) FROM {}",
            numbers(items)
        ),
        format!(
            "INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details) \
             SELECT {time}{cast}, 'user', 'create', 'item', 'item ' || n, 'x', '[]' FROM {}",
            numbers(items)
        ),
    ];
    for statement in statements {
        db.execute_unprepared(&statement)
            .await
            .context("cannot fill the database")?;
    }
    Ok(())
}
