//! `cargo xtask run`: everything on this machine, for trying it out.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::interrupt::{self, Interrupted};
use crate::process::{TICK, tethered};
use crate::service::{Service, answers, stop_all};
use crate::workspace::{PORTAL_PACKAGE, SERVER_PACKAGE, Workspace};
use crate::{plugin, setup};

/// How long a server may take until it answers. Migrations and the official
/// templates come first on a new database.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Options of `run`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Port of the stand-in OpenPAI portal
    #[arg(long = "portal-port", default_value_t = 9280, value_name = "PORT")]
    portal: u16,
    /// Port of the marketplace API
    #[arg(long = "api-port", default_value_t = 9292, value_name = "PORT")]
    api: u16,
    /// Port of the web portal, which serves the plugin
    #[arg(long = "webportal-port", default_value_t = 9293, value_name = "PORT")]
    webportal: u16,
}

/// Sets up, builds, starts everything, and stops it when asked to.
///
/// # Errors
/// When a port is taken, a step fails, or a server ends by itself.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    check_ports(args)?;
    let tools = setup::for_plugin(workspace)?;
    setup::portal_styles(workspace)?;
    println!("Building the servers (first time about 6 minutes on 2 cores, later seconds)");
    let packages = [
        "build",
        "--package",
        SERVER_PACKAGE,
        "--package",
        PORTAL_PACKAGE,
    ];
    workspace.quietly(
        "servers",
        "building the servers",
        &mut workspace.cargo(packages),
    )?;
    plugin::build(workspace, &tools)?;

    let mut services = Vec::new();
    let ended = start(workspace, args, &mut services).and_then(|()| {
        announce(workspace, args);
        watch(&mut services)
    });
    println!("Stopping …");
    stop_all(services);
    match ended {
        Err(error) if error.is::<Interrupted>() => {
            println!("Stopped. The data stays in data/marketplace.db.");
            Ok(())
        }
        other => other,
    }
}

fn start(workspace: &Workspace, args: &Args, services: &mut Vec<Service>) -> Result<()> {
    println!("Starting");
    let data = workspace.root.join("data");
    let logs = logs(workspace);
    std::fs::create_dir_all(&data)?;
    std::fs::create_dir_all(&logs)?;
    let portal_url = url(args.portal);
    let api_url = url(args.api);

    let mut portal = workspace.server("fake-openpai");
    portal
        .args(["--listen", &format!("127.0.0.1:{}", args.portal)])
        .args([
            "--plugin-uri",
            &format!("{}/plugin.js", url(args.webportal)),
        ])
        .args(["--key-file", "data/portal.key"]);
    let mut api = workspace.server("marketplace");
    api.arg("api")
        .env("PORT", args.api.to_string())
        // Nobody else serves meanwhile.
        .env("DRAIN_TIME", "0")
        .env("IDP_URL", &portal_url)
        // A DATABASE_URL or DB_HOST of somebody's shell is not meant here.
        .env("DATABASE_URL", "sqlite://data/marketplace.db?mode=rwc");
    let mut webportal = workspace.server("marketplace");
    webportal
        .arg("webportal")
        .env("SERVER_PORT", args.webportal.to_string())
        .env("DRAIN_TIME", "0")
        .env("MARKETPLACE_API_URL", &api_url)
        .env("PLUGIN_DIR", plugin::DIST);

    // In this order: the API is ready only once OpenPAI answers.
    for (name, command, port, page) in [
        ("portal", &mut portal, args.portal, "/"),
        ("api", &mut api, args.api, "/readyz"),
        ("webportal", &mut webportal, args.webportal, "/plugin.js"),
    ] {
        let log = logs.join(format!("{name}.log"));
        services.push(Service::start(name, command, log)?);
        if let Some(service) = services.last_mut() {
            service.wait_until(START_LIMIT, || answers(port, page))?;
        }
    }
    Ok(())
}

fn announce(workspace: &Workspace, args: &Args) {
    println!(
        "
Open   {}/plugin.html?index=0
Sign in as alice, bob, carol or admin; the password is the name.

Data is kept in data/marketplace.db, logs in {}. Ctrl-C stops everything.",
        url(args.portal),
        workspace.shown(&logs(workspace))
    );
}

fn logs(workspace: &Workspace) -> PathBuf {
    workspace.target.join("xtask/logs")
}

fn watch(services: &mut [Service]) -> Result<()> {
    loop {
        interrupt::check()?;
        for service in &mut *services {
            service.check()?;
        }
        std::thread::sleep(TICK);
    }
}

impl Workspace {
    fn server(&self, program: &str) -> Command {
        let mut command = tethered(self.program(program));
        command.current_dir(&self.root);
        command
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn check_ports(args: &Args) -> Result<()> {
    let ports = [
        ("the stand-in portal", args.portal, "--portal-port"),
        ("the API", args.api, "--api-port"),
        ("the web portal", args.webportal, "--webportal-port"),
    ];
    for (index, (what, port, option)) in ports.into_iter().enumerate() {
        if ports[..index].iter().any(|(_, other, _)| *other == port) {
            bail!("port {port} is given twice");
        }
        if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            let holder = holder_of(port)
                .map(|name| format!(" by {name}"))
                .unwrap_or_default();
            bail!(
                "port {port}, meant for {what}, is taken{holder} ({error}): stop that, or choose \
                 another port with {option}"
            );
        }
    }
    Ok(())
}

/// The program that listens on a port, as `ss` tells it to those who may know.
fn holder_of(port: u16) -> Option<String> {
    let output = Command::new("ss")
        .args(["-Hltnp", &format!("sport = :{port}")])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (_, users) = text.split_once("((\"")?;
    let (name, rest) = users.split_once('"')?;
    let (_, pid) = rest.split_once("pid=")?;
    let pid: String = pid.chars().take_while(char::is_ascii_digit).collect();
    Some(format!("{name} (process {pid})"))
}
