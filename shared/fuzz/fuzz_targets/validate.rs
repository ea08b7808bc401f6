#![no_main]

use libfuzzer_sys::fuzz_target;
use marketplace_shared::protocol::{to_json, validate};

fuzz_target!(|text: &str| {
    let report = validate(text);
    for found in &report.diagnostics {
        assert!(found.start <= found.end);
        found.render("fuzz.yaml", text);
    }
    if let Ok(json) = to_json(text) {
        assert_eq!(validate(&json.to_string()).is_valid(), report.is_valid());
    }
});
