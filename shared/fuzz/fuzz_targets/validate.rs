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
        assert!(report.protocol.is_some());
        let again = validate(&json.to_string());
        // As in `tests/properties.rs`: where a number or a date is wrong, the text that
        // JSON has instead may be right.
        let is_lossy = report.diagnostics.iter().any(|found| {
            found.code == "misread-value"
                || found.message.contains("a date")
                || found.message.contains("this date")
        });
        assert!(is_lossy || again.is_valid() == report.is_valid());
    }
});
