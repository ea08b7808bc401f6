//! Programs that the operating system's packages bring.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::version_of;
use crate::workspace::{Workspace, on_path};

/// A program that tests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Postgres,
    Chromium,
    Firefox,
    Node,
    Npm,
    Nginx,
    Python,
    Curl,
    Sqlite,
    Wrk,
    Cxx,
    Containers,
    Docker,
    Compose,
}

/// What builds images and runs them; Debian keeps those without a folder outside of
/// `PATH`.
const CONTAINER_PROGRAMS: [&str; 10] = [
    "buildah",
    "podman",
    "runc",
    "conmon",
    "catatonit",
    "iptables",
    "ip",
    "mmdebstrap",
    "/usr/lib/podman/netavark",
    "/usr/lib/podman/aardvark-dns",
];

impl Program {
    /// What the tests need.
    pub(crate) const ALL: &[Self] = &[
        Self::Postgres,
        Self::Chromium,
        Self::Firefox,
        Self::Node,
        Self::Npm,
        Self::Nginx,
        Self::Python,
        Self::Containers,
        Self::Docker,
        Self::Compose,
        Self::Curl,
        Self::Sqlite,
        Self::Wrk,
        Self::Cxx,
    ];

    /// Where it is, if it is installed.
    pub(crate) fn find(self) -> Option<PathBuf> {
        match self {
            Self::Postgres => Some(testkit::postgres::programs()?.join("postgres")),
            Self::Chromium => on_path(&[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
            ]),
            Self::Firefox => on_path(&["firefox-esr", "firefox"]),
            Self::Node => on_path(&["node"]).filter(|path| is_new_enough(path)),
            Self::Npm => on_path(&["npm"]),
            Self::Nginx => on_path(&["nginx"]).or_else(system_nginx),
            Self::Python => on_path(&["python3"]).filter(|path| makes_environments(path)),
            Self::Curl => on_path(&["curl"]),
            Self::Sqlite => on_path(&["sqlite3"]),
            Self::Wrk => on_path(&["wrk"]),
            Self::Cxx => on_path(&["c++"]),
            Self::Containers => CONTAINER_PROGRAMS
                .iter()
                .all(|program| on_path(&[program]).is_some())
                .then(|| on_path(&["podman"]))
                .flatten(),
            Self::Docker => on_path(&["docker"]),
            Self::Compose => on_path(&["docker-compose"]),
        }
    }

    /// # Errors
    /// When it is not installed.
    pub(crate) fn path(self) -> Result<PathBuf> {
        self.find()
            .ok_or_else(|| anyhow::anyhow!("{self:?} is not installed"))
    }

    fn purpose(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL's server, for a private database of the API tests",
            Self::Chromium => "Chromium, which the browser tests drive",
            Self::Firefox => "Firefox, in which a part of the browser tests runs",
            Self::Node => "Node.js 18 or newer, which runs the wasm and browser tests",
            Self::Npm => "npm, which fetches the browser tests' packages",
            Self::Nginx => "nginx, which stands for pylon in the tests",
            Self::Python => {
                "Python with venv and pip, which brings schemathesis and other checkers"
            }
            Self::Curl => "curl, which commands of the guides use",
            Self::Sqlite => "sqlite3, which commands of the guides use",
            Self::Wrk => "wrk, which loads the API for benchmarks",
            Self::Cxx => "a C++ compiler, for libFuzzer",
            Self::Containers => "buildah, podman and mmdebstrap, which make images and run them",
            Self::Docker => "the docker command, which talks to podman in tests of images",
            Self::Compose => "docker-compose, which starts deploy/compose.yaml in tests",
        }
    }

    /// Fonts come along because Chromium shows no text without any, and no Chinese without
    /// one that has it; the tests hold without them, but their pictures show boxes.
    fn packages(self, ubuntu: bool) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgresql"],
            Self::Chromium if ubuntu => {
                &["chromium-browser", "fonts-liberation", "fonts-wqy-microhei"]
            }
            Self::Chromium => &["chromium", "fonts-liberation", "fonts-wqy-microhei"],
            Self::Firefox if ubuntu => &["firefox"],
            Self::Firefox => &["firefox-esr"],
            Self::Node => &["nodejs"],
            Self::Npm => &["npm"],
            Self::Nginx => &["nginx-light"],
            Self::Python => &["python3", "python3-venv"],
            Self::Curl => &["curl"],
            Self::Sqlite => &["sqlite3"],
            Self::Wrk => &["wrk"],
            Self::Cxx => &["g++"],
            Self::Containers => &[
                "buildah",
                "podman",
                "runc",
                "conmon",
                "catatonit",
                "iptables",
                "iproute2",
                "mmdebstrap",
                "netavark",
                "aardvark-dns",
            ],
            // Podman under that name; no second engine comes along.
            Self::Docker => &["podman-docker"],
            Self::Compose => &["docker-compose"],
        }
    }
}

