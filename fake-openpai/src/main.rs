//! Runs the stand-in OpenPAI until it is told to stop.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use fake_openpai::{Config, FakeOpenPai, Limits, Scheduler};
use tokio::sync::mpsc;
use uuid::Uuid;

/// A stand-in OpenPAI: portal, login and REST server, for work on the
/// marketplace without a cluster. Accounts: admin, alice, bob and carol, each
/// with its name as password.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9280")]
    listen: SocketAddr,
    /// The address of the marketplace's plugin.js; without it the portal has no
    /// plugins
    #[arg(long, value_name = "URL")]
    plugin_uri: Option<String>,
    /// Appended to the plugin's address as a query string; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value, requires = "plugin_uri")]
    plugin_config: Vec<(String, String)>,
    /// A node_modules folder with bootstrap, admin-lte, jquery and
    /// office-ui-fabric-core [default: the one of this package, where it exists]
    #[arg(long, value_name = "DIR")]
    assets: Option<PathBuf>,
    /// A file with the key that signs tokens, made if it is not there, so that
    /// logins outlive a restart
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Who decides where jobs run
    #[arg(long, value_enum, default_value_t)]
    scheduler: Scheduler,
    /// How many calls an address has in a minute
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().requests_per_minute)]
    requests_per_minute: u32,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (stop, mut stopped) = mpsc::unbounded_channel();
    ctrlc::set_handler(move || {
        // Nobody listens any more only when the server is on its way out.
        stop.send(()).ok();
    })?;
    let server = FakeOpenPai::start(Config {
        listen: arguments.listen,
        plugin_uri: arguments.plugin_uri,
        plugin_config: arguments.plugin_config,
        assets: arguments.assets.or_else(installed_assets),
        key: arguments.key_file.as_deref().map(key).transpose()?,
        scheduler: arguments.scheduler,
        limits: Limits {
            requests_per_minute: arguments.requests_per_minute,
            ..Limits::default()
        },
    })
    .await
    .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    writeln!(io::stdout(), "listening on {}", server.url())?;
    stopped.recv().await;
    server.stop().await;
    Ok(())
}

fn key_and_value(text: &str) -> Result<(String, String)> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| anyhow!("`{text}` is not of the form key=value"))
}

fn installed_assets() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules");
    folder.is_dir().then_some(folder)
}

/// Reads the signing key, or makes one that only this user can read.
fn key(file: &Path) -> Result<String> {
    let read_or_made = || match fs::read_to_string(file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let key = Uuid::new_v4().to_string();
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(file)?.write_all(key.as_bytes())?;
            Ok(key)
        }
        other => other,
    };
    read_or_made().with_context(|| format!("cannot read or make the key file {}", file.display()))
}
