//! Protocols of items as files.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use shared::javascript::lowercase;
use shared::wire::Item;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::run::Run;
use crate::text::{file_name, name_or_untitled};

/// Brings the protocols of the items, one file each, in an archive if they are several.
pub(super) fn export(run: Run, items: Vec<Item>) {
    let files = Rc::new(RefCell::new(Vec::<(String, String)>::new()));
    let found = files.clone();
    run.start_then(
        items,
        move |client, item| {
            let files = found.clone();
            Box::pin(async move {
                let (item, _) = client.item(&item.id).await?;
                let name = name_or_untitled(item.name.as_deref());
                let protocol = item.protocol.unwrap_or_default();
                files.borrow_mut().push((name, protocol));
                Ok(())
            })
        },
        move || match &named(files.take())[..] {
            [] => {}
            [(name, text)] => save(name, text.as_bytes(), "application/yaml"),
            several => save("protocols.zip", &zip(several), "application/zip"),
        },
    );
}

/// Gives each file a name of its own.
fn named(files: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    for (name, text) in files {
        let is_taken = |wanted: &str| {
            named
                .iter()
                .any(|(taken, _)| lowercase(taken) == lowercase(wanted))
        };
        let mut wanted = file_name(&name, "yaml");
        let mut number = 1;
        while is_taken(&wanted) {
            number += 1;
            wanted = file_name(&format!("{name}-{number}"), "yaml");
        }
        named.push((wanted, text));
    }
    named
}

fn save(name: &str, bytes: &[u8], kind: &str) {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options);
    let address = blob.and_then(|blob| Url::create_object_url_with_blob(&blob));
    let link = document().create_element("a");
    if let (Ok(address), Ok(link)) = (address, link) {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        let _ = Url::revoke_object_url(&address);
    }
}

/// An archive of files as they are (PKWARE's APPNOTE 6.3.9: sections 4.3.7, 4.3.12 and
/// 4.3.16), names in UTF-8. Protocols are small: there is nothing to be gained by
/// compression.
fn zip(files: &[(String, String)]) -> Vec<u8> {
    // 1980-01-01, the first day that there is: an export has no date worth keeping.
    const DAY: u32 = 0x0021_0000;
    const VERSION: u16 = 20;
    const UTF8: u16 = 1 << 11;

    let mut archive = Vec::new();
    let mut directory = Vec::new();
    let mut number: u16 = 0;
    for (name, text) in files {
        let (Ok(offset), Ok(size), Ok(length)) = (
            u32::try_from(archive.len()),
            u32::try_from(text.len()),
            u16::try_from(name.len()),
        ) else {
            continue;
        };
        number = number.saturating_add(1);
        let mut about = Vec::new();
        for word in [VERSION, UTF8, 0] {
            about.extend(word.to_le_bytes());
        }
        for word in [DAY, crc32(text.as_bytes()), size, size] {
            about.extend(word.to_le_bytes());
        }
        about.extend(length.to_le_bytes());
        about.extend(0_u16.to_le_bytes());

        archive.extend(b"PK\x03\x04");
        archive.extend(&about);
        archive.extend(name.as_bytes());
        archive.extend(text.as_bytes());

        directory.extend(b"PK\x01\x02");
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&about);
        // Neither a comment, nor a disk, nor attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (Ok(start), Ok(size)) = (u32::try_from(archive.len()), u32::try_from(directory.len()))
    else {
        return archive;
    };
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(number.to_le_bytes());
    archive.extend(number.to_le_bytes());
    archive.extend(size.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn every_file_has_a_name_of_its_own() {
        let files = |names: &[&str]| {
            let files = names.iter().map(|name| ((*name).to_owned(), String::new()));
            let named = named(files.collect()).into_iter();
            named.map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(
            files(&["a", "A", "b", "a"]),
            ["a.yaml", "A-2.yaml", "b.yaml", "a-3.yaml"]
        );
    }

    #[wasm_bindgen_test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
