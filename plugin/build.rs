//! Makes the functions of the message catalogue, and keeps what a build in chunks has
//! to know of the linked wasm.

#[path = "messages/catalogue.rs"]
mod catalogue;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use catalogue::{Catalogue, ENGLISH, Message};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=messages");
    if env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        println!("cargo:rustc-link-arg-cdylib=--emit-relocs");
    }
    let languages =
        catalogue::read(Path::new("messages")).unwrap_or_else(|error| panic!("messages: {error}"));
    let file = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("messages.rs");
    fs::write(file, functions(&languages[ENGLISH])).expect("cargo's folder can be written");
}

/// A module for each room, with a function for each message.
fn functions(english: &Catalogue) -> String {
    let mut code = String::new();
    let mut index = 0;
    for (room, messages) in catalogue::parts(english).concat() {
        let _ = writeln!(code, "pub(crate) mod {room} {{");
        for (key, message) in messages {
            let placeholders = message.placeholders();
            let parameter = |name: &String| {
                if name == "count" {
                    "count: usize".to_owned()
                } else {
                    format!("{name}: &str")
                }
            };
            let parameters: Vec<_> = placeholders.iter().map(parameter).collect();
            let others: Vec<_> = placeholders
                .iter()
                .filter(|name| *name != "count")
                .map(|name| format!("({name:?}, {name})"))
                .collect();
            let (parameters, others) = (parameters.join(", "), others.join(", "));
            for text in message.texts() {
                let _ = writeln!(code, "/// {}", text.replace(['\n', '`'], " "));
            }
            let _ = match message {
                Message::Text(text) if placeholders.is_empty() => {
                    writeln!(
                        code,
                        "pub(crate) fn {key}() -> &'static str {{ super::text({index}, {text:?}) }}"
                    )
                }
                Message::Text(text) => {
                    let values = if placeholders.contains(&"count".to_owned()) {
                        format!("(\"count\", &super::number(count)), {others}")
                    } else {
                        others
                    };
                    writeln!(
                        code,
                        "pub(crate) fn {key}({parameters}) -> String {{ super::fill(super::text({index}, {text:?}), &[{values}]) }}"
                    )
                }
                Message::Plural(forms) => {
                    let forms: Vec<_> = forms.iter().map(|form| format!("{form:?}")).collect();
                    writeln!(
                        code,
                        "pub(crate) fn {key}({parameters}) -> String {{ super::plural({index}, &[{}], count, &[{others}]) }}",
                        forms.join(", ")
                    )
                }
            };
            index += 1;
        }
        code.push_str("}\n");
    }
    code
}
