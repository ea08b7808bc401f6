//! What tests share is for tests: no program that is shipped has it in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::env;
use std::process::Command;

use serde_json::Value;

#[test]
fn testkit_is_for_tests_alone() {
    let output = Command::new(env::var_os("CARGO").unwrap())
        .args(["metadata", "--no-deps", "--format-version=1"])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut users = 0;
    for package in metadata["packages"].as_array().unwrap() {
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["name"] == "testkit" {
                users += 1;
                // `xtask` runs the tests and is no program that is shipped.
                assert!(
                    dependency["kind"] == "dev" || package["name"] == "xtask",
                    "{}: testkit belongs below [dev-dependencies]",
                    package["name"]
                );
            }
        }
    }
    assert!(users >= 2, "{users} crates use it");
}
