//! Files that commands take.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context;

/// The text of a file; `-` is standard input. Bytes that are no UTF-8 are shown
/// as such, so that they get a place in the text like every other mistake.
///
/// # Errors
/// When it cannot be read.
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
