//! Texts made to hurt: they come back with the right code, and soon.
#![cfg(not(target_arch = "wasm32"))]

use marketplace_shared::protocol::yaml::{MAX_BYTES, MAX_DEPTH};
use marketplace_shared::protocol::{MAX_DIAGNOSTICS, to_json, validate};

/// A text of exactly the longest length: a beginning, then a piece again and
/// again, then comments.
fn full(beginning: &str, piece: &str) -> String {
    let mut text =
        beginning.to_owned() + &piece.repeat((MAX_BYTES - beginning.len()) / piece.len());
    text.push_str(&"#".repeat(MAX_BYTES - text.len()));
    text
}

#[test]
fn nesting_is_bounded() {
    let lists = |depth: usize| "a: ".to_owned() + &"[".repeat(depth) + &"]".repeat(depth);
    assert!(to_json(&lists(MAX_DEPTH - 1)).is_ok());
    assert_eq!(only_code(&lists(MAX_DEPTH)), "too-deep");
    let lines = |depth: usize| {
        (0..depth)
            .map(|level| " ".repeat(level) + "a:\n")
            .collect::<String>()
    };
    assert!(to_json(&lines(MAX_DEPTH)).is_ok());
    assert_eq!(only_code(&lines(MAX_DEPTH + 1)), "too-deep");
}

#[test]
fn aliases_cannot_deepen_or_grow_without_end() {
    let link = |n: u32| format!("a{n}: &a{n} [*a{}]\n", n - 1);
    let chain = (1..200).map(link).collect::<String>();
    assert_eq!(only_code(&("a0: &a0 x\n".to_owned() + &chain)), "too-deep");
    let tenfold = |n: u32| {
        format!(
            "a{n}: &a{n} [{}]\n",
            vec![format!("*a{}", n - 1); 10].join(", ")
        )
    };
    let bomb = "a0: &a0 laughs\n".to_owned() + &(1..10).map(tenfold).collect::<String>();
    assert_eq!(only_code(&bomb), "too-large");
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        vec!["*a"; 100].join(", ")
    );
    assert_eq!(only_code(&long), "too-large");
    let merged = |n: u32| {
        let both = format!("<<: [*a{0}, {{<<: *a{0}}}]", n - 1);
        let key = |key: u32| format!(", k{n}_{key}: *a{}", n - 1);
        let keys = (0..10).map(key).collect::<String>();
        format!("a{n}: &a{n} {{{both}{keys}}}\n")
    };
    let bomb = "a0: &a0 {laughs: 1}\n".to_owned() + &(1..10).map(merged).collect::<String>();
    assert_eq!(only_code(&bomb), "too-large");
    let key = |key: u32| format!("k{key}: 1, ");
    let keys = (0..1000).map(key).collect::<String>();
    let again = "- {<<: *a}\n".repeat(1000);
    assert_eq!(
        only_code(&format!("a: &a {{{keys}}}\nb:\n{again}")),
        "too-large"
    );
    // Merged again and again, they come to nothing and cost time all the same.
    let list = vec!["*a"; 1000].join(", ");
    assert_eq!(
        only_code(&format!("a: &a {{{keys}}}\nb: {{<<: [{list}]}}\n")),
        "too-large"
    );
    let empty = vec!["*a"; 1000].join(", ");
    let text = format!(
        "a: &a {{}}\nb: &b [{empty}]\nc:\n{}",
        "- {<<: *b}\n".repeat(1000)
    );
    assert_eq!(only_code(&text), "too-large");
    let long = format!(
        "a: &a {{{}: 1}}\nb:\n{}",
        "k".repeat(1000),
        "- {<<: *a}\n".repeat(10_000)
    );
    assert_eq!(only_code(&long), "too-large");
    let deeper = |n: u32| format!("a{n}: &a{n} {{<<: *a{0}, b{n}: {{c: *a{0}}}}}\n", n - 1);
    let chain = (1..200).map(deeper).collect::<String>();
    assert_eq!(
        only_code(&("a0: &a0 {x: 1}\n".to_owned() + &chain)),
        "too-large"
    );
    assert_eq!(only_code("a: &a {<<: *a}"), "syntax");
    assert_eq!(only_code("a: &a [*a]"), "syntax");
    assert_eq!(
        to_json("a: &a {b: 1}\nc: *a").expect("a mapping")["c"]["b"],
        1
    );
}

/// The code of what keeps a text from being read at all.
fn only_code(text: &str) -> String {
    let report = validate(text);
    assert!(report.protocol.is_none());
    assert_eq!(report.diagnostics.len(), 1, "{:?}", report.diagnostics);
    assert_eq!(
        to_json(text).expect_err("the same finding"),
        report.diagnostics
    );
    report.diagnostics[0].code.clone()
}

#[test]
fn longer_texts_are_refused_unread() {
    assert_eq!(only_code(&"#".repeat(MAX_BYTES + 1)), "too-large");
}

