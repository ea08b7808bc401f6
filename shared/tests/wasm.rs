//! The browser says of every protocol what the server says, byte for byte.
#![cfg(target_arch = "wasm32")]

use include_dir::{Dir, include_dir};
use wasm_bindgen_test::wasm_bindgen_test;

#[path = "support/common.rs"]
mod common;

static SNAPSHOTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/snapshots");

#[wasm_bindgen_test]
fn findings_are_the_servers() {
    let mut count = 0;
    let corpus = common::corpus().map(|(name, text)| (name, text.to_owned()));
    for (name, text) in corpus.chain(common::secret_texts()) {
        let snapshot = SNAPSHOTS
            .get_file(format!("{name}.snap"))
            .expect("a snapshot");
        let snapshot = snapshot.contents_utf8().expect("text");
        let (_, expected) = snapshot[4..].split_once("\n---\n").expect("a header");
        assert_eq!(
            common::rendered(name, &text).trim_end(),
            expected.trim_end(),
            "{name}"
        );
        count += 1;
    }
    assert!(count >= 30, "only {count} files");
}
