//! `cargo xtask test --only images`: both images are built from the Dockerfile and
//! started as the guides say. buildah and podman do it without a Docker engine; all that
//! runs is in namespaces of its own, so that ports are free, nothing leaves the machine,
//! and everything ends with the namespaces' first process, however it ends.

mod check;
mod store;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::tethered;
use crate::setup::{self, Program};
use crate::tally::Tally;
use crate::workspace::Workspace;
use crate::{plugin, sbom};

use store::Store;

/// What the step needs.
pub(super) const PROGRAMS: &[Program] = &[
    Program::Python,
    Program::Chromium,
    Program::Node,
    Program::Npm,
    Program::Containers,
    Program::Docker,
    Program::Compose,
];

/// Checks the files, builds the images and runs the tests in `tests/images`.
///
/// # Errors
/// When an image cannot be built, or a test failed; where containers cannot run, when
/// the variable CI is set.
pub(super) fn run(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    let bills = sbom::write(workspace)?;
    check::files(workspace, &bills, tally)?;
    if let Err(why) = can_run() {
        if std::env::var_os("CI").is_some_and(|set| !set.is_empty()) {
            bail!("containers cannot run here: {why}");
        }
        println!("The images were not built: {why}");
        tally.skip("images: containers cannot run here");
        return Ok(());
    }
    setup::portal_styles(workspace)?;
    setup::browser_tests(workspace)?;
    super::build_native(workspace)?;
    plugin::build(workspace, &setup::for_plugin(workspace)?)?;

    let store = Store::open(workspace)?;
    let built = collect_built(workspace, &bills)?;
    println!("Building the images");
    store.provide_base(workspace)?;
    store.provide_stand_ins(workspace)?;
    for target in ["restserver", "webportal"] {
        store.build(workspace, target, &built)?;
    }
    check::ignored(workspace, &store, tally)?;
    start(workspace, &store, filter, tally)
}

/// Whether containers run here: whether there are namespaces to be had.
fn can_run() -> Result<(), &'static str> {
    if !rustix::process::geteuid().is_root() {
        return Err("only root can start them");
    }
    let allowed = Command::new("unshare")
        .args(["--net", "--mount", "--pid", "--fork", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !allowed {
        return Err("the system gives no namespaces");
    }
    for program in [Program::Containers, Program::Docker, Program::Compose] {
        if program.find().is_none() {
            return Err("buildah, podman, docker or docker-compose is missing");
        }
    }
    Ok(())
}

/// What stands for the Dockerfile's stage `build`, whose commands were run before: the
/// server as the tests build it (without the names in it), the plugin, and the bills.
fn collect_built(workspace: &Workspace, bills: &Path) -> Result<PathBuf> {
    let place = workspace.target.join("xtask/images/build");
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    let source = place.join("src");
    let release = source.join("target/release");
    fs::create_dir_all(&release)?;
    let mut strip = Command::new("strip");
    strip
        .arg("-o")
        .arg(release.join("marketplace"))
        .arg(workspace.program("marketplace"));
    workspace.quietly("images-strip", "stripping the server", &mut strip)?;
    copy(&workspace.root.join(plugin::DIST), &source.join("dist"))?;
    copy(bills, &source.join("target").join("sbom"))?;
    Ok(place)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("reading {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Runs the tests that use the images, one file after the other: they want the same
/// ports.
fn start(workspace: &Workspace, store: &Store, filter: &[String], tally: &mut Tally) -> Result<()> {
    let screenshots = workspace.target.join("screenshots");
    fs::create_dir_all(&screenshots)?;
    let folder = workspace.root.join("tests/images");
    let mut tests = tethered("unshare");
    tests
        .args([
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ])
        // Buries what loses its parent, as containers' monitors do.
        .args(["catatonit", "--", "sh"])
        .arg(folder.join("inside.sh"))
        .arg(Program::Node.path()?)
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .args(super::test_files(&folder, filter)?)
        .current_dir(&workspace.root)
        .envs(store.environment())
        .env("NO_COLOR", "1")
        .env("CHROMIUM", Program::Chromium.path()?)
        .env("BIN_FAKE_OPENPAI", workspace.program("fake-openpai"))
        .env("SCREENSHOTS", &screenshots)
        .env("PODMAN_LOG", workspace.log("images-podman"))
        .env("VERSION", env!("CARGO_PKG_VERSION"))
        // Settings of somebody's shell are not meant.
        .env_remove("DOCKER_HOST")
        .env_remove("DOCKER_CONTEXT");
    let status = workspace.watched("test-images", &mut tests, |line| tally.node(line));
    remove_control_groups();
    let status = status?;
    ensure!(
        status.success(),
        "the tests of the images failed ({status})"
    );
    Ok(())
}

/// The one thing of a container that outlives the namespaces when they end in the midst
/// of it. Control groups that somebody is in cannot be removed.
fn remove_control_groups() {
    let folders = |place: PathBuf| fs::read_dir(place).into_iter().flatten().flatten();
    for controller in folders(PathBuf::from("/sys/fs/cgroup")) {
        for group in folders(controller.path().join("libpod_parent")) {
            let _ = fs::remove_dir(group.path());
        }
    }
}
