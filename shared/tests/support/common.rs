//! The corpus of broken protocols, built into the tests so that those in wasm
//! read the same files.

use include_dir::{Dir, include_dir};
use marketplace_shared::protocol::validate;

static CORPUS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/corpus");

/// The name and the text of every file of the corpus.
pub(crate) fn corpus() -> impl Iterator<Item = (&'static str, &'static str)> {
    CORPUS.files().map(|file| {
        let name = file.path().file_stem().and_then(|name| name.to_str());
        (name.expect("a name"), file.contents_utf8().expect("text"))
    })
}

/// The findings as a person sees them on the command line.
pub(crate) fn rendered(name: &str, text: &str) -> String {
    let file = format!("{name}.yaml");
    let found = validate(text).diagnostics;
    found
        .iter()
        .map(|found| found.render(&file, text))
        .collect::<Vec<_>>()
        .join("\n")
}
