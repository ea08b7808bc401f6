//! The command line of the marketplace.

use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use marketplace_api::app::App;
use marketplace_api::auth::Memory;
use marketplace_api::bundle::export::{self, ExportOptions};
use marketplace_api::bundle::import::{self, ImportOptions};
use marketplace_api::config::{ApiOptions, WebportalOptions, environment};
use marketplace_api::legacy::command::{self, MigrateOptions};
use marketplace_api::openpai::OpenPai;
use marketplace_api::serve;
use marketplace_api::validate::{self, ValidateOptions};
use marketplace_api::{log, store, webportal};
use tokio::net::TcpListener;

/// Lists of whole items come and go by the megabyte; the system's allocator keeps
/// several times what is in use.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The catalogue of job templates and data sets of an OpenPAI cluster.
#[derive(Parser)]
#[command(version, about, long_about = None, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the REST API
    ///
    /// Settings come from flags, the environment, or a `.env` file in the
    /// current folder, in this order. With IDP_URL alone it keeps the catalogue
    /// in the SQLite file data/marketplace.db:
    ///
    ///     IDP_URL=http://10.0.0.1:9186 marketplace api
    ///
    /// and with PostgreSQL, either
    ///
    ///     DATABASE_URL=postgres://user:password@10.0.0.1:9291/marketplace
    ///
    /// or DB_HOST, DB_PORT, DB_USERNAME, DB_PASSWORD and DATABASE. /docs of the
    /// running server describes the API; /healthz and /readyz say how it is.
    #[command(verbatim_doc_comment)]
    Api(ApiOptions),
    /// Serve the plugin that OpenPAI's portal loads
    ///
    /// Put the address of plugin.js into `webportal.plugins` of OpenPAI's
    /// services-configuration.yaml:
    ///
    ///     MARKETPLACE_API_URL=https://HOST/marketplace/api marketplace webportal
    #[command(verbatim_doc_comment)]
    Webportal(WebportalOptions),
    /// Check job protocols
    ///
    /// Prints what is wrong, where, and what would be right, and exits with 1
    /// when a file has errors:
    ///
    ///     marketplace validate job.yaml
    ///     cat job.yaml | marketplace validate --format json -
    #[command(verbatim_doc_comment)]
    Validate(ValidateOptions),
    /// Carry the first marketplace's database over
    ///
    /// `marketplace api` does the same when it starts: tables of the first
    /// marketplace (v1.5 to v1.7) that lie in its PostgreSQL database are
    /// copied into this one's, once, in one transaction. The old tables stay
    /// as they are. See first what would come of it:
    ///
    ///     export DATABASE_URL=postgres://user:password@10.0.0.1:9291/marketplace
    ///     marketplace migrate --dry-run
    ///     marketplace migrate
    ///
    /// The upgrade from v1.5 to v1.6 made every item private. Official ones
    /// become public again; the others are listed, and what becomes of them is
    /// for you to say, at any time and as often as you like:
    ///
    ///     marketplace migrate --make-public 2fa9dcc9-6f85-4080-9a64-19f69ba5ce25 10
    ///     marketplace migrate --created-before 2021-03-01 --dry-run
    #[command(verbatim_doc_comment)]
    Migrate(MigrateOptions),
    /// Write the whole catalogue, or the official templates, into a file
    ///
    /// The file is a bundle: a tar archive with items, tags, categories and stars as
    /// JSON lines, and checksums of all of it. It is made while the API runs, holds what
    /// was there at one moment, and suits SQLite and PostgreSQL alike:
    ///
    ///     marketplace export catalogue.tar
    ///     marketplace export --with-audit --with-secrets catalogue.tar
    ///
    /// Storages are in it with --with-secrets only, encrypted with SECRET_KEY. A key
    /// makes sure that nobody changes a bundle on its way:
    ///
    ///     marketplace export --new-key bundle.key
    ///     marketplace export --sign-key bundle.key catalogue.tar
    ///     marketplace import --verify-key bundle.key.pub catalogue.tar
    ///
    /// (openssl genpkey -algorithm ed25519 makes such keys too.) The official templates
    /// of this version, for a cluster without internet that runs an older one:
    ///
    ///     marketplace export --templates templates.tar
    #[command(verbatim_doc_comment)]
    Export(ExportOptions),
    /// Read such a file into a catalogue
    ///
    /// All of it happens in one transaction: what fails changes nothing. See first what
    /// would come of it:
    ///
    ///     marketplace import --dry-run catalogue.tar
    ///     marketplace import --on-conflict skip catalogue.tar
    ///
    /// While a large bundle is imported, others cannot write to SQLite, nor to what it
    /// changes in PostgreSQL: do it while the API is stopped, or expect 503 meanwhile.
    ///
    /// Official templates are added or brought up to date. Those that were changed or
    /// deleted here stay so unless --overwrite is given:
    ///
    ///     marketplace import --templates templates.tar
    #[command(verbatim_doc_comment)]
    Import(ImportOptions),
}

