//! Protocols as clusters run them are valid: written by tools and by hand over
//! the years, in every style of YAML.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::Path;

use marketplace_shared::protocol::{to_json, validate};

#[test]
fn protocols_like_those_of_clusters_are_valid() {
    assert_valid("tests/protocols");
}

/// Written by others, so not part of the project.
#[test]
#[ignore = "wants protocols of clusters in ../shared/protocols"]
fn protocols_of_clusters_are_valid() {
    assert_valid("../../shared/protocols");
}

fn assert_valid(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut read = 0;
    for entry in fs::read_dir(&folder).expect("a folder of protocols") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a readable file");
        let report = validate(&text);
        let mut found = report.diagnostics;
        // JSON, which tools write, hides no secrets from OpenPAI.
        found.retain(|found| found.code != "exposed-secrets");
        assert_eq!(found, [], "{}", path.display());
        let protocol = report.protocol.expect("a mapping");
        assert!(protocol.name.is_some() && !protocol.task_roles.is_empty());
        for role in &protocol.task_roles {
            let image = role.docker_image.as_ref().expect("an image");
            assert_eq!(image.uris.len(), 1, "{}: {}", path.display(), role.name);
            assert!(!role.commands.is_empty() && role.gpu.is_some());
        }
        let json = to_json(&text).expect("a mapping");
        assert!(
            validate(&json.to_string()).is_valid(),
            "{} as JSON",
            path.display()
        );
        read += 1;
    }
    assert!(read > 0, "{} has no protocols", folder.display());
}
