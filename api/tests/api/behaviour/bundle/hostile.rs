//! Bundles that somebody made to do harm, and broken ones.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use super::{Place, export, import, members};
use crate::support::{PROTOCOL, on_both};

/// A member as it is put into an archive.
struct Member<'a> {
    name: &'a str,
    content: &'a [u8],
    kind: EntryType,
    /// What its header says, if that is not the truth.
    size: Option<u64>,
}

fn file<'a>(name: &'a str, content: &'a [u8]) -> Member<'a> {
    Member {
        name,
        content,
        kind: EntryType::Regular,
        size: None,
    }
}

fn archive(members: &[Member<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for member in members {
        let mut header = Header::new_gnu();
        // `set_path` refuses what a hostile archive holds.
        let name = member.name.as_bytes();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(member.kind);
        header.set_mode(0o644);
        header.set_size(member.size.unwrap_or(member.content.len() as u64));
        header.set_cksum();
        bytes.extend(header.as_bytes());
        bytes.extend(member.content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.extend([0; 1024]);
    bytes
}

fn manifest(members: &[(&str, &[u8])]) -> Value {
    let members: Vec<Value> = members
        .iter()
        .map(|(name, content)| {
            let rows = content.split(|byte| *byte == b'\n').count() - 1;
            json!({"name": name, "rows": rows, "bytes": content.len(), "sha256": format!("{:x}", Sha256::digest(content))})
        })
        .collect();
    json!({"format": "openpai-marketplace-bundle", "version": 1, "kind": "catalogue",
        "created": "2026-01-02T03:04:05.678Z", "madeBy": "2.0.0", "members": members})
}

/// An archive whose manifest fits its members.
fn bundle(members: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = manifest(members).to_string();
    let mut files: Vec<_> = members
        .iter()
        .map(|(name, content)| file(name, content))
        .collect();
    files.push(file("manifest.json", manifest.as_bytes()));
    archive(&files)
}

fn item(fields: Value) -> Value {
    let mut item = json!({"id": "i", "name": "n", "author": "a", "type": "template", "source": "marketplace",
        "isPublic": true, "isPrivate": false, "groupList": [], "dataType": null, "dataUrl": null, "useBlob": false,
        "categories": [], "tags": [], "summary": null, "description": null, "protocol": PROTOCOL, "useNumber": 0,
        "status": "approved", "reviewNote": null, "protocolValid": true, "createdAt": "2026-01-02T03:04:05.678Z",
        "updatedAt": "2026-01-02T03:04:05.678Z"});
    if let (Value::Object(item), Value::Object(fields)) = (&mut item, fields) {
        item.extend(fields);
    }
    item
}

fn lines(rows: &[Value]) -> Vec<u8> {
    rows.iter()
        .flat_map(|row| format!("{row}\n").into_bytes())
        .collect()
}

on_both! {
    async fn each_is_refused_and_nothing_changes(api: Api) {
        let place = Place::new();
        let before = place.bundle();
        export(&api.database, &[&before]).await.unwrap();
        let items = lines(&[item(json!({}))]);
        let whole = bundle(&[("items.jsonl", &items)]);
        let manifest_text = manifest(&[("items.jsonl", &items)]).to_string();
        let text = manifest_text.as_bytes();
        let long = vec![b'x'; 2 * 1024 * 1024];
        let newer = json!({"format": "openpai-marketplace-bundle", "version": 2, "what": ["nobody", "knows"]}).to_string();
        let foreign = json!({"format": "something-else", "version": 1}).to_string();
        let one = |fields: Value| bundle(&[("items.jsonl", &lines(&[item(fields)]))]);
        let mut flipped = whole.clone();
        let at = flipped.windows(5).position(|bytes| bytes == b"smoke").unwrap();
        flipped[at] = b'X';
        let mut broken_header = whole.clone();
        broken_header[0] = b'!';
        let deep = format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000));
        let star = json!({"item": "nobody's", "user": "u", "at": "2026-01-02T03:04:05.678Z"});
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("empty", Vec::new(), "no manifest.json"),
            ("text", b"hello".to_vec(), "no tar archive"),
            ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\0".to_vec(), "gunzip"),
            ("another archive", archive(&[file("README", b"hi")]), "README"),
            ("header damaged", broken_header, "no tar archive"),
            ("changed byte", flipped, "checksum"),
            ("cut short", whole[..700].to_vec(), "ends in the middle of \"items.jsonl\""),
            ("path traversal", archive(&[file("../../etc/passwd", b"x"), file("manifest.json", text)]), "../../etc/passwd"),
            ("absolute path", archive(&[file("/etc/passwd", b"x"), file("manifest.json", text)]), "/etc/passwd"),
            ("twice", archive(&[file("items.jsonl", &items), file("items.jsonl", &items), file("manifest.json", text)]),
                "\"items.jsonl\" twice"),
            ("two manifests", archive(&[file("items.jsonl", &items), file("manifest.json", text), file("manifest.json", text)]),
                "\"manifest.json\" twice"),
            ("symbolic link", archive(&[Member { kind: EntryType::Symlink, ..file("items.jsonl", b"") }, file("manifest.json", text)]),
                "no plain file"),
            ("holes", archive(&[Member { kind: EntryType::GNUSparse, ..file("items.jsonl", &items) }, file("manifest.json", text)]),
                "no plain file"),
            ("long name", archive(&[Member { kind: EntryType::GNULongName, ..file("././@LongLink", &long) }, file("manifest.json", text)]),
                "no plain file"),
            ("pax header", archive(&[Member { kind: EntryType::XGlobalHeader, ..file("pax", b"20 size=99999999999\n") }, file("manifest.json", text)]),
                "no plain file"),
            ("huge manifest", archive(&[file("manifest.json", &long)]), "1048576 are the most"),
            ("huge size", archive(&[Member { size: Some(1 << 32), ..file("items.jsonl", &items) }, file("manifest.json", text)]),
                "ends in the middle"),
            ("largest size", archive(&[Member { size: Some(u64::MAX), ..file("items.jsonl", &items) }]), "no valid bundle"),
            ("many members", archive(&(0..40).map(|_| file("x", b"")).collect::<Vec<_>>()), "more than 32 members"),
            ("newer version", archive(&[file("wonders.jsonl", b"{}\n"), file("manifest.json", newer.as_bytes())]),
                "version 2 of the format"),
            ("foreign manifest", archive(&[file("manifest.json", foreign.as_bytes())]), "its format is not"),
            ("manifest no JSON", archive(&[file("manifest.json", b"{")]), "manifest.json"),
            ("member not named", archive(&[file("items.jsonl", &items), file("tags.jsonl", b""), file("manifest.json", text)]),
                "names 1 members, and 2 are there"),
            ("member missing", archive(&[file("manifest.json", text)]), "names 1 members, and 0 are there"),
            ("templates inside", bundle(&[("templates.jsonl", b"")]), "does not belong"),
            ("no JSON", bundle(&[("items.jsonl", b"{\n")]), "items.jsonl, line 1"),
            ("deep JSON", bundle(&[("items.jsonl", deep.as_bytes())]), "items.jsonl, line 1"),
            ("no end", bundle(&[("items.jsonl", b"{}")]), "line 1: it has no end"),
            ("long line", bundle(&[("items.jsonl", &vec![b' '; 17 * 1024 * 1024])]), "line 1: it is longer than 16 MiB"),
            ("unknown field", one(json!({"isAdmin": true})), "unknown field `isAdmin`"),
            ("unknown word", one(json!({"status": "great"})), "great"),
            ("no time", one(json!({"createdAt": "yesterday"})), "line 1"),
            ("NUL", one(json!({"description": "a\0b"})), "`description` holds the character U+0000"),
            ("long name", one(json!({"name": "n".repeat(256)})), "`name` is longer than 255 characters"),
            ("long id", one(json!({"id": "n".repeat(2_000)})), "`id` is longer"),
            ("many tags", one(json!({"tags": vec!["t"; 1_001]})), "`tags` has more than 1000 entries"),
            ("negative", one(json!({"useNumber": -1})), "`useNumber` is negative"),
            ("public and private", one(json!({"isPrivate": true})), "both true"),
            ("unknown category", one(json!({"categories": ["nowhere"]})), "no category `nowhere`"),
            ("same id twice", bundle(&[("items.jsonl", &lines(&[item(json!({})), item(json!({}))]))]), "line 2: it comes out of order, or twice"),
            ("tag without a name", bundle(&[("tags.jsonl", &lines(&[json!({"name": "", "id": "t", "color": null, "description": null,
                "extras": null, "explicit": true, "createdAt": "2026-01-02T03:04:05.678Z", "updatedAt": "2026-01-02T03:04:05.678Z"})]))]),
                "`name` is empty"),
        ];
        for (what, bytes, part) in cases {
            let path = place.bundle();
            fs::write(&path, bytes).unwrap();
            for args in [&["--dry-run", &path][..], &[&path]] {
                let error = import(&api.database, args).await.unwrap_err();
                assert!(error.contains(part), "{what}: {error}");
                assert!(error.len() < 1_000, "{what}");
            }
        }
        let after = place.bundle();
        export(&api.database, &[&after]).await.unwrap();
        assert_eq!(members(before.as_ref()), members(after.as_ref()));

        // What is right is imported; a star without an item stays outside.
        let path = place.bundle();
        fs::write(&path, bundle(&[("items.jsonl", &items), ("stars.jsonl", &lines(&[star]))])).unwrap();
        let report = import(&api.database, &[&path]).await.unwrap();
        assert!(report.contains("items"), "{report}");
        let item: Value = api.get("bob", "/items/i").await.json();
        assert_eq!((&item["name"], &item["starNumber"]), (&json!("n"), &json!(0)));
    }
}
