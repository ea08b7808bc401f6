//! Every setting of the server's subcommands: flags, the environment of a running
//! deployment (docs/contract.md#5-deployment) and a `.env` file in the current folder.

mod audit;
mod connections;
mod dotenv;
pub mod environment;
mod externals;
mod figures;
mod listening;
mod openpai;
mod runs;
mod secret_keys;
mod start;
mod storage;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, ValueEnum};
use reqwest::Url;

pub use audit::AuditOptions;
pub use connections::ConnectionOptions;
use environment::{number, seconds};
pub use externals::ExternalOptions;
pub use figures::FiguresOptions;
pub use listening::ListenOptions;
pub use openpai::IdentityProvider;
pub use runs::{Nightly, RunOptions};
pub use secret_keys::SecretKeyOptions;
pub use start::StartOptions;
pub use storage::StorageOptions;

use crate::openapi::MAX_BODY_BYTES;
use store::DEFAULT_CONNECTIONS;
use store::database::{Parts, PostgresAddress};

pub use store::database::Database;

/// PostgreSQL's own port.
const DEFAULT_POSTGRES_PORT: u16 = 5432;

/// Where the catalogue lies when nothing else is said.
pub const DEFAULT_SQLITE_FILE: &str = "data/marketplace.db";

/// The largest limit of a body that may be set, 1 GiB: each body is in memory whole.
const MOST_BODY_BYTES: usize = 1 << 30;

/// How much the server writes to its log; the words are the first
/// marketplace's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum LogLevel {
    /// What an admin must look at.
    Error,
    /// What an admin should look at.
    Warn,
    /// One line a request.
    #[default]
    Info,
    /// The same as `debug`.
    Verbose,
    /// What the server decides and why.
    Debug,
    /// Every statement and connection.
    Silly,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// What all servers write to their log.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Logging")]
pub struct LogOptions {
    /// How much to log
    #[arg(
        long,
        env = "LOG_LEVEL",
        value_enum,
        ignore_case = true,
        default_value_t
    )]
    pub log_level: LogLevel,
    /// How a log line looks
    #[arg(
        long,
        env = "LOG_FORMAT",
        value_enum,
        ignore_case = true,
        default_value_t
    )]
    pub log_format: LogFormat,
}

/// What becomes of an item that looks as if it held secrets when somebody shares it
/// (`SECRETS_IN_SHARED_ITEMS`). Admins share what they like: a text may only look so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SharedSecrets {
    /// It is refused.
    #[default]
    Refuse,
    /// It is shared; the form warns before.
    Warn,
}