fn main() -> ExitCode {
    match environment::load_file() {
        Ok(wrong) => wrong
            .iter()
            .for_each(|what| eprintln!("warning: in .env {what}")),
        Err(what) => eprintln!("warning: .env was not read to its end: {what}"),
    }
    let mut command = environment::prepare(Cli::command());
    let parsed = command
        .try_get_matches_from_mut(std::env::args_os())
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => match environment::explain(&command, &error) {
            Some(what) => return report(&anyhow::anyhow!(what)),
            None => error.exit(),
        },
    };
    let result = match cli.command {
        Command::Api(options) => block_on(api(options)),
        Command::Webportal(options) => block_on(serve_plugin(options)),
        Command::Migrate(options) => block_on(migrate(options)),
        Command::Export(options) => block_on(export(options)),
        Command::Import(options) => block_on(import(options)),
        Command::Validate(options) => {
            return match validate::run(&options, &mut std::io::stdout().lock()) {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) => ExitCode::FAILURE,
                Err(error) => report(&error),
            };
        }
    };
    result.map_or_else(|error| report(&error), |()| ExitCode::SUCCESS)
}

fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(2)
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

async fn api(options: ApiOptions) -> anyhow::Result<()> {
    log::start(options.log);
    let openpai = OpenPai::new(options.identity_provider()?, options.idp_timeout())?;
    let database = options.database.database()?;
    // A word in the log at once, if that address is wrong.
    let probe = openpai.clone();
    tokio::spawn(async move { probe.state().await });
    let keys = options.storage.keys()?;
    let store = store::open_with(&database, options.db_pool_size)
        .await?
        .with_keys(keys);
    if let Some(setting) = options.storage.configured_storage() {
        store.keep_configured_storage(setting).await?;
    }
    store.seal_storages().await?;
    let days = options.audit.days();
    let audit = days.map(|days| store.keep_audit(days, chrono::Utc::now));
    let app = App {
        store: store.clone(),
        openpai,
        token_memory: Memory::default(),
        max_body_bytes: options.max_body_bytes,
        request_timeout: options.request_timeout(),
        require_approval: options.require_approval,
        sas_lifetime: options.storage.sas_lifetime(),
    };
    let stop = stop_signal()?;
    let listener = listen("PORT", options.port).await?;
    let address = listener.local_addr()?;
    tracing::info!(%address, %database, "the API is ready");
    serve::run(listener, app.endpoint(), options.connections.limits(), stop).await;
    drop(audit);
    store.close().await?;
    tracing::info!("stopped");
    Ok(())
}

async fn serve_plugin(options: WebportalOptions) -> anyhow::Result<()> {
    log::start(options.log);
    let files = webportal::load(&options.plugin_dir, options.api_url()?)?;
    let stop = stop_signal()?;
    let listener = listen("SERVER_PORT", options.server_port).await?;
    let (address, folder) = (listener.local_addr()?, options.plugin_dir.display());
    tracing::info!(%address, %folder, "the plugin is ready");
    let limits = options.connections.limits();
    serve::run(listener, webportal::endpoint(files), limits, stop).await;
    tracing::info!("stopped");
    Ok(())
}

async fn migrate(options: MigrateOptions) -> anyhow::Result<()> {
    log::start_on_stderr(options.log);
    command::run(&options, &mut std::io::stdout().lock()).await
}

async fn export(options: ExportOptions) -> anyhow::Result<()> {
    log::start_on_stderr(options.log);
    export::run(&options, &mut std::io::stdout().lock()).await
}

async fn import(options: ImportOptions) -> anyhow::Result<()> {
    log::start_on_stderr(options.log);
    import::run(&options, &mut std::io::stdout().lock()).await
}

/// Takes a port on all addresses; `setting` is what chose it.
async fn listen(setting: &str, port: u16) -> anyhow::Result<TcpListener> {
    use std::io::ErrorKind;

    TcpListener::bind(("0.0.0.0", port))
        .await
        .with_context(|| format!("cannot listen on 0.0.0.0:{port}, which {setting} names"))
        .map_err(|error| match error.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
            Some(ErrorKind::AddrInUse) => error.context(format!(
                "port {port} is taken: end the program that listens there, or set {setting} to another port"
            )),
            Some(ErrorKind::PermissionDenied) => error.context(format!(
                "port {port} is not for this user: set {setting} to one above 1023"
            )),
            _ => error,
        })
}

/// Ends with SIGTERM or SIGINT, also with one that comes before it is waited for.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
