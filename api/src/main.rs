//! The command line of the marketplace.

mod output;

use std::future::pending;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use output::Output;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use marketplace_api::app::App;
use marketplace_api::auth::Memory;
use marketplace_api::bundle::export::{self, ExportOptions};
use marketplace_api::bundle::import::{self, ImportOptions};
use marketplace_api::canary::Canary;
use marketplace_api::config::{ApiOptions, WebportalOptions, environment};
use marketplace_api::diff::{self, DiffOptions};
use marketplace_api::health::HealthOptions;
use marketplace_api::lint::{self, LintOptions};
use marketplace_api::listen::listen;
use marketplace_api::migrate::{self, MigrateOptions};
use marketplace_api::openpai::OpenPai;
use marketplace_api::run_watch::RunWatch;
use marketplace_api::serve;
use marketplace_api::startup::{self, Templates};
use marketplace_api::stop::Stop;
use marketplace_api::validate::{self, ValidateOptions};
use marketplace_api::{log, webportal};
use store::Phase;

/// Lists of whole items come and go by the megabyte; the system's allocator keeps
/// several times what is in use.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long a start may take before those who come are told to wait: a whole one with
/// nothing to bring up to date takes some hundredths of it.
const QUIET_START: Duration = Duration::from_secs(1);

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
    ///     cat job.yaml | marketplace validate --json -
    #[command(verbatim_doc_comment)]
    Validate(ValidateOptions),
    /// Find secrets in job protocols, descriptions and scripts
    ///
    /// Keys, tokens, passwords, connection strings and private keys that stand
    /// anywhere but below `secrets`, in comments too. At most four characters of
    /// one are printed. Exits with 1 when there is one:
    ///
    ///     marketplace lint job.yaml README.md
    ///     git show HEAD:job.yaml | marketplace lint --json -
    #[command(verbatim_doc_comment)]
    Lint(LintOptions),
    /// Tell what two job protocols mean differently
    ///
    /// Not lines but meaning: another image, more GPUs, a command that is new, a
    /// task role that has another name. Comments, quotes and the order of keys
    /// mean nothing, and values of secrets are not shown. Exits with 0 when both
    /// mean the same and with 1 when they do not:
    ///
    ///     marketplace diff old.yaml new.yaml
    ///     git show HEAD:job.yaml | marketplace diff --json - job.yaml
    ///     marketplace diff item:2fa9dcc9-6f85-4080-9a64-19f69ba5ce25@1 job.yaml
    #[command(verbatim_doc_comment)]
    Diff(DiffOptions),
    /// Find items in a marketplace
    ///
    /// One line an item: its id, author and name. Words are looked for as in the
    /// list in the portal. The marketplace is asked in the name of whoever the
    /// token is of:
    ///
    ///     export MARKETPLACE_API_URL=https://HOST/marketplace/api
    ///     export MARKETPLACE_TOKEN_FILE=~/.openpai-token
    ///     marketplace search pytorch --tag vision
    ///     marketplace search --official --json
    ///
    /// Tokens are made on the page of one's profile in OpenPAI's portal.
    #[command(verbatim_doc_comment)]
    Search(client::SearchOptions),
    /// Show an item of a marketplace
    ///
    /// What it is, and its protocol. `ID@2` is its version 2:
    ///
    ///     marketplace show 2fa9dcc9-6f85-4080-9a64-19f69ba5ce25
    ///     marketplace show --protocol 2fa9dcc9-6f85-4080-9a64-19f69ba5ce25@2 > job.yaml
    #[command(verbatim_doc_comment)]
    Show(client::ShowOptions),
    /// Write an item of a marketplace into a folder
    ///
    /// protocol.yaml is its protocol, README.md all else: the front matter has
    /// name, type, summary, tags, categories, license, dataType, dataUrl, useBlob,
    /// and visibility or groups; the description is below the title.
    /// marketplace.lock says which item it is:
    ///
    ///     marketplace pull 2fa9dcc9-6f85-4080-9a64-19f69ba5ce25 templates/train
    ///
    /// Files that have changed here are not written over without --force.
    #[command(verbatim_doc_comment)]
    Pull(client::PullOptions),
    /// Make items of a marketplace what folders say
    ///
    /// Folders are as `pull` writes them; README.md may be missing, and what it does
    /// not mention stays as it is. A folder without marketplace.lock becomes an item
    /// of yours, private unless it says otherwise, or belongs to the one of its name.
    /// One line a folder says what was done; what is the same is left alone. See
    /// first what would come of it:
    ///
    ///     marketplace push --dry-run templates/train templates/serve
    ///     marketplace push --note "$(git log -1 --format=%s)" templates/train
    ///
    /// What somebody else has changed in the marketplace is not overwritten: it is
    /// told, and needs --force, or `marketplace pull`. Exits with 1 when a folder was
    /// refused. Commit marketplace.lock.
    #[command(verbatim_doc_comment)]
    Push(client::PushOptions),
    /// Tell whether a job will run
    ///
    /// For each virtual cluster that you may submit to: now, when there is room,
    /// when broken machines are back, or never, how certain that is, and why.
    /// OpenPAI is asked in your name. Exits with 1 when it runs nowhere:
    ///
    ///     export IDP_URL=https://HOST/rest-server
    ///     marketplace fit job.yaml
    ///     marketplace fit --virtual-cluster vision item:2fa9dcc9-6f85-4080-9a64-19f69ba5ce25
    #[command(verbatim_doc_comment)]
    Fit(client::FitOptions),
    /// Submit a job to OpenPAI
    ///
    /// A protocol, or an item, which counts as a use of it, with parameters, secrets
    /// and a virtual cluster of your choice. Prints the job's name. Values of secrets
    /// come from files or variables, never from the command line:
    ///
    ///     marketplace submit --dry-run --set epochs=20 item:2fa9dcc9-6f85-4080-9a64-19f69ba5ce25
    ///     marketplace submit --secret-file token=hf-token.txt job.yaml
    ///
    /// Exits with 1 when the protocol is invalid, or OpenPAI does not take the job.
    #[command(verbatim_doc_comment)]
    Submit(client::SubmitOptions),
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
    /// Ask a server on this machine how it is
    ///
    /// For health checks of containers. Prints one line, and exits with 1 when
    /// the server does not answer 200:
    ///
    ///     marketplace health api --ready
    ///     marketplace health webportal
    #[command(verbatim_doc_comment)]
    Health(HealthOptions),
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
    if takes_settings_of_the_folder() {
        match environment::load_file() {
            Ok(wrong) => wrong
                .iter()
                .for_each(|what| eprintln!("warning: .env: {what}")),
            Err(what) => eprintln!("warning: .env was not read to its end: {what}"),
        }
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
        Command::Migrate(options) => {
            log::start_on_stderr(options.log);
            block_on(migrate::run(&options, &mut Output::new()))
        }
        Command::Health(options) => return health(&options),
        Command::Export(options) => {
            log::start_on_stderr(options.log);
            block_on(export::run(&options, &mut Output::new()))
        }
        Command::Import(options) => {
            log::start_on_stderr(options.log);
            block_on(import::run(&options, &mut Output::new()))
        }
        Command::Search(options) => {
            return ended(async |out| client::search(&options, out).await.map(|()| true));
        }
        Command::Show(options) => {
            return ended(async |out| client::show(&options, out).await.map(|()| true));
        }
        Command::Pull(options) => {
            return ended(async |out| client::pull(&options, out).await.map(|()| true));
        }
        Command::Push(options) => {
            return ended(async |out| client::push(&options, out).await);
        }
        Command::Fit(options) => {
            return ended(async |out| client::fit(&options, out).await);
        }
        Command::Submit(options) => {
            return ended(async |out| client::submit(&options, out).await);
        }
        Command::Validate(options) => {
            return verdict(validate::run(&options, &mut Output::new()));
        }
        Command::Lint(options) => {
            return verdict(lint::run(&options, &mut Output::new()));
        }
        Command::Diff(options) => {
            let mut out = Output::new();
            return verdict(block_on(diff::run(&options, &mut out)));
        }
    };
    result.map_or_else(|error| report(&error), |()| ExitCode::SUCCESS)
}