/// The settings of `marketplace api`.
#[derive(Args, Debug)]
pub struct ApiOptions {
    /// The port to listen on
    #[arg(long, env = "PORT", default_value_t = 9292, value_parser = number(0..=u16::MAX))]
    pub port: u16,
    /// Address of OpenPAI's REST server, such as http://10.0.0.1:9186: it says
    /// who the callers are. Default: port 9186 of DB_HOST where DB_PORT is 9291,
    /// as in a cluster of OpenPAI; else nobody can sign in
    #[arg(long, env = "IDP_URL", value_name = "URL")]
    pub idp_url: Option<String>,
    /// Seconds to wait for an answer of OpenPAI's REST server
    #[arg(long, env = "IDP_TIMEOUT", value_name = "SECONDS", default_value = "5", value_parser = seconds(1..=60))]
    pub idp_timeout: Duration,
    /// The most bytes that a request's body may have
    #[arg(long, env = "MAX_BODY_BYTES", value_name = "BYTES", default_value_t = MAX_BODY_BYTES, value_parser = number(1..=MOST_BODY_BYTES))]
    pub max_body_bytes: usize,
    /// Seconds that a request may take before it is told 503
    #[arg(long, env = "REQUEST_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = seconds(1..=600))]
    pub request_timeout: Duration,
    /// Keep new shared items from everybody but their author and admins until
    /// an admin approves them; admins' own items are approved at once. Anything
    /// but an empty value, 0, n, no, f, false or off switches it on
    #[arg(
        long,
        env = "REQUIRE_APPROVAL",
        value_name = "BOOL",
        value_parser = FalseyValueParser::new(),
        action = ArgAction::Set,
        default_value_t,
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true
    )]
    pub require_approval: bool,
    /// What becomes of what somebody who is no admin shares, if it looks as if it held
    /// secrets: keys, tokens, passwords
    #[arg(
        long,
        env = "SECRETS_IN_SHARED_ITEMS",
        value_name = "RULE",
        value_enum,
        default_value_t
    )]
    pub secrets_in_shared_items: SharedSecrets,
    /// The most connections to a PostgreSQL server; requests wait for a free one
    #[arg(long, env = "DB_POOL_SIZE", value_name = "COUNT", default_value_t = DEFAULT_CONNECTIONS, value_parser = clap::value_parser!(u32).range(2..=200))]
    pub db_pool_size: u32,
    /// Where the catalogue lies.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// How to start.
    #[command(flatten)]
    pub start: StartOptions,
    /// Where jobs keep their data.
    #[command(flatten)]
    pub storage: StorageOptions,
    /// How secrets are kept.
    #[command(flatten)]
    pub secrets: SecretKeyOptions,
    /// Who may read figures.
    #[command(flatten)]
    pub figures: FiguresOptions,
    /// Where to listen, and until when.
    #[command(flatten)]
    pub listening: ListenOptions,
    /// What becomes of jobs.
    #[command(flatten)]
    pub runs: RunOptions,
    /// Whether images and data are there.
    #[command(flatten)]
    pub externals: ExternalOptions,
    /// How long it is known who did what.
    #[command(flatten)]
    pub audit: AuditOptions,
    /// How much clients may take of the server.
    #[command(flatten)]
    pub connections: ConnectionOptions,
    /// What to log.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Where the catalogue lies: one address, or the parts of one as the first
/// marketplace takes them, or a file of its own.
#[derive(Args, Default)]
#[command(next_help_heading = "Database (default: SQLite in data/marketplace.db)")]
pub struct DatabaseOptions {
    /// postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite://FILE; wins over the
    /// other DB settings
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Name or IP address of a PostgreSQL server, or the folder of its socket
    #[arg(long, env = "DB_HOST", value_name = "HOST")]
    pub db_host: Option<String>,
    /// Port of that server; default: 5432
    #[arg(long, env = "DB_PORT", value_name = "PORT", value_parser = number(1..=u16::MAX))]
    pub db_port: Option<u16>,
    /// User of that server
    #[arg(long, env = "DB_USERNAME", value_name = "USER")]
    pub db_username: Option<String>,
    /// Password of that user
    #[arg(
        long,
        env = "DB_PASSWORD",
        hide_env_values = true,
        value_name = "PASSWORD"
    )]
    pub db_password: Option<String>,
    /// Name of the database
    #[arg(long, env = "DATABASE", value_name = "NAME")]
    pub database: Option<String>,
}

/// Keeps the password out of whatever prints the settings.
impl std::fmt::Debug for DatabaseOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseOptions").finish_non_exhaustive()
    }
}

