//! Ctrl-C and SIGTERM, noticed by whoever waits for something.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;

static ASKED: AtomicU32 = AtomicU32::new(0);

/// The error of work that ended early because somebody asked for it.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// From here on SIGINT, SIGTERM and SIGHUP are counted and do not end the
/// process, so that what was started can be stopped in order.
pub(crate) fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        ASKED.fetch_add(1, Ordering::Relaxed);
    })
    .context("cannot listen for Ctrl-C")
}

/// How often somebody asked to stop.
pub(crate) fn count() -> u32 {
    ASKED.load(Ordering::Relaxed)
}

/// # Errors
/// [`Interrupted`] once somebody asked to stop.
pub(crate) fn check() -> anyhow::Result<()> {
    if count() > 0 {
        return Err(Interrupted.into());
    }
    Ok(())
}
