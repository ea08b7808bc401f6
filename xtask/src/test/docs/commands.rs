//! Blocks of commands: every one of them can be read by a shell, and those that
//! are marked as `run` are run, page by page, in the order in which they stand.
//!
//! A page's blocks, up to one that is `fresh`, share one shell, one empty folder (with links to `deploy`,
//! `docs` and `examples` of the clone), a new PostgreSQL database and the
//! programs that were built. What the guides call 10.0.0.1 is this machine:
//! OpenPAI's REST server on port 9186 is the stand-in, the database on port
//! 9291 a private PostgreSQL, and the marketplace's own ports are free ones.
//! `TOKEN` is an admin's. Behind `run` may stand
//!
//! - `needs=PROGRAM,PROGRAM`: without them the block is skipped; `plugin` is
//!   the built plugin in `dist/`;
//! - `fresh`: what ran before is stopped, and folder and database are new;
//! - `until=URL`: the block goes on in the background, and the next one begins
//!   once the address is answered with success.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use testkit::free_port;

use super::Checks;
use super::markdown::{Block, Page};
use crate::bench::server::Portal;
use crate::postgres::Postgres;
use crate::process::{TICK, tail, tethered};
use crate::setup::Program;
use crate::workspace::{Workspace, on_path};

/// The longest that blocks that belong together may take.
const LIMIT: Duration = Duration::from_mins(3);
/// How long what they have started may take to end.
const GRACE: Duration = Duration::from_secs(15);
/// What the shell says when a block has ended well.
const RAN: &str = "::ran ";

const MISSING: &str = "a program that commands of the guides need is not here";

/// # Errors
/// What a shell finds wrong with it, such as a quote without its other half.
pub(super) fn can_be_read(text: &str) -> Result<()> {
    let mut shell = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start bash")?;
    let mut input = shell.stdin.take().context("no standard input")?;
    input.write_all(text.as_bytes())?;
    drop(input);
    let output = shell.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    // A shell takes it, and then looks for the next line's command elsewhere.
    let stray = text.lines().find(|line| line.ends_with("\\ "));
    ensure!(stray.is_none(), "there is a blank behind a `\\`");
    Ok(())
}

/// Runs what is marked.
///
/// # Errors
/// When the servers that the commands talk to cannot be started. What is wrong
/// with the commands is counted.
pub(super) fn run(
    checks: &mut Checks<'_>,
    files: &[PathBuf],
    pages: &HashMap<PathBuf, Page>,
) -> Result<()> {
    let mut world: Option<World> = None;
    for path in files {
        let Some(page) = pages.get(path) else {
            continue;
        };
        let (can, cannot): (Vec<&Block>, Vec<&Block>) = page
            .blocks
            .iter()
            .filter(|block| block.is_run())
            .partition(|block| is_there(checks.workspace, block));
        for block in cannot {
            let what = format!("{}:{}", path.display(), block.line);
            let needs = block.option("needs").unwrap_or_default();
            checks.skip(&format!("{what} ({needs})"), MISSING);
        }
        if can.is_empty() {
            continue;
        }
        println!("Running the commands of {}", path.display());
        let world = match &world {
            Some(world) => world,
            None => world.insert(World::start(checks.workspace)?),
        };
        let acts = can.chunk_by(|_, next| !next.has("fresh"));
        for blocks in acts {
            act(checks, world, path, blocks)?;
        }
    }
    Ok(())
}

