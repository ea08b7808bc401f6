//! Files that commands take.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, ensure};

/// The most bytes of a file with a token, or with another secret.
const MAX_SECRET: u64 = 64 * 1024;

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

/// The text of a file of so many bytes at most, with the line ends of Unix: Git on other
/// systems writes others.
///
/// # Errors
/// When it cannot be read, is longer, or is no UTF-8.
pub(crate) fn read_bounded(path: &Path, most: usize) -> anyhow::Result<String> {
    let shown = path.display();
    let text = bounded(path, most as u64).with_context(|| format!("cannot read {shown}"))?;
    let text = text.with_context(|| format!("{shown} has more than {} KiB", most / 1024))?;
    Ok(text.replace("\r\n", "\n"))
}

/// A secret: the text of a file without the line end behind it. Warns of a file that
/// everybody on the machine can read.
///
/// # Errors
/// As [`read_bounded`]; the text is in none.
pub(crate) fn read_secret(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let text = bounded(path, MAX_SECRET).with_context(|| format!("cannot read {shown}"))?;
    let mut text = text.with_context(|| format!("{shown} is too large to be a secret"))?;
    if is_for_everybody(path) {
        eprintln!("warning: everybody on this machine can read {shown}: chmod 600 {shown}");
    }
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    ensure!(!text.trim().is_empty(), "{shown} is empty");
    Ok(text)
}

/// `None` if it is longer.
fn bounded(path: &Path, most: u64) -> io::Result<Option<String>> {
    let mut text = String::new();
    let length = File::open(path)?.take(most + 1).read_to_string(&mut text)?;
    Ok((length as u64 <= most).then_some(text))
}

#[cfg(unix)]
fn is_for_everybody(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_for_everybody(_: &Path) -> bool {
    false
}
