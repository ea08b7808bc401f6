//! Broken protocols, each aimed at a rule or two, and what is said of them.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;

use marketplace_shared::protocol::{Code, validate};

#[path = "support/common.rs"]
mod common;

#[test]
fn findings_read_as_they_should() {
    for (name, text) in common::corpus() {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, common::rendered(name, text));
        });
    }
}

#[test]
fn every_code_is_in_the_corpus() {
    // These take texts too large to keep: see `limits.rs`.
    let kept_elsewhere = [Code::TooDeep, Code::TooLarge, Code::TooManyFindings];
    let corpus = common::corpus().map(|(_, text)| text.to_owned());
    let secrets = common::secret_texts().into_iter().map(|(_, text)| text);
    let seen: BTreeSet<_> = corpus
        .chain(secrets)
        .flat_map(|text| validate(&text).diagnostics)
        .map(|found| found.code)
        .collect();
    for code in Code::ALL
        .iter()
        .filter(|code| !kept_elsewhere.contains(code))
    {
        assert!(
            seen.contains(code.as_str()),
            "no file of the corpus shows {code}"
        );
    }
}
