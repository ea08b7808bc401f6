//! How well secrets are found: true shapes with values made up at run time, so that
//! nobody takes this repository for a leak, and what only looks like them.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, reason = "says how well it went")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use marketplace_shared::lint::{scan, scan_value, shown};
use marketplace_shared::protocol::{masked, validate};

#[path = "support/common.rs"]
#[expect(
    dead_code,
    reason = "the corpus of broken protocols is not needed here"
)]
mod common;
#[path = "secrets/lookalikes.rs"]
mod lookalikes;
#[path = "secrets/shapes.rs"]
mod shapes;

/// What is found in a text or under a key, each as its text.
fn found(key: Option<&str>, text: &str) -> Vec<String> {
    let leaks = key.map_or_else(|| scan(text), |key| scan_value(key, text));
    leaks
        .iter()
        .map(|leak| text[leak.start..leak.end].to_owned())
        .collect()
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "counts of a few hundred")]
fn secrets_are_told_from_look_alikes() {
    let (mut hits, mut missed, mut wrong) = (0, Vec::new(), Vec::new());
    let shapes = shapes::all();
    for shape in &shapes {
        let found = found(shape.key, &shape.text);
        if found
            .iter()
            .any(|found| found.contains(&shape.secret) || shape.secret.contains(found))
        {
            hits += 1;
        } else {
            missed.push(&shape.text);
        }
        wrong.extend(
            found
                .into_iter()
                .filter(|found| !found.contains(&shape.secret) && !shape.secret.contains(found)),
        );
    }
    let looks = lookalikes::all();
    for (key, text) in &looks {
        wrong.extend(
            found(*key, text)
                .into_iter()
                .map(|found| format!("{found} in {text}")),
        );
    }
    let recall = 100.0 * hits as f32 / shapes.len() as f32;
    let precision = 100.0 * hits as f32 / (hits + wrong.len()) as f32;
    println!(
        "{} shapes, {} look-alikes: precision {precision:.1} %, recall {recall:.1} %",
        shapes.len(),
        looks.len()
    );
    println!("missed: {missed:#?}\nwrong: {wrong:#?}");
    assert!(
        shapes.len() >= 200 && looks.len() >= 200,
        "{} {}",
        shapes.len(),
        looks.len()
    );
    assert!(
        precision >= 98.0 && recall >= 95.0,
        "precision {precision}, recall {recall}"
    );
}

/// A protocol of 500 lines with a secret in every tenth.
#[test]
fn five_hundred_lines_take_no_time() {
    let shapes = shapes::all();
    let mut text = "parameters: {x: 1}\ntaskRoles:\n  a:\n    commands:\n".to_owned();
    for number in 0..490 {
        let command = match number % 10 {
            0 => shapes[number / 10 * 4].text.replace('\n', " "),
            _ => format!(
                "python train.py --model resnet{number} --learning-rate 0.1 --data /mnt/data/part-{number} | tee log"
            ),
        };
        let _ = writeln!(
            text,
            "    - {}",
            serde_json::to_string(&command).expect("JSON")
        );
    }
    let document = serde_json::to_string(&text).expect("JSON");
    let time = |text: &str| {
        let mut best = Duration::MAX;
        for _ in 0..20 {
            let start = Instant::now();
            assert!(scan(text).len() > 20);
            best = best.min(start.elapsed());
        }
        best
    };
    let (lines, line) = (time(&text), time(&document));
    println!(
        "500 lines, {} bytes: {lines:?}; as one line: {line:?}",
        text.len()
    );
    // Unoptimized, on a busy machine; the release build takes a tenth.
    assert!(lines < Duration::from_millis(200), "{lines:?}");
}

