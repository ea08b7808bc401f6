//! promtool, which checks rules for Prometheus, without the server that it
//! comes with: that would be started where it is installed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::workspace::{Workspace, on_path};

/// The one on `PATH`, or the one in Debian's package `prometheus`, which is
/// unpacked beside the other tools and not installed. None where there is no
/// such package.
///
/// # Errors
/// When the package is there and cannot be unpacked.
pub(super) fn provide(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let place = workspace.tools.join("promtool");
    let ours = place.join("promtool");
    if let Some(found) = on_path(&["promtool"]).or_else(|| ours.is_file().then(|| ours.clone())) {
        return Ok(Some(found));
    }
    if on_path(&["apt-get"]).is_none() || on_path(&["dpkg-deb"]).is_none() {
        return Ok(None);
    }
    println!("Fetching promtool with apt-get (first time only, 20 MB)");
    let scratch = tempfile::tempdir()?;
    let mut download = Command::new("apt-get");
    download
        .args(["download", "--quiet", "prometheus"])
        .current_dir(scratch.path());
    if let Err(error) = workspace.quietly("apt-get-download", "fetching promtool", &mut download) {
        crate::interrupt::check()?;
        println!("promtool is not to be had here: {error:#}");
        return Ok(None);
    }
    let mut unpack = Command::new("sh");
    unpack
        .args(["-c", "dpkg-deb --extract prometheus_*.deb unpacked"])
        .current_dir(scratch.path());
    workspace.quietly("dpkg-deb", "unpacking promtool", &mut unpack)?;
    std::fs::create_dir_all(&place)?;
    // Whole or not at all, as another one may be looking for it.
    let new = place.join("promtool.new");
    std::fs::copy(scratch.path().join("unpacked/usr/bin/promtool"), &new)?;
    std::fs::rename(new, &ours)?;
    Ok(Some(ours))
}
