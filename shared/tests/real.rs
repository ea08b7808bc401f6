//! Protocols that clusters really run are valid.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::print_stdout, reason = "says why it had nothing to do")]

use std::path::Path;

use marketplace_shared::protocol::{to_json, validate};

/// They are not part of the project, but may lie beside it.
#[test]
fn protocols_of_clusters_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocols");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: there are no protocols in {}", folder.display());
        return;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let report = validate(&text);
        assert_eq!(report.diagnostics, [], "{}", path.display());
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
    }
}