/// Whatever a person or a log gets to see of a protocol with secrets.
#[test]
fn no_more_than_four_characters_are_shown() {
    for shape in shapes::all() {
        let value = serde_json::to_string(&shape.text).expect("JSON");
        let key = shape.key.unwrap_or("command");
        // Quoted by other findings too: as a type, as a name, on a line of its own.
        let text = format!(
            "name: {value}\ntype: {value}\nparameters:\n  {key}: {value}\ntaskRoles: {{a: {{commands: [{value}], instances: {value}}}}}\ndescription: {value}\n"
        );
        let found = validate(&text).diagnostics;
        assert!(
            found
                .iter()
                .all(|found| !found.code.starts_with("secret-") || !found.is_refusal())
        );
        let lines = masked(&text, &found);
        assert_eq!(lines.chars().count(), text.chars().count());
        let mut all = serde_json::to_string(&found).expect("JSON");
        for found in &found {
            all += &found.render("job.yaml", &lines);
        }
        for leak in scan(&shape.text) {
            let secret = &shape.text[leak.start..leak.end];
            assert!(shown(secret).chars().count() <= 5);
            for window in secret.chars().collect::<Vec<_>>().windows(8) {
                let piece: String = window.iter().collect();
                assert!(!all.contains(&piece), "{piece} of {secret}\n{all}");
            }
        }
    }
}

/// More than are told of, and those that are where they belong.
#[test]
fn secrets_that_are_no_findings_are_masked_too() {
    let token = shapes::all()[30].secret.clone();
    let many = format!(
        "a: [{}]\nb: {token}\nsecrets: {{c: {token}}}\n",
        "x, ".repeat(3)
    ) + &format!("d: \"{}\"\n", format!("{token} ").repeat(600));
    let found = validate(&many).diagnostics;
    assert_eq!(found.len(), 501);
    let lines = masked(&many, &found);
    assert!(!lines.contains(&token[4..12]), "{lines}");
    assert_eq!(lines.matches(&token[..4]).count(), 602);
}

#[test]
fn findings_read_as_they_should() {
    for (name, text) in common::secret_texts() {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, common::rendered(name, &text));
        });
    }
}

/// Nothing is found in what people run and share.
#[test]
fn templates_and_protocols_like_those_of_clusters_hold_no_secrets() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let templates = fs::read_dir(root.join("../examples")).expect("templates");
    let count: usize = templates
        .map(|entry| assert_clean(&entry.expect("an entry").path()))
        .sum();
    assert!(count >= 30, "only {count} files");
    assert!(assert_clean(&root.join("tests/protocols")) > 0);
}

/// Written by others, so not part of the project.
#[test]
#[ignore = "wants protocols of clusters in ../shared/protocols"]
fn protocols_of_clusters_hold_no_secrets() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(assert_clean(&root.join("../../shared/protocols")) > 0);
}

/// Looks at every protocol and description of a folder; answers how many there are.
fn assert_clean(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let is_text = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("yaml" | "md"))
    };
    let mut count = 0;
    for path in paths.filter(is_text) {
        let text = fs::read_to_string(&path).expect("a readable file");
        assert_eq!(scan(&text), [], "{}", path.display());
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let mut found = validate(&text).diagnostics;
            found.retain(|found| found.code.starts_with("secret-"));
            assert_eq!(found, [], "{}", path.display());
        }
        count += 1;
    }
    count
}

/// Any text comes back, with findings inside it that do not overlap.
#[test]
fn half_a_mebibyte_of_anything_is_scanned() {
    for piece in [
        "=",
        ":",
        "://",
        "sig=",
        "a=b ",
        "password=",
        "\"",
        "'",
        "-p ",
        "docker login -p x\n",
        "eyJ",
        "eyJ.",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----\n",
        "authorization: bearer ",
        "sk-",
        "Q~",
        "1Q~",
        "0:AA",
        "\u{e9}=",
        "$",
        "%",
    ] {
        let text = piece.repeat((1 << 19) / piece.len());
        let mut last = 0;
        let start = Instant::now();
        for leak in scan(&text) {
            assert!(last <= leak.start && leak.start < leak.end && leak.end <= text.len());
            last = leak.end;
        }
        println!("{piece:?}: {:?}", start.elapsed());
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{piece}: {:?}",
            start.elapsed()
        );
    }
}
