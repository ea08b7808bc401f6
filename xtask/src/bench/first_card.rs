//! How long a visitor waits for the first card of the list.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::Build;
use crate::plugin;
use crate::process::tethered;
use crate::setup::{self, Program};
use crate::workspace::Workspace;

/// From the start of the navigation in Chromium; medians.
pub(super) struct FirstCard {
    /// Of visitors whose browser has nothing of the plugin.
    pub(super) cold: Duration,
    /// When they come again.
    pub(super) warm: Duration,
}

/// Opens the plugin that is built in Chromium, with the catalogue that is at `url`.
///
/// # Errors
/// When something cannot be installed or started, or no card shows.
pub(super) fn measure(workspace: &Workspace, build: Build, url: &str) -> Result<FirstCard> {
    setup::programs(workspace, &[Program::Node, Program::Chromium])?;
    setup::portal_styles(workspace)?;
    setup::browser_tests(workspace)?;
    let output = tethered(Program::Node.path()?)
        .arg("tests/browser/first-card.mjs")
        .current_dir(&workspace.root)
        .env("CHROMIUM", Program::Chromium.path()?)
        .env("BIN_MARKETPLACE", build.program(workspace, "marketplace"))
        .env("BIN_FAKE_OPENPAI", build.program(workspace, "fake-openpai"))
        .env("PLUGIN_DIR", workspace.root.join(plugin::DIST))
        .env("DATABASE_URL", url)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    ensure!(
        output.status.success(),
        "the first card could not be measured ({})",
        output.status
    );
    let times: Value = serde_json::from_slice(&output.stdout)?;
    let duration = |visit: &str| {
        let milliseconds = times[visit].as_f64();
        let milliseconds = milliseconds.context("first-card.mjs says no time")?;
        Ok::<_, anyhow::Error>(Duration::from_secs_f64(milliseconds / 1e3))
    };
    Ok(FirstCard {
        cold: duration("cold")?,
        warm: duration("warm")?,
    })
}