/// Runs blocks that belong together and counts them.
fn act(checks: &mut Checks<'_>, world: &World, path: &Path, blocks: &[&Block]) -> Result<()> {
    let page = path.display().to_string();
    let first = blocks.first().map_or(0, |block| block.line);
    let log = format!("docs-{}-{first}", page.replace('/', "-"));
    let log = checks.workspace.log(&log);
    let outcome = run_blocks(checks.workspace, world, blocks, &log);
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    for block in blocks {
        let ran = format!("{RAN}{}", block.line);
        let outcome = match &outcome {
            _ if said.lines().any(|line| line == ran) => Ok(()),
            Ok(()) => Err(anyhow::anyhow!("it did not run")),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        let failed = outcome.is_err();
        checks.count(&format!("{page}:{}", block.line), outcome)?;
        if failed {
            println!("blocks behind it were not run");
            break;
        }
    }
    Ok(())
}

fn is_there(workspace: &Workspace, block: &Block) -> bool {
    let needs = block.option("needs").unwrap_or_default();
    let until = block.option("until").map(|_| "curl");
    needs
        .split(',')
        .chain(until)
        .filter(|need| !need.is_empty())
        .all(|need| match need {
            "plugin" => workspace.root.join("dist/plugin.js").is_file(),
            program => on_path(&[program]).is_some(),
        })
}

/// The servers that the guides speak of.
struct World {
    portal: Portal,
    postgres: Postgres,
    token: String,
}

impl World {
    fn start(workspace: &Workspace) -> Result<Self> {
        println!("Starting a private PostgreSQL");
        let portal = Portal::start(workspace, &workspace.program("fake-openpai"))?;
        Ok(Self {
            token: portal.token()?,
            portal,
            postgres: Postgres::start(workspace)?,
        })
    }

    /// Makes the user and the database that the guides speak of anew.
    fn database(&self) -> Result<()> {
        for statement in [
            "DROP DATABASE IF EXISTS marketplace WITH (FORCE)",
            "DROP DATABASE IF EXISTS restored WITH (FORCE)",
            "DROP ROLE IF EXISTS \"user\"",
            "CREATE ROLE \"user\" LOGIN CREATEDB",
            "CREATE DATABASE marketplace OWNER \"user\"",
        ] {
            let status = Command::new(Program::Postgres.path()?.with_file_name("psql"))
                .args(["--quiet", "--no-psqlrc", &self.postgres.url()])
                .args(["--command", statement])
                .stderr(Stdio::null())
                .status()?;
            ensure!(status.success(), "cannot {statement}");
        }
        Ok(())
    }

    /// Puts addresses of this machine in place of those of the guides.
    fn translate(&self, text: &str, api: u16, webportal: u16) -> String {
        let host = |url: &str| -> String {
            let rest = url.split("://").nth(1).unwrap_or(url);
            let rest = rest.split('/').next().unwrap_or(rest);
            rest.rsplit('@').next().unwrap_or(rest).to_owned()
        };
        let database = host(&self.postgres.url());
        let database_port = database.rsplit(':').next().unwrap_or_default();
        let mut text = text
            .replace("10.0.0.1:9186", &host(&self.portal.url()))
            .replace("10.0.0.1:9291", &database)
            .replace("DB_HOST=10.0.0.1", "DB_HOST=127.0.0.1")
            .replace("DB_PORT=9291", &format!("DB_PORT={database_port}"));
        for name in ["127.0.0.1", "10.0.0.1", "localhost"] {
            for (port, ours) in [(9292, api), (9293, webportal)] {
                text = text.replace(&format!("{name}:{port}"), &format!("127.0.0.1:{ours}"));
            }
        }
        text
    }
}

fn run_blocks(workspace: &Workspace, world: &World, blocks: &[&Block], log: &Path) -> Result<()> {
    world.database()?;
    let folder = tempfile::tempdir()?;
    for name in ["deploy", "docs", "examples"] {
        symlink(workspace.root.join(name), folder.path().join(name))?;
    }
    let (api, webportal) = (free_port(), free_port());
    let mut script = String::from("set -euo pipefail\n");
    for block in blocks {
        let (line, text) = (block.line, &block.text);
        match block.option("until") {
            None => writeln!(script, "{text}\nprintf '\\n{RAN}{line}\\n'")?,
            Some(url) => writeln!(
                script,
                "{{\n{text}\n}} &\nuntil curl --silent --fail --max-time 5 --output /dev/null {url}; do\n\
                 kill -0 $! || exit 1; sleep 0.1\ndone\nprintf '\\n{RAN}{line}\\n'"
            )?,
        }
    }
    let script = world.translate(&script, api, webportal);

    let output = File::create(log)?;
    let mut shell = tethered(on_path(&["bash"]).context("bash is not installed")?);
    shell
        .args(["-c", &script])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", path(workspace)?)
        .env("HOME", folder.path())
        .env("TOKEN", &world.token)
        .env("PORT", api.to_string())
        .env("SERVER_PORT", webportal.to_string())
        .env("PLUGIN_DIR", workspace.root.join("dist"))
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .process_group(0);
    let mut child = shell.spawn().context("cannot start bash")?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let started = Instant::now();
    let outcome = loop {
        if let Some(status) = child.try_wait()? {
            break Ok(status);
        }
        if let Err(interrupted) = crate::interrupt::check() {
            break Err(interrupted);
        }
        if started.elapsed() > LIMIT {
            break Err(anyhow::anyhow!("it took too long"));
        }
        std::thread::sleep(TICK);
    };
    // Servers that its blocks have left running, if there is anything of it.
    if let Some(group) = group {
        let told = kill_process_group(group, Signal::TERM).is_ok();
        let asked = Instant::now();
        while told && asked.elapsed() < GRACE && kill_process_group(group, Signal::CONT).is_ok() {
            let _ = child.try_wait();
            std::thread::sleep(TICK);
        }
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
    if !outcome?.success() {
        bail!("it failed; the output ends with\n{}", tail(log));
    }
    Ok(())
}

/// What was built and PostgreSQL's clients come first.
fn path(workspace: &Workspace) -> Result<OsString> {
    let postgres = Program::Postgres.path()?;
    let ours = [
        workspace.program("marketplace").parent().map(PathBuf::from),
        postgres.parent().map(PathBuf::from),
    ];
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let all = ours.into_iter().flatten();
    std::env::join_paths(all.chain(std::env::split_paths(&rest)))
        .context("a folder of PATH cannot be used")
}

#[cfg(test)]
mod tests {
    use super::can_be_read;

    #[test]
    fn mistakes_that_a_shell_sees_are_found() {
        for good in ["a \\\n  b\n", "A='x' b \"$(c)\"\n", "cat <<'E'\nx\nE\n"] {
            assert!(can_be_read(good).is_ok(), "{good}");
        }
        for bad in ["a \"b\n", "a \\ \n  b\n", "./a x`\n", "if true\n"] {
            assert!(can_be_read(bad).is_err(), "{bad}");
        }
    }
}
