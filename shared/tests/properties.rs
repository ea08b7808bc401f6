//! What holds for every text whatever.
#![cfg(not(target_arch = "wasm32"))]

use marketplace_shared::address::{id_of, segment};
use marketplace_shared::protocol::{Diagnostic, Position, to_json, validate};
use proptest::prelude::*;

#[path = "support/common.rs"]
#[expect(dead_code, reason = "secrets have tests of their own")]
mod common;

/// The byte a position names, if it is a place in the text.
fn byte(text: &str, Position { line, column }: Position) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line {
        let rest = &text[start..];
        let end = rest.find(['\n', '\r'])?;
        start += end
            + if rest[end..].starts_with("\r\n") {
                2
            } else {
                1
            };
    }
    let rest = &text[start..];
    let boundaries = rest
        .char_indices()
        .map(|(byte, _)| byte)
        .chain([rest.len()]);
    boundaries
        .skip(column as usize - 1)
        .map(|byte| start + byte)
        .next()
}

fn hold(text: &str) -> Result<(), TestCaseError> {
    let report = validate(text);
    prop_assert_eq!(&report, &validate(text));
    let mut last = Position { line: 1, column: 1 };
    for Diagnostic { start, end, .. } in &report.diagnostics {
        let (from, to) = (byte(text, *start), byte(text, *end));
        prop_assert!(
            from.is_some() && to.is_some() && from <= to,
            "{start:?} {end:?} in {text:?}"
        );
        prop_assert!(last <= *start);
        last = *start;
    }
    prop_assert!(common::rendered("file", text).matches('^').count() >= report.diagnostics.len());
    if let Ok(json) = to_json(text) {
        prop_assert!(report.protocol.is_some());
        let again = validate(&json.to_string());
        // Where a number or a date is wrong, the text that JSON has instead
        // may be right, and a date may stand where OpenPAI takes it for a
        // mapping.
        let is_lossy = report.diagnostics.iter().any(|found| {
            found.code == "misread-value"
                || found.message.contains("a date")
                || found.message.contains("this date")
        });
        prop_assert!(
            report.is_valid() == again.is_valid() || is_lossy,
            "{} from {}",
            json,
            text
        );
    } else {
        prop_assert!(!report.is_valid());
    }
    Ok(())
}

/// A file of the corpus with a few pieces replaced.
fn mutated() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        prop::sample::select(vec![
            "[",
            "]",
            "{",
            "}",
            ": ",
            "- ",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "\"",
            "'",
            "&a ",
            "*a",
            "!!int ",
            "? ",
            "|\n",
            ">-\n",
            "#",
            " #",
            "---\n",
            "...\n",
            "%",
            "<<: ",
            "<<: *a\n",
            "2021-01-01",
            "0100",
            "1:30",
            ".inf",
            "<%= x %>",
            "<%#",
            "%>",
            "<% $data.uri[0] %>",
            "<% ",
            "null",
            "1",
            "数",
            "\u{feff}",
            "\0",
            "\u{85}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    let files: Vec<_> = common::corpus().map(|(_, text)| text).collect();
    let edit = (any::<prop::sample::Index>(), 0..12_usize, piece);
    (
        prop::sample::select(files),
        prop::collection::vec(edit, 1..6),
    )
        .prop_map(|(text, edits)| {
            let mut letters: Vec<char> = text.chars().collect();
            for (at, gone, piece) in edits {
                let start = at.index(letters.len() + 1);
                let end = (start + gone).min(letters.len());
                letters.splice(start..end, piece.chars());
            }
            letters.into_iter().collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        hold(&text)?;
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        hold(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_row_of_indicators(text in "[-?:,\\[\\]{}#&*!|>'\"%@` \n\ra\u{e9}]{0,60}") {
        hold(&text)?;
    }

    #[test]
    fn any_slip_in_a_protocol(text in mutated()) {
        hold(&text)?;
    }

    /// Whoever decodes an address on its way, and how often: the id arrives.
    #[test]
    fn any_id_is_a_segment(id in "[^\0]{0,20}") {
        let written = segment(&id);
        prop_assert!(written.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)));
        prop_assert!(!["", ".", ".."].contains(&written.as_str()));
        prop_assert_eq!(id_of(&written).unwrap_or(written), id);
    }

    #[test]
    fn no_two_segments_are_one_id(written in "[~0-9A-Fa.-]{0,12}") {
        if let Some(id) = id_of(&written) {
            prop_assert_eq!(segment(&id), written);
        }
    }
}