#[test]
fn documents_wrong_everywhere_come_back() {
    let role = |n: usize| {
        format!(
            "  r{n}:\n    data: d{n}\n    dockerImage: i{n}\n    commands:\n    - <% $data.uri %> <% $parameters.p{n} %>\n"
        )
    };
    let prerequisite = |n: usize| format!("- name: x{n}\n  type: data\n");
    let parameter = |n: usize| format!("  q{n}: 1\n");
    let text = "taskRoles:\n".to_owned()
        + &(0..6000).map(role).collect::<String>()
        + "prerequisites:\n"
        + &(0..6000).map(prerequisite).collect::<String>()
        + "parameters:\n"
        + &(0..6000).map(parameter).collect::<String>();
    assert!(text.len() < MAX_BYTES);
    let report = validate(&text);
    assert_eq!(report.diagnostics.len(), MAX_DIAGNOSTICS + 1);
    assert_eq!(report.protocol.expect("a mapping").task_roles.len(), 6000);

    let placeholders =
        "taskRoles: {a: {commands: [\"".to_owned() + &"<% $x.y %>".repeat(100_000) + "\"]}}";
    assert!(
        validate(&placeholders)
            .diagnostics
            .iter()
            .any(|found| found.code == "unresolved-placeholder")
    );
    let brackets = "[".repeat(190) + &"a, ".repeat(300_000);
    assert_eq!(only_code(&brackets), "too-deep");
}

#[test]
fn a_mebibyte_of_anything_comes_back() {
    let table = [
        ("", "[", "too-large"),
        ("", "{", "too-large"),
        ("", "{a: ", "too-large"),
        ("a: ", "[&a ", "too-large"),
        ("", "[a, ", "too-large"),
        ("", "[{", "too-large"),
        ("", "]", "syntax"),
        ("", "- ", "too-deep"),
        ("", "? ", "too-deep"),
        ("", "-\n", "too-large"),
        ("", "- a\n", "too-large"),
        ("", "a: b\n", "too-large"),
        ("", "a: b c d e f g h\n", "too-many-findings"),
        ("[", "a,", "syntax"),
        ("{", "a: b,", "too-large"),
        ("{", "a: bcdefghijk,", "syntax"),
        ("[", "\"a\" ", "syntax"),
        ("a: \"", "\\n", "syntax"),
        ("a: \"", "\n", "syntax"),
        ("a: '", "''", "syntax"),
        ("a: |\n", "  b\n", "unknown-key"),
        ("a: |\n", "\n", "unknown-key"),
        ("a: >\n", "  b\n\n", "unknown-key"),
        ("a: b\n", "  c\n", "unknown-key"),
        ("", "#\n", "empty"),
        ("", "# x", "empty"),
        ("", " ", "empty"),
        ("", "\n", "empty"),
        ("", "x", "not-a-mapping"),
        ("", "&a ", "syntax"),
        ("", "- &a b c d e f g\n", "not-a-mapping"),
        ("a: &a b\n", "? *a\n", "too-large"),
        ("a: &a {b: c}\nd: {", "<<: *a, ", "too-large"),
        ("a: &a {b: c}\nd:\n", "- {<<: *a}\n", "too-large"),
        ("", "<<: x\n", "too-many-findings"),
        ("parameters: {a: \"", "<%", "syntax"),
        ("taskRoles: {a: {commands: |\n", " <%# x %>\n", "syntax"),
        (
            "taskRoles:\n  a:\n    commands:\n    - |\n",
            "     <%#x%>\n",
            "broken-placeholder",
        ),
        (
            "taskRoles:\n  a:\n    commands:\n    - |\n",
            "     <%= | | =%> |x|\n",
            "vanishing-placeholder",
        ),
        (
            "taskRoles:\n  a:\n    commands:\n    - |\n",
            "     <%! x %>\n",
            "vanishing-placeholder",
        ),
        ("x:\n", "text\n", "syntax"),
        ("- &a b\n", "- *a\n", "too-large"),
        ("", "!a ", "syntax"),
        ("", "!", "syntax"),
        ("", "%a b\n", "syntax"),
        ("", "---\n", "several-documents"),
        ("", "...\n", "empty"),
        ("", "\u{feff}", "empty"),
        ("", "\t", "empty"),
        ("", ": ", "wrong-type"),
        ("", "a: ", "syntax"),
        ("", "? a\n: ", "wrong-type"),
        ("taskRoles: {a: {commands: [\"", "<% $x ", "syntax"),
        (
            "taskRoles:\n  a:\n    commands: \n      - \"",
            "<% $x.y %>\\\n",
            "syntax",
        ),
    ];
    for (beginning, piece, code) in table {
        let text = full(beginning, piece);
        assert_eq!(text.len(), MAX_BYTES);
        let found = validate(&text).diagnostics;
        let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
        assert!(
            codes.contains(&code),
            "{beginning:?} {piece:?}: {:?}",
            &codes[..codes.len().min(5)]
        );
        assert!(found.len() <= MAX_DIAGNOSTICS + 1);
    }
}
