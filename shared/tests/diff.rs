//! What is told of two protocols.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, reason = "says how long it took")]

use std::time::{Duration, Instant};

use marketplace_shared::diff::{MAX_CHANGES, compare};
use proptest::prelude::*;

#[path = "support/common.rs"]
#[expect(dead_code, reason = "nothing is rendered here")]
mod common;

#[test]
fn templates_are_compared_by_meaning() {
    let older = include_str!("../../examples/pytorch-single-gpu/protocol.yaml");
    let newer = include_str!("../../examples/pytorch-ddp-multi-node/protocol.yaml");
    let diff = compare(older, newer).expect("two mappings");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("diff-of-templates", diff.to_string());
    });
}

/// The longest protocols that an item may have, made to hurt.
#[test]
fn long_protocols_are_compared_soon() {
    const LONGEST: usize = 128 << 10;
    let list = |item: &dyn Fn(usize) -> String| {
        let mut text = "taskRoles:\n  a:\n    commands:\n".to_owned();
        for number in 0.. {
            let item = format!("    - {}\n", item(number));
            if text.len() + item.len() > LONGEST {
                break;
            }
            text += &item;
        }
        text
    };
    let mut texts = vec![
        list(&|_| "a".to_owned()),
        list(&|_| "b".to_owned()),
        list(&|number| ["a", "b"][number % 2].to_owned()),
        list(&|number| format!("a{number}")),
        list(&|number| format!("a{}", number / 2)),
        list(&|number| format!("a{}", 20_000 - number)),
        list(&|number| format!("a b c d {number} {}", number * 7 % 1000)),
        list(&|number| format!("{number} {}", "x ".repeat(600))),
        format!("parameters: {{x: \"{}\"}}", "a ".repeat(60_000)),
        format!("parameters: {{x: \"{}\"}}", "a\\n".repeat(40_000)),
    ];
    let role = |n: usize| format!("  r{n}:\n    instances: 1\n");
    let roles: String = (0..3000).map(role).collect();
    texts.push(format!("taskRoles:\n{roles}"));
    texts.push(format!("taskRoles:\n{}", roles.replace(" r", " s")));
    let data = |n: usize| format!("- type: data\n  name: d{n}\n");
    let data: String = (0..3000).map(data).collect();
    texts.push(format!("prerequisites:\n{data}"));
    texts.push(format!(
        "prerequisites:\n{}",
        data.replace("name: d", "name: e")
    ));
    let bomb = |leaf: &str| {
        let tenfold = |n: u32| {
            let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
            format!("  a{n}: &a{n} [{aliases}]\n")
        };
        format!(
            "parameters:\n  a0: &a0 {leaf}\n{}",
            (1..5).map(tenfold).collect::<String>()
        )
    };
    texts.extend([bomb("x"), bomb("y")]);
    let mut longest = Duration::ZERO;
    for (index, older) in texts.iter().enumerate() {
        assert!(older.len() <= LONGEST);
        for newer in &texts[index..] {
            let start = Instant::now();
            let diff = compare(older, newer).expect("two mappings");
            longest = longest.max(start.elapsed());
            assert!(diff.changes.len() <= MAX_CHANGES);
            assert_eq!(diff.is_empty(), older == newer);
            let length: usize = diff.to_string().len();
            assert!(length < 8 << 20, "{length}");
        }
    }
    println!("the longest took {longest:?}");
    assert!(longest < Duration::from_secs(20), "{longest:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is compared with itself is the same, and what is added one way
    /// is removed the other way.
    #[test]
    fn a_protocol_is_no_different_from_itself(
        one in prop::sample::select(common::corpus().map(|(_, text)| text).collect::<Vec<_>>()),
        two in prop::sample::select(common::corpus().map(|(_, text)| text).collect::<Vec<_>>()),
    ) {
        if let Ok(diff) = compare(one, one) {
            prop_assert!(diff.is_empty(), "{diff}");
        }
        if let (Ok(there), Ok(back)) = (compare(one, two), compare(two, one)) {
            prop_assert_eq!(&there, &compare(one, two).expect("as before"));
            prop_assert_eq!(there.is_empty(), back.is_empty());
        }
    }
}