/// Whether `.env` counts: not for what calls a marketplace. That is often started in a
/// repository of somebody else's, and its file must not say where a token is sent.
fn takes_settings_of_the_folder() -> bool {
    let command = std::env::args_os().nth(1).unwrap_or_default();
    !matches!(
        command.to_str(),
        Some("search" | "show" | "pull" | "push" | "fit" | "submit" | "diff")
    )
}

/// Runs a command that calls a marketplace: 0 if all is well, 1 if not, and 2 if it was not
/// called as it has to be.
fn ended(command: impl AsyncFnOnce(&mut dyn Write) -> Result<bool, client::Error>) -> ExitCode {
    let mut out = Output::new();
    let done = block_on(async { Ok(command(&mut out).await) });
    match done {
        Ok(Ok(is_well)) => ExitCode::from(u8::from(!is_well)),
        Ok(Err(error)) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
        Err(error) => report(&error),
    }
}

/// 0 if all is well, 1 if there was something to tell.
fn verdict(result: anyhow::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => report(&error),
    }
}

fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(2)
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(work);
    // Not after threads that wait for the lock of a file.
    runtime.shutdown_background();
    result
}

async fn api(options: ApiOptions) -> anyhow::Result<()> {
    log::start(options.log);
    environment::warn_of_ignored();
    let openpai = OpenPai::at(options.identity_provider()?, options.idp_timeout)?;
    let database = options.database.database()?;
    let keys = options.secrets.keys()?;
    let storage = options.storage.configured_storage();
    let store = store::begin_with(&database, options.db_pool_size)
        .await?
        .with_keys(keys);
    let stop = Stop::on_signals(options.listening.drain_time)?;
    let days = options.audit.days();
    let run_watch = RunWatch::new(openpai.clone(), store.clone());
    let canary = options.runs.canary().map(|(token, nightly)| Canary {
        store: store.clone(),
        openpai: openpai.clone(),
        watch: run_watch.clone(),
        token,
        nightly,
    });
    let app = App {
        store: store.clone(),
        openpai: openpai.clone(),
        run_watch: run_watch.clone(),
        externals: options.externals.externals(store.clock().clone())?,
        token_memory: Memory::default(),
        max_body_bytes: options.max_body_bytes,
        request_timeout: options.request_timeout,
        require_approval: options.require_approval,
        shared_secrets: options.secrets_in_shared_items,
        sas_lifetime: options.storage.sas_lifetime,
        public_metrics: options.figures.public_metrics,
        stop: stop.clone(),
    };
    let on = options.listening.listen_address;
    let admin = options.figures.admin_port;
    let admin = admin
        .map(|port| listen("ADMIN_PORT", on, port))
        .transpose()?;
    let listener = listen("PORT", on, options.port)?;
    let address = listener.local_addr()?;
    openpai.announce();
    // A word in the log at once, if that address is wrong.
    tokio::spawn(async move { openpai.state().await });
    let (to_prepare, patience) = (store.clone(), options.start.db_wait);
    let mut preparing = tokio::spawn(async move {
        startup::prepare(&to_prepare, &database, patience, Templates::Load).await?;
        if let Some(setting) = storage {
            to_prepare.save_configured_storage(setting.into()).await?;
        }
        to_prepare.seal_storages().await?;
        to_prepare.set_ready();
        tracing::info!(%address, %database, "the API is ready");
        anyhow::Ok(days.map(|days| to_prepare.start_audit_retention(days)))
    });
    let (endpoint, admin_endpoint) = app.endpoints();
    let limits = options.connections.limits();
    if let Some(admin) = &admin {
        tracing::info!(address = %admin.local_addr()?, "figures are ready");
    }
    let admin = async {
        if let Some(listener) = admin {
            serve::run(listener, admin_endpoint, limits, stop.clone()).await;
        }
    };
    let serving = async {
        // Until then connections wait to be accepted: where there is nothing to do before
        // the first request, nobody is told to come back later.
        let _ = tokio::time::timeout(QUIET_START, store.until_ready()).await;
        tokio::join!(admin, serve::run(listener, endpoint, limits, stop.clone()));
    };
    let canary = async {
        match canary {
            Some(canary) => canary.run().await,
            None => pending().await,
        }
    };
    let failed = async {
        match (&mut preparing)
            .await
            .map_err(anyhow::Error::from)
            .flatten()
        {
            // It goes on as long as the server does.
            Ok(_audit) => pending().await,
            Err(error) => error,
        }
    };
    tokio::select! {
        () = serving => {}
        () = canary => {}
        error = failed => return Err(error),
    }
    preparing.abort();
    // What is half done is rolled back by the database when this process is gone; a
    // connection may be waiting there for somebody else.
    if store.phase() == Phase::Ready {
        store.close().await?;
    }
    tracing::info!("stopped");
    Ok(())
}

async fn serve_plugin(options: WebportalOptions) -> anyhow::Result<()> {
    log::start(options.log);
    environment::warn_of_ignored();
    let files = webportal::load(&options.plugin_dir, options.api_url()?)?;
    let stop = Stop::on_signals(options.listening.drain_time)?;
    let listener = listen(
        "SERVER_PORT",
        options.listening.listen_address,
        options.server_port,
    )?;
    let (address, folder) = (listener.local_addr()?, options.plugin_dir.display());
    tracing::info!(%address, %folder, "the plugin is ready");
    let limits = options.connections.limits();
    let endpoint = webportal::endpoint(files, stop.clone());
    serve::run(listener, endpoint, limits, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// The line is all that whoever runs a health check keeps, so it is one also when the
/// answer is no.
fn health(options: &HealthOptions) -> ExitCode {
    let answer = block_on(async {
        let line = options.ask().await?;
        writeln!(Output::new(), "{line}")?;
        Ok(())
    });
    answer.map_or_else(
        |error| {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}