impl DatabaseOptions {
    /// Decides which database to open.
    ///
    /// # Errors
    /// When the address is of another kind, or its parts are incomplete.
    pub fn database(&self) -> anyhow::Result<Database> {
        if let Some(url) = given(self.database_url.as_deref()) {
            return Database::from_url(&url);
        }
        let Some(host) = given(self.db_host.as_deref()) else {
            let set = [
                (self.db_port.is_some(), "DB_PORT"),
                (given(self.db_username.as_deref()).is_some(), "DB_USERNAME"),
                (given(self.db_password.as_deref()).is_some(), "DB_PASSWORD"),
                (given(self.database.as_deref()).is_some(), "DATABASE"),
            ];
            let set: Vec<_> = set
                .iter()
                .filter_map(|(is_set, name)| is_set.then_some(*name))
                .collect();
            // Without a word it would be an empty catalogue in a file that nobody knows of.
            ensure!(
                set.is_empty(),
                "DB_HOST is not set, but {} of the same server: set DB_HOST to the name or address of the PostgreSQL \
                 server, or unset all of them to keep the catalogue in the SQLite file {DEFAULT_SQLITE_FILE}",
                match &set[..] {
                    [one] => format!("{one} is, a setting"),
                    several => format!("{} are, settings", several.join(", ")),
                }
            );
            return Ok(Database::Sqlite(DEFAULT_SQLITE_FILE.into()));
        };
        let part = |value: &Option<String>, name: &str| {
            given(value.as_deref()).with_context(|| {
                format!("DB_HOST is set, so {name} is wanted too; or set DATABASE_URL instead")
            })
        };
        let address = PostgresAddress::of(&Parts {
            host: &host,
            port: self.db_port.unwrap_or(DEFAULT_POSTGRES_PORT),
            user: &part(&self.db_username, "DB_USERNAME")?,
            password: self.db_password.as_deref().filter(|text| !text.is_empty()),
            name: &part(&self.database, "DATABASE")?,
        })?;
        Ok(Database::Postgres(address))
    }
}

/// The settings of `marketplace webportal`.
#[derive(Args, Debug)]
pub struct WebportalOptions {
    /// The port to listen on
    #[arg(long, env = "SERVER_PORT", default_value_t = 9293, value_parser = number(0..=u16::MAX))]
    pub server_port: u16,
    /// Address of the marketplace API as browsers reach it, such as
    /// https://HOST/marketplace/api; default: `api` beside plugin.js
    #[arg(long, env = "MARKETPLACE_API_URL", value_name = "URL")]
    pub marketplace_api_url: Option<String>,
    /// Folder with the built plugin
    #[arg(long, env = "PLUGIN_DIR", value_name = "DIR", default_value = "dist")]
    pub plugin_dir: PathBuf,
    /// Where to listen, and until when.
    #[command(flatten)]
    pub listening: ListenOptions,
    /// How much clients may take of the server.
    #[command(flatten)]
    pub connections: ConnectionOptions,
    /// What to log.
    #[command(flatten)]
    pub log: LogOptions,
}

impl WebportalOptions {
    /// The API's address for `plugin.js`, if one is set.
    ///
    /// # Errors
    /// When it holds a user name or password: every browser gets it.
    pub fn api_url(&self) -> anyhow::Result<Option<&str>> {
        let url = self.marketplace_api_url.as_deref().map(str::trim);
        let url = url.filter(|url| !url.is_empty());
        // It may be relative to the portal's page.
        let page = Url::parse("http://portal").ok();
        let whole = url.zip(page).and_then(|(url, page)| page.join(url).ok());
        ensure!(
            !whole.is_some_and(|url| names_somebody(&url)),
            "MARKETPLACE_API_URL has a user name or password in it, and plugin.js would hand it to every browser: \
             leave everything up to the `@` out"
        );
        Ok(url)
    }
}