/// Installs what is missing with apt-get, after saying so.
///
/// # Errors
/// On a system without apt-get, or where neither root nor sudo is to be had:
/// what a person has to install.
pub(crate) fn install_missing(workspace: &Workspace, needed: &[Program]) -> Result<()> {
    let missing = |program: &&Program| program.find().is_none();
    let missing: Vec<Program> = needed.iter().filter(missing).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("The tests need what is not installed here:");
    for program in &missing {
        println!("  - {}", program.purpose());
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is = |word: &str| {
        release
            .lines()
            .any(|line| line.starts_with("ID") && line.contains(word))
    };
    let (ubuntu, debian) = (is("ubuntu"), is("debian"));
    if !(ubuntu || debian) || on_path(&["apt-get"]).is_none() {
        bail!("install the programs above with this system's package manager and try again");
    }
    let packages: Vec<_> = missing
        .iter()
        .flat_map(|program| program.packages(ubuntu))
        .copied()
        .collect();
    let by_hand = format!("apt-get install {}", packages.join(" "));
    let Some(as_root) = as_root() else {
        bail!("only root can install packages, and sudo is not installed; as root: {by_hand}");
    };
    println!(
        "Installing with apt-get{}: {} (first time only, a few minutes)",
        if as_root.is_empty() {
            ""
        } else {
            " through sudo"
        },
        packages.join(" ")
    );
    if as_root == ["sudo"] {
        // Asked for here, where the terminal still shows the question.
        let asked = Command::new("sudo").arg("--validate").status();
        if !asked.is_ok_and(|status| status.success()) {
            bail!("sudo refused; as root: {by_hand}");
        }
    }
    apt_get(workspace, &as_root, &["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt_get(workspace, &as_root, &[&install[..], &packages].concat())?;
    match missing.iter().find(|program| program.find().is_none()) {
        None => Ok(()),
        Some(program) => bail!(
            "apt-get has run, yet this is missing: {}",
            program.purpose()
        ),
    }
}

fn apt_get(workspace: &Workspace, as_root: &[&str], arguments: &[&str]) -> Result<()> {
    let environment = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let words = [as_root, &environment, arguments].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    let doing = format!("apt-get {}", arguments[0]);
    workspace.quietly(&format!("apt-get-{}", arguments[0]), &doing, &mut command)
}

/// The words before a command that make root run it: none for root itself.
fn as_root() -> Option<Vec<&'static str>> {
    if rustix::process::geteuid().is_root() {
        return Some(Vec::new());
    }
    on_path(&["sudo"])?;
    if std::io::stdin().is_terminal() {
        Some(vec!["sudo"])
    } else {
        Some(vec!["sudo", "-n"])
    }
}

/// Debian keeps what makes virtual environments in a package of its own.
fn makes_environments(python: &Path) -> bool {
    Command::new(python)
        .args(["-c", "import ensurepip, venv"])
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Node.js 18 is the first with the test runner that the tests are written for.
fn is_new_enough(node: &Path) -> bool {
    version_of(node)
        .and_then(|said| {
            said.strip_prefix('v')?
                .split('.')
                .next()?
                .parse::<u32>()
                .ok()
        })
        .is_some_and(|major| major >= 18)
}

/// Debian keeps it where only root's `PATH` leads.
fn system_nginx() -> Option<PathBuf> {
    let program = PathBuf::from("/usr/sbin/nginx");
    program.is_file().then_some(program)
}
