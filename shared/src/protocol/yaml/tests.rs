use super::super::Position;
use super::*;

fn codes(text: &str) -> Vec<String> {
    parse(text)
        .expect_err("findings")
        .into_iter()
        .map(|found| found.code)
        .collect()
}

#[test]
fn a_tree_is_read_by_key_and_index() {
    let document =
        parse("tags: [a, 'b']\ntitle: \"x: y\"\ncount: 1e3\nnone:\n").expect("a document");
    let root = document.root();
    let tags = root.get("tags").expect("tags");
    assert!(root.is_mapping() && tags.is_list() && root.get("none").is_some_and(Node::is_null));
    assert_eq!(
        tags.items().filter_map(Node::as_str).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(tags.item(1).and_then(Node::as_str), Some("b"));
    assert!(
        tags.item(2).is_none()
            && tags.get("a").is_none()
            && root.item(0).is_none()
            && root.get("x").is_none()
    );
    assert_eq!(root.get("title").and_then(Node::as_str), Some("x: y"));
    assert_eq!(root.get("count").and_then(Node::as_int), Some(1000));
    assert_eq!(root.get("count").and_then(Node::written), Some("1e3"));
    assert_eq!(
        root.entries().map(|(key, _)| key).collect::<Vec<_>>(),
        ["tags", "title", "count", "none"]
    );
}

#[test]
fn whole_numbers_may_be_written_as_fractions() {
    let int = |text: &str| parse(text).expect("a document").root().as_int();
    assert_eq!(
        [int("1"), int("1.0"), int("-2e2"), int("0x10")],
        [Some(1), Some(1), Some(-200), Some(16)]
    );
    assert_eq!(
        [
            int("1.5"),
            int("1e300"),
            int(".inf"),
            int("'1'"),
            int("[1]")
        ],
        [None; 5]
    );
}

#[test]
fn nodes_know_where_they_stand() {
    let text = "ключ: [a,\n  b]\nlist:\n  - x: 1\n    y: zz\n\n# end\n";
    let source = Source::new(text);
    let document = parse(text).expect("a document");
    let at = |key: &str| source.slice(document.root().get(key).expect("a key").span());
    assert_eq!(at("ключ"), "[a,\n  b]");
    assert_eq!(at("list"), "- x: 1\n    y: zz");
}

#[test]
fn duplicate_keys_are_found_however_they_are_written() {
    let found = parse("a: 1\nb: {x: 1, 'x': 2, x: 3}\n\"a\": 2\n").expect_err("findings");
    let places: Vec<_> = found
        .iter()
        .map(|found| (found.start.line, found.start.column))
        .collect();
    assert_eq!(places, [(2, 11), (2, 19), (3, 1)]);
    assert!(found.iter().all(|found| found.code == "duplicate-key"));

    let source = Source::new("b: 1\na: 2\nb: 3\nc: 4\na: 5\n");
    let document = read(&source, &mut Findings::new(&source)).expect("what could be read");
    let read: Vec<_> = document
        .root()
        .entries()
        .map(|(key, node)| (key, node.as_int()))
        .collect();
    assert_eq!(read, [("b", Some(1)), ("a", Some(2)), ("c", Some(4))]);
    assert_eq!(document.root().get("c").and_then(Node::as_int), Some(4));
}

#[test]
fn what_is_no_single_document_is_refused() {
    assert_eq!(codes(""), ["empty"]);
    assert_eq!(codes("---\n"), ["empty"]);
    assert_eq!(codes("a: 1\n---\nb: 1\n"), ["several-documents"]);
    assert_eq!(codes("a: [1"), ["syntax"]);
    assert!(parse("%YAML 1.2\n---\na: 1\n...\n").is_ok());
    assert!(parse("\u{feff}a: 1\n").is_ok());
    assert!(parse("--- null\n").is_ok_and(|document| document.root().is_null()));
}

#[test]
fn errors_of_syntax_point_at_their_place() {
    let found = &parse("a: 数 b\nc: \"x").expect_err("findings")[0];
    assert_eq!(found.start, Position { line: 2, column: 4 });
    assert_eq!(
        found.message,
        "this quoted text never ends; the closing quote is missing"
    );
}

#[test]
fn json_means_what_openpai_reads() {
    let text = "a: [1, 1.5, yes, true, ~, '1', .nan, -.inf, 0100, 1:30, 2021-01-01, 0o17]\n2: x\n0x10: y\nb: &b {c: 1}\nd: *b\n";
    let document = parse(text).expect("a document");
    let expected = serde_json::json!({
        "a": [1, 1.5, "yes", true, null, "1", "NaN", "-Infinity", 64, 90, "2021-01-01T00:00:00.000Z", "0o17"],
        "2": "x", "16": "y", "b": {"c": 1}, "d": {"c": 1},
    });
    assert_eq!(document.root().to_json(), expected);
}

#[test]
fn merge_keys_are_written_out() {
    let json = |text: &str| parse(text).expect("a document").root().to_json();
    let keys = |text: &str| {
        let document = parse(text).expect("a document");
        let keys = document.root().entries().map(|(key, _)| key.to_owned());
        keys.collect::<Vec<_>>()
    };
    let base = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: {w: 2}}\n";
    let merged = |mapping: &str| json(&format!("{base}m: {mapping}\n"))["m"].clone();
    for (mapping, expected) in [
        ("{<<: *a}", r#"{"x": 1, "y": 1}"#),
        ("{y: 3, <<: *a}", r#"{"x": 1, "y": 3}"#),
        ("{<<: *a, y: 3}", r#"{"x": 1, "y": 3}"#),
        ("{<<: [*a, *b]}", r#"{"x": 1, "y": 1, "z": {"w": 2}}"#),
        ("{<<: [*b, *a]}", r#"{"x": 1, "y": 2, "z": {"w": 2}}"#),
        ("{<<: *b, <<: *a}", r#"{"x": 1, "y": 2, "z": {"w": 2}}"#),
        ("{<<: *b, z: {v: 3}}", r#"{"y": 2, "z": {"v": 3}}"#),
        ("{<<: {<<: *a, q: 1}}", r#"{"x": 1, "y": 1, "q": 1}"#),
        ("{<<: [], <<: [[p]], <<: 2021-01-01}", r#"{"0": "p"}"#),
        ("{!!merge '<<': *a}", r#"{"x": 1, "y": 1}"#),
        ("{'<<': 1}", r#"{"<<": 1}"#),
        ("[<<]", r#"["<<"]"#),
    ] {
        let expected: serde_json::Value = serde_json::from_str(expected).expect("JSON");
        assert_eq!(merged(mapping), expected, "{mapping}");
    }
    assert_eq!(keys("<<: {x: 1, y: 1}\ny: 2\nz: 3\n"), ["x", "y", "z"]);
    assert_eq!(codes("<<: x\n"), ["wrong-type"]);
    assert_eq!(codes("<<: [{}, 1]\n"), ["wrong-type"]);
    assert_eq!(codes("<<:\n"), ["wrong-type"]);
    assert_eq!(codes("<<: {x: 1}\nx: 2\nx: 3\n"), ["duplicate-key"]);
}

#[test]
fn keys_are_the_text_that_javascript_makes() {
    let keys = |text: &str| {
        let source = Source::new(text);
        let mut findings = Findings::new(&source);
        let document = read(&source, &mut findings).expect("a document");
        let keys: Vec<_> = document
            .root()
            .entries()
            .map(|(key, _)| key.to_owned())
            .collect();
        let codes: Vec<_> = findings
            .into_diagnostics()
            .into_iter()
            .map(|found| found.code)
            .collect();
        (keys.join(" "), codes.join(" "))
    };
    for (text, expected, found) in [
        ("1: x\n", "1", ""),
        ("'': x\n", "", ""),
        ("0100: x\n", "64", "misread-value"),
        ("1.0: x\n", "1", "misread-value"),
        ("True: x\n", "true", "misread-value"),
        ("{: x}\n", "null", "misread-value"),
        ("?\n: x\n", "null", "misread-value"),
        (
            "{[a, ~, {b: c}]: x}\n",
            "a,,[object Object]",
            "misread-value",
        ),
        ("{{a: b}: x}\n", "[object Object]", "misread-value"),
        ("{[[a]]: x}\n", "", "wrong-type"),
        (": x\n", "", "wrong-type"),
    ] {
        assert_eq!(
            keys(text),
            (expected.to_owned(), found.to_owned()),
            "{text}"
        );
    }
    assert_eq!(
        codes("16: x\n0x10: y\n"),
        ["misread-value", "duplicate-key"]
    );
}

#[test]
fn tags_are_known_for_some_nodes_only() {
    for text in [
        "!!str 1\n",
        "! 1\n",
        "!!map {}\n",
        "!!set {a, b}\n",
        "!!omap [a: 1]\n",
        "!!timestamp 2021-01-01\n",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
    for text in [
        "!!str []\n",
        "!!seq {}\n",
        "!!int []\n",
        "!a b\n",
        "!!foo b\n",
        "!!binary aGk=\n",
        "!!pairs [a: 1]\n",
    ] {
        assert_eq!(codes(text), ["bad-value"], "{text}");
    }
}