/// A setting that has a value: an empty one is not set.
fn given(value: Option<&str>) -> Option<String> {
    let value = value.map(str::trim);
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

fn names_somebody(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::ConnectOptions as _;

    use super::*;

    fn parts() -> DatabaseOptions {
        DatabaseOptions {
            db_host: Some("db.example".into()),
            db_port: Some(9291),
            db_username: Some("us er".into()),
            db_password: Some("p@ss:w/rd".into()),
            database: Some("marketplace".into()),
            ..DatabaseOptions::default()
        }
    }

    #[test]
    fn parts_become_a_database_that_hides_its_password_when_shown() {
        let database = parts().database().unwrap();
        assert_eq!(
            database.to_string(),
            "PostgreSQL at db.example:9291/marketplace"
        );
        assert_eq!(format!("{database:?}"), database.to_string());
        assert!(!format!("{:?}", parts()).contains("w/rd"));
        let Database::Postgres(address) = &database else {
            panic!("{database}")
        };
        let url = address.options().to_url_lossy();
        assert_eq!(url.password(), Some("p%40ss%3Aw%2Frd"));
    }

    #[test]
    fn addresses_with_somebody_in_them_are_refused_and_not_shown() {
        let webportal = |url: &str| {
            let options = WebportalOptions {
                server_port: 0,
                marketplace_api_url: Some(url.to_owned()),
                plugin_dir: PathBuf::new(),
                listening: ListenOptions {
                    listen_address: None,
                    drain_time: Duration::ZERO,
                },
                connections: ConnectionOptions {
                    max_connections: None,
                    send_timeout: 60,
                },
                log: LogOptions::default(),
            };
            options
                .api_url()
                .map(|url| url.map(str::to_owned))
                .map_err(|error| error.to_string())
        };
        for url in ["https://h/marketplace/api", "/marketplace/api", "api"] {
            assert_eq!(webportal(url), Ok(Some(url.to_owned())));
        }
        assert_eq!(webportal(" "), Ok(None));
        for url in ["https://hush:hush@h/api", "//hush@h/api"] {
            let error = webportal(url).unwrap_err();
            assert!(
                error.contains("MARKETPLACE_API_URL") && !error.contains("hush"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_missing_part_is_named() {
        let options = DatabaseOptions {
            database: None,
            ..parts()
        };
        let error = options.database().unwrap_err().to_string();
        assert!(error.contains("DATABASE"), "{error}");
    }

    #[test]
    fn parts_without_a_host_are_no_file() {
        let file = DatabaseOptions::default;
        let text = |text: &str| Some(text.to_owned());
        for (options, names) in [
            (
                DatabaseOptions {
                    db_port: Some(5432),
                    ..file()
                },
                "DB_PORT is",
            ),
            (
                DatabaseOptions {
                    db_password: text("hush"),
                    ..file()
                },
                "DB_PASSWORD is",
            ),
            (
                DatabaseOptions {
                    db_host: text(" "),
                    ..parts()
                },
                "DB_PORT, DB_USERNAME, DB_PASSWORD, DATABASE are",
            ),
        ] {
            let error = options.database().unwrap_err().to_string();
            assert!(error.starts_with("DB_HOST is not set"), "{error}");
            assert!(error.contains(names), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
        let url = DatabaseOptions {
            database_url: text("sqlite://x.db"),
            db_host: None,
            ..parts()
        };
        assert!(matches!(url.database(), Ok(Database::Sqlite(_))));
    }

    #[test]
    fn approval_is_required_when_it_is_asked_for() {
        #[derive(clap::Parser)]
        struct Cli {
            #[command(flatten)]
            api: ApiOptions,
        }
        let required = |args: &[&str]| {
            let args = ["api"].iter().chain(args);
            <Cli as clap::Parser>::parse_from(args).api.require_approval
        };
        assert!(!required(&[]));
        assert!(!required(&["--require-approval="]));
        assert!(!required(&["--require-approval=false"]));
        assert!(required(&["--require-approval"]));
        assert!(required(&["--require-approval=1"]));
    }

    #[test]
    fn without_settings_it_is_a_file() {
        let database = DatabaseOptions::default().database().unwrap();
        assert_eq!(database.to_string(), "SQLite file data/marketplace.db");
        let database = Database::from_url("sqlite:///x/y.db?mode=rwc").unwrap();
        assert_eq!(database.to_string(), "SQLite file /x/y.db");
        assert!(Database::from_url("mysql://h").is_err());
    }
}
