//! Odd requests of all kinds against the real API, made by schemathesis from
//! the OpenAPI document: nothing may make it fail, or answer what the document
//! does not say.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::free_port;

use crate::bench::server::Portal;
use crate::postgres::Postgres;
use crate::process::tethered;
use crate::service::{Service, answers};
use crate::setup;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Newer ones may find more; then it is time to mend that and to raise this.
const VERSION: &str = "4.32.5";

/// How long the requests go on with each database, in seconds.
const TIME: &str = "45";

/// Runs it over the programs that the dev profile built, on both databases.
///
/// # Errors
/// When it cannot be installed, or when it found something.
pub(crate) fn run(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let package = format!("schemathesis=={VERSION}");
    let programs = setup::python(workspace, &format!("schemathesis-{VERSION}"), &[package])?;
    let schemathesis = programs.join("schemathesis");
    let portal = Portal::start(workspace, &workspace.program("fake-openpai"))?;
    println!("Starting a private PostgreSQL");
    let postgres = Postgres::start(workspace)?;
    for database in ["sqlite://marketplace.db", &postgres.url()] {
        let mut found = Tally::default();
        let outcome = run_on(workspace, &schemathesis, &portal, database, &mut found);
        tally.passed += found.passed;
        tally.failed += found.failed;
        outcome?;
    }
    Ok(())
}

fn run_on(
    workspace: &Workspace,
    schemathesis: &Path,
    portal: &Portal,
    database: &str,
    tally: &mut Tally,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let port = free_port();
    let mut api = tethered(workspace.program("marketplace"));
    api.arg("api")
        .current_dir(folder.path())
        .env("PORT", port.to_string())
        .env("DRAIN_TIME", "0")
        .env("PUBLIC_METRICS", "on")
        .env("IDP_URL", portal.url())
        .env("DATABASE_URL", database);
    let mut api = Service::start("API", &mut api, workspace.log("schemathesis-api"))?;
    api.wait_until(Duration::from_mins(1), || answers(port, "/readyz"))?;

    let mut tests = tethered(schemathesis);
    tests
        .current_dir(folder.path())
        .arg("--config-file")
        .arg(workspace.root.join("xtask/src/test/schemathesis.toml"))
        .args(["run", &format!("http://127.0.0.1:{port}/openapi.json")])
        // The document's own is relative.
        .args(["--url", &format!("http://127.0.0.1:{port}")])
        .args(["--max-time", TIME])
        // The same requests every time: what is new comes with a newer version.
        .args(["--seed", "1"])
        // Not an argument, which everybody on the machine could read.
        .env("TOKEN", portal.token()?);
    let status = workspace.watched("test-schemathesis", &mut tests, |line| count(tally, line))?;
    api.check()?;
    ensure!(status.success(), "schemathesis found something ({status})");
    Ok(())
}

/// Every operation of the API is one test.
fn count(tally: &mut Tally, line: &str) {
    let words: Vec<_> = line.split_whitespace().collect();
    if let ["Tested:", of] = words[..] {
        let tested = of.split('/').next().unwrap_or_default();
        tally.passed = tested.parse().unwrap_or(0);
    }
    if let Some(index) = words.iter().position(|word| *word == "unique") {
        tally.failed = words[index - 1].parse().unwrap_or(1);
        tally.passed = tally.passed.saturating_sub(tally.failed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, count};

    #[test]
    fn operations_are_counted() {
        let mut tally = Tally::default();
        for line in [
            "  Selected: 26/26",
            "  Tested: 26",
            "  299 generated, 299 passed, 36 skipped",
        ] {
            count(&mut tally, line);
        }
        assert_eq!((tally.passed, tally.failed), (26, 0));
        count(
            &mut tally,
            "  281 generated, 15 found 15 unique failures, 20 skipped",
        );
        assert_eq!((tally.passed, tally.failed), (11, 15));
    }
}
