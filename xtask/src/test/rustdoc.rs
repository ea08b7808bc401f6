//! The documentation of the code, of private items too: it can be made, and
//! its links lead somewhere.

use anyhow::{Result, ensure};

use crate::setup;
use crate::tally::Tally;
use crate::workspace::{PLUGIN_PACKAGE, Workspace};

/// A link to a private item leads somewhere, as those are documented too.
const FLAGS: &str = "-D warnings -A rustdoc::private-intra-doc-links";

/// Documents the crates for the server and the plugin for the browser, each as
/// one test.
///
/// # Errors
/// When rustdoc has anything to say.
pub(super) fn run(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let native = ["--workspace", "--exclude", PLUGIN_PACKAGE];
    let browser = [
        "--package",
        PLUGIN_PACKAGE,
        "--target=wasm32-unknown-unknown",
    ];
    setup::wasm_target(workspace)?;
    println!("Documenting (first time about 3 minutes on 2 cores)");
    let mut all_well = true;
    for (name, of) in [("rustdoc", native), ("rustdoc-plugin", browser)] {
        let mut doc = workspace.cargo([
            "doc",
            "--quiet",
            "--no-deps",
            "--document-private-items",
            "--keep-going",
        ]);
        doc.args(of).env("RUSTDOCFLAGS", FLAGS);
        let status = workspace.watched(name, &mut doc, |_| {})?;
        tally.count(status.success());
        all_well &= status.success();
    }
    ensure!(all_well, "rustdoc refuses");
    Ok(())
}
