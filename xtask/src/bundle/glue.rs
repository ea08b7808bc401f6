//! Makes what wasm-bindgen wrote for the app smaller, in ways that neither wasm-opt nor
//! terser can know to be right.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

/// How many hexadecimal digits the hashes in wasm-bindgen's names have.
const DIGITS: usize = 16;

/// How the classes of the crate wasm-streams begin. Leptos brings it along for calls of
/// server functions, which the plugin does not make.
const STREAMS: &str = "IntoUnderlying";

/// The exports behind these classes, as a pattern of wasm-opt's.
pub(super) const STREAM_EXPORTS: &str = "*intounderlying*";

/// The glue without the classes of wasm-streams.
///
/// # Errors
/// When something else refers to them.
pub(super) fn without_streams(glue: &str) -> Result<String> {
    let mut text = glue.to_owned();
    // Class and registry of each, by how they begin and how their last line does.
    for (from, to) in [("class ", "exports."), ("const ", ": new Finalization")] {
        let first = format!("    {from}{STREAMS}");
        while let Some(start) = text.find(&format!("\n{first}")).map(|before| before + 1) {
            let mut length = 0;
            for line in text[start..].split_inclusive('\n') {
                length += line.len();
                if line.trim_start().starts_with(to) {
                    break;
                }
            }
            text.replace_range(start..start + length, "");
        }
    }
    ensure!(
        !text.contains(STREAMS),
        "wasm-bindgen's glue uses the classes of wasm-streams in another way now"
    );
    Ok(text)
}

/// Numbers in place of the hashes in the names that the glue and its wasm share: hashes
/// are what cannot be compressed. The length of names stays, and so does what a module's
/// sections say of it.
pub(super) fn numbered(glue: &str, wasm: &[u8]) -> (String, Vec<u8>) {
    let (mut text, mut wasm) = (glue.to_owned(), wasm.to_vec());
    let mut known = BTreeMap::new();
    for name in names(glue) {
        let stem = &name[..name.len() - DIGITS];
        let number: &mut usize = known.entry(stem).or_default();
        let new = format!("{stem}{number:0DIGITS$}");
        *number += 1;
        text = text.replace(name, &new);
        replace(&mut wasm, name.as_bytes(), new.as_bytes());
    }
    (text, wasm)
}

/// The names with a hash, up to its end.
fn names(glue: &str) -> BTreeSet<&str> {
    let words = glue.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    let hashed =
        words.filter(|word| word.starts_with("__wbg_") || word.starts_with("wasm_bindgen__"));
    hashed
        .filter_map(|word| {
            let is_hash = |start: &usize| {
                let hash = word.as_bytes().get(*start..start + DIGITS);
                hash.is_some_and(|hash| hash.iter().all(u8::is_ascii_hexdigit))
                    && matches!(word.as_bytes()[start - 1], b'_' | b'h')
            };
            let start = (1..word.len()).rev().find(is_hash)?;
            Some(&word[..start + DIGITS])
        })
        .collect()
}

/// Puts bytes in place of others of the same number.
fn replace(content: &mut [u8], from: &[u8], to: &[u8]) {
    let mut start = 0;
    while start + from.len() <= content.len() {
        if content[start..].starts_with(from) {
            content[start..start + to.len()].copy_from_slice(to);
            start += to.len();
        } else {
            start += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_become_numbers_in_glue_and_wasm() {
        let glue = "__wbg_get_0123456789abcdef: 1, __wbg_get_fedcba9876543210: 2,\n\
            wasm.wasm_bindgen__invoke__h0123456789abcdef_14(a), mount_0123456789abcdef, __wbg_free";
        let wasm = b"\x1a__wbg_get_fedcba9876543210\0\x1a__wbg_get_0123456789abcdef\0\
            wasm_bindgen__invoke__h0123456789abcdef_14 mount_0123456789abcdef";
        let (glue, wasm) = numbered(glue, wasm);
        assert_eq!(
            glue,
            "__wbg_get_0000000000000000: 1, __wbg_get_0000000000000001: 2,\n\
            wasm.wasm_bindgen__invoke__h0000000000000000_14(a), mount_0123456789abcdef, __wbg_free"
        );
        assert_eq!(
            wasm,
            b"\x1a__wbg_get_0000000000000001\0\x1a__wbg_get_0000000000000000\0\
            wasm_bindgen__invoke__h0000000000000000_14 mount_0123456789abcdef"
        );
    }

    const GLUE: &str = "(function(exports) {\n    class IntoUnderlyingSink {\n        free() {\n        }\n    }\n    \
        if (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = 1;\n    \
        exports.IntoUnderlyingSink = IntoUnderlyingSink;\n\n    class Mounted {\n    }\n    \
        exports.Mounted = Mounted;\n    \
        const IntoUnderlyingSinkFinalization = (typeof FinalizationRegistry === 'undefined')\n        \
        ? { register: () => {} }\n        : new FinalizationRegistry(ptr => free(ptr));\n})\n";

    #[test]
    fn classes_of_streams_are_left_out() {
        assert_eq!(
            without_streams(GLUE).unwrap(),
            "(function(exports) {\n\n    class Mounted {\n    }\n    exports.Mounted = Mounted;\n})\n"
        );
        assert_eq!(without_streams("let a;\n").unwrap(), "let a;\n");
        assert!(without_streams(&format!("{GLUE}new IntoUnderlyingSink();\n")).is_err());
    }
}
