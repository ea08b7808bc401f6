//! Thousands of protocols, each a valid one with a slip in it, and what
//! OpenPAI says of them: a second list of its rules (`oracle`), which shares
//! no line with the validator, says which are refused, and the validator has
//! to agree on every single one.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, reason = "says how many there were")]

#[path = "mutations/oracle.rs"]
mod oracle;
#[path = "mutations/slips.rs"]
mod slips;
#[path = "mutations/value.rs"]
mod value;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use marketplace_shared::diff::compare;
use marketplace_shared::protocol::{validate, yaml};
use value::{Style, Value};

/// A protocol with a slip in it, as text, and the rules that it breaks.
struct Case {
    text: String,
    broken: Vec<usize>,
}

/// Those made of protocols of our own.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let texts = [
        (include_str!("mutations/everything.yaml"), 1),
        (include_str!("corpus/valid.yaml"), 9),
        (
            include_str!("../../examples/cpu-smoke-test/protocol.yaml"),
            9,
        ),
    ];
    let cases = |(text, one_in)| cases(text, one_in);
    texts.into_iter().flat_map(cases).collect()
});

/// One in so many slips in a valid protocol.
fn cases(base: &str, one_in: usize) -> impl Iterator<Item = Case> {
    let base = Value::read(base);
    assert_eq!(oracle::broken(&base), [0; 0], "a valid protocol");
    let documents = slips::all(&base).into_iter().step_by(one_in);
    documents.enumerate().map(|(number, document)| {
        let broken = oracle::broken(&document);
        let has_twice = |rule: &usize| oracle::name(*rule).ends_with("Unique");
        let style = match [Style::Indented, Style::Flow, Style::Merged][number % 3] {
            // What is merged may be here twice.
            Style::Merged if broken.iter().any(has_twice) => Style::Flow,
            style => style,
        };
        Case {
            text: document.write(style),
            broken,
        }
    })
}

/// What the validator and the rules say differently.
fn disagreement(case: &Case) -> Option<String> {
    let report = validate(&case.text);
    if report.is_valid() == case.broken.is_empty() {
        return None;
    }
    let rules: Vec<_> = case.broken.iter().map(|rule| oracle::name(*rule)).collect();
    let errors: Vec<_> = report.errors().map(ToString::to_string).collect();
    let text: String = case.text.chars().take(2000).collect();
    Some(format!("broken: {rules:?}\nfound: {errors:?}\n{text}"))
}

fn assert_agreement<'c>(cases: impl Iterator<Item = &'c Case>) {
    let different: Vec<_> = cases.filter_map(disagreement).collect();
    let shown = different[..different.len().min(5)].join("\n\n");
    assert!(different.is_empty(), "{} differ:\n{shown}", different.len());
}

#[test]
fn every_verdict_is_openpais() {
    let refused = CASES.iter().filter(|case| !case.broken.is_empty()).count();
    let taken = CASES.len() - refused;
    println!("{refused} refused, {taken} taken");
    assert!(
        refused > 4000 && taken > 1500,
        "{refused} refused, {taken} taken"
    );
    assert_agreement(CASES.iter());
}

#[test]
fn verdicts_on_slips_in_protocols_like_those_of_clusters_are_openpais() {
    assert_agreement_on("tests/protocols", 9);
}

/// Written by others, so not part of the project.
#[test]
#[ignore = "wants protocols of clusters in ../shared/protocols"]
fn verdicts_on_slips_in_protocols_of_clusters_are_openpais() {
    assert_agreement_on("../../shared/protocols", 100);
}

/// On one in so many slips in the protocols of a folder.
fn assert_agreement_on(folder: &str, one_in: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut read = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder of protocols") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a file");
        let cases: Vec<_> = cases(&text, one_in).collect();
        assert_agreement(cases.iter());
        read += cases.len();
    }
    assert!(read > 0, "{} has no protocols", folder.display());
}

/// The list can tell: for each rule there is a slip that breaks no other, so
/// neither the list nor the validator could do without it.
#[test]
fn every_rule_decides_a_verdict() {
    // Without prerequisites a task role's image is missing too.
    let never_alone = BTreeSet::from(["prerequisites List(1)".to_owned()]);
    let mut idle: BTreeSet<_> = (0..oracle::COUNT).map(oracle::name).collect();
    for case in &*CASES {
        if let [rule] = case.broken[..] {
            idle.remove(&oracle::name(rule));
        }
    }
    assert_eq!(idle, never_alone, "no slip is refused for these alone");
}

/// With a rule forgotten there is a verdict that differs.
#[test]
fn a_rule_forgotten_is_noticed() {
    let rule = "taskRoles.*.resourcePerInstance.ports Identifiers";
    let differs = CASES.iter().any(|case| {
        let only = matches!(case.broken[..], [broken] if oracle::name(broken) == rule);
        let forgetful = Case {
            text: case.text.clone(),
            broken: Vec::new(),
        };
        only && disagreement(&forgetful).is_some()
    });
    assert!(differs);
}

/// Of two protocols that are read differently there is something to tell, and
/// of others nothing.
#[test]
fn every_slip_is_a_difference() {
    let base = Value::read(include_str!("mutations/everything.yaml"));
    let older = base.write(Style::Indented);
    let read = |text: &str| {
        let document = yaml::parse_leniently(text).expect("YAML");
        plain(document.root().to_json())
    };
    let meant = read(&older);
    let (mut different, mut same) = (0, 0);
    for (number, document) in slips::all(&base).into_iter().step_by(3).enumerate() {
        let newer = document.write([Style::Indented, Style::Flow][number % 2]);
        let Ok(diff) = compare(&older, &newer) else {
            assert!(document.entries().is_empty(), "{newer}");
            continue;
        };
        let back = compare(&newer, &older).expect("two mappings");
        assert_eq!(diff.is_empty(), back.is_empty(), "{newer}");
        // JSON has a text for a date; commands do not get the same one.
        let is_same = read(&newer) == meant && !newer.contains("2021-");
        if is_same {
            same += 1;
        } else {
            different += 1;
        }
        assert_eq!(diff.is_empty(), is_same, "{diff}\n{newer}");
    }
    println!("{different} different, {same} the same");
    assert!(different > 2000 && same > 20, "{different} {same}");
}

/// Numbers as JavaScript has them.
fn plain(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        Json::Number(number) => number.as_f64().into(),
        Json::Array(items) => items.into_iter().map(plain).collect(),
        Json::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, plain(value)))
            .collect(),
        other => other,
    }
}
