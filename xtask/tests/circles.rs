//! Modules of a crate import downwards only: two files that need each other are one
//! room in two, and nobody can read or change either alone.
//!
//! A module and all below it are one room. What is compared is rooms that have the same
//! parent, at every level of the tree: `a` and `b` need each other if anything in `a` names
//! anything in `b`, and the other way round. What a module has in common with its children
//! is its own affair and does not count. A name that a module hands on (`pub use`) is where
//! it was made; what is defined in a module with children, a crate's root above all, is
//! theirs in common, so roots only declare and hand on where that can be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Module = Vec<String>;
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// For each room the rooms beside it that it needs, each with an import that says so.
type Rooms = BTreeMap<Module, BTreeMap<Module, (Module, Module)>>;

#[test]
fn no_modules_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for krate in [
        "api",
        "client",
        "fake-openpai",
        "legacy",
        "plugin",
        "shared",
        "store",
        "testkit",
        "xtask",
    ] {
        let imports = imports_of(&root.join(krate).join("src"));
        // Only a crate of a few modules may do without any import.
        let is_small = imports.len() < 5;
        assert!(
            is_small || imports.values().any(|of| !of.is_empty()),
            "{krate}"
        );
        let circle = circle(&imports).map(|circle| circle.join(", "));
        assert_eq!(
            circle, None,
            "{krate}: take what both need into a module below them"
        );
    }
}

/// What each module of a crate imports of the others.
fn imports_of(source: &Path) -> Imports {
    let mut files = Vec::new();
    collect(source, &mut files);
    let all: BTreeMap<Module, String> = files
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(source).unwrap().with_extension("");
            let module = name
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            (module, fs::read_to_string(&file).unwrap())
        })
        .collect();
    let root = [vec!["lib".to_owned()], vec!["main".to_owned()]];
    let root = root.iter().find_map(|root| all.get(root));
    // Crates' roots name all modules, and tests may use anything.
    let is_room = |(module, _): &(&Module, &String)| {
        let name = module.last().map_or("", String::as_str);
        !matches!(name, "lib" | "main" | "tests") || module.len() > 1 && name != "tests"
    };
    let modules: BTreeMap<&Module, &String> = all.iter().filter(is_room).collect();
    let handed_on: BTreeMap<Module, BTreeMap<String, Module>> = modules
        .iter()
        .map(|(module, text)| ((*module).clone(), *text))
        .chain(root.map(|text| (Vec::new(), text)))
        .map(|(module, text)| {
            let names = used(text).into_iter().filter_map(|path| {
                let name = path.last()?.clone();
                Some((name, absolute(&module, &path)?))
            });
            let names = names.collect();
            (module, names)
        })
        .collect();
    // What is behind a module is in it, but for what it has from another one.
    let module_of = |mut path: Module| {
        // A chain of modules that hand on is as long as there are modules.
        for _ in 0..modules.len() {
            let ends = (1..=path.len()).rev();
            let found = ends
                .map(|end| path[..end].to_vec())
                .find(|path| modules.contains_key(path));
            let module = found.clone().unwrap_or_default();
            let name = path.get(module.len());
            match name.and_then(|name| handed_on.get(&module)?.get(name)) {
                Some(from) if *from != path => path.clone_from(from),
                _ => return found,
            }
        }
        None
    };
    let imports = modules.iter().map(|(&module, text)| {
        let imported = paths(text)
            .into_iter()
            .filter_map(|path| absolute(module, &path))
            .filter_map(module_of);
        let is_other = |other: &Module| !other.starts_with(module) && !module.starts_with(other);
        (module.clone(), imported.filter(is_other).collect())
    });
    imports.collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The paths in a file that begin with `crate`, `self` or `super`, groups spread out.
fn paths(text: &str) -> Vec<Module> {
    let mut tokens = tokens(text).into_iter().peekable();
    let (mut paths, mut before) = (Vec::new(), String::new());
    while let Some(token) = tokens.next() {
        if matches!(&*token, "crate" | "self" | "super") && before != "::" {
            spread(vec![token.clone()], &mut tokens, &mut paths);
        }
        before = token;
    }
    paths
}

/// The paths that a file's `use` names, from itself unless they say otherwise.
fn used(text: &str) -> Vec<Module> {
    let mut tokens = tokens(text).into_iter().peekable();
    let mut paths = Vec::new();
    while let Some(token) = tokens.next() {
        if token == "use"
            && let Some(first) = tokens.next()
        {
            spread(vec![first], &mut tokens, &mut paths);
        }
    }
    paths
}

fn spread(
    mut path: Module,
    tokens: &mut std::iter::Peekable<std::vec::IntoIter<String>>,
    paths: &mut Vec<Module>,
) {
    while tokens.next_if(|token| token == "::").is_some() {
        match tokens.next() {
            Some(token) if token == "{" => {
                while let Some(token) = tokens.next() {
                    match &*token {
                        "}" => return,
                        "," | "as" => {}
                        _ => spread([&path[..], &[token]].concat(), tokens, paths),
                    }
                }
            }
            Some(token) => path.push(token),
            None => {}
        }
    }
    paths.push(path);
}

/// Words, `::`, braces and commas of a file, without comments and its tests.
fn tokens(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut tokens: Vec<String> = Vec::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default();
        let mut word = String::new();
        for (index, character) in code.char_indices() {
            if character.is_alphanumeric() || character == '_' {
                word.push(character);
                continue;
            }
            if !word.is_empty() {
                tokens.push(std::mem::take(&mut word));
            }
            match character {
                ':' if code[index..].starts_with("::") => tokens.push("::".to_owned()),
                ':' if code[..index].ends_with(':') => {}
                ' ' => {}
                other => tokens.push(other.to_string()),
            }
        }
        if !word.is_empty() {
            tokens.push(word);
        }
    }
    tokens
}

/// The path from the crate's root.
fn absolute(module: &Module, path: &[String]) -> Option<Module> {
    let mut base = match path[0].as_str() {
        "crate" => Vec::new(),
        _ => module.clone(),
    };
    let mut rest = path;
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "super" => {
                base.pop()?;
            }
            "crate" | "self" => {}
            _ => break,
        }
        rest = others;
    }
    base.extend_from_slice(rest);
    Some(base)
}

/// What rooms need of those beside them.
fn rooms(imports: &Imports) -> Rooms {
    let mut rooms = Rooms::new();
    for (module, others) in imports {
        for other in others {
            let pairs = std::iter::zip(module, other);
            let common = pairs.take_while(|(one, other)| one == other).count();
            let beside = rooms.entry(module[..=common].to_vec()).or_default();
            beside
                .entry(other[..=common].to_vec())
                .or_insert_with(|| (module.clone(), other.clone()));
        }
    }
    rooms
}

/// A walk from room to room that ends where it begins, as its imports: "a::x names b::y".
fn circle(imports: &Imports) -> Option<Vec<String>> {
    let rooms = rooms(imports);
    let mut done = BTreeSet::new();
    let circle = rooms
        .keys()
        .find_map(|room| follow(room, &rooms, &mut Vec::new(), &mut done))?;
    let steps = std::iter::zip(&circle, &circle[1..]);
    let said = steps.map(|(from, to)| {
        let (module, other) = &rooms[from][to];
        format!("{} names {}", module.join("::"), other.join("::"))
    });
    Some(said.collect())
}

fn follow(
    room: &Module,
    rooms: &Rooms,
    passed: &mut Vec<Module>,
    done: &mut BTreeSet<Module>,
) -> Option<Vec<Module>> {
    if let Some(start) = passed.iter().position(|other| other == room) {
        return Some([&passed[start..], std::slice::from_ref(room)].concat());
    }
    if done.contains(room) {
        return None;
    }
    passed.push(room.clone());
    let found = rooms
        .get(room)
        .into_iter()
        .flat_map(BTreeMap::keys)
        .find_map(|next| follow(next, rooms, passed, done));
    passed.pop();
    done.insert(room.clone());
    found
}

/// The circle that files have, if they have one.
fn circle_of(files: &[(&str, &str)]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    circle(&imports_of(folder.path()))
}

#[test]
fn circles_are_found() {
    let below = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "mod inner;\nuse crate::{b::{self, B}, c};"),
        ("a/inner.rs", "use super::A; // use crate::c::D;"),
        ("b.rs", "fn f() -> crate::c::C {}"),
    ];
    let with = |more: &[(&'static str, &'static str)]| circle_of(&[&below[..], more].concat());
    let tested = "struct C;\n#[cfg(test)]\nmod tests { use crate::a::A; }";
    assert_eq!(with(&[("c.rs", tested)]), None);
    assert_eq!(
        with(&[("c.rs", "use super::a::\n    inner::X;")]).unwrap(),
        ["a names b", "b names c", "c names a::inner"]
    );
    // The way back may begin in a child as well.
    assert_eq!(
        with(&[
            ("a.rs", "mod inner;"),
            ("a/inner.rs", "use crate::b::B;"),
            ("c.rs", "use super::a::A;"),
        ])
        .unwrap(),
        ["a::inner names b", "b names c", "c names a"]
    );
}

#[test]
fn names_that_are_handed_on_are_where_they_were_made() {
    let files = |top: &'static str, bottom: &'static str| {
        circle_of(&[
            ("lib.rs", "mod a; mod b; pub use a::inner::{X as Y, Z};"),
            ("a.rs", "pub mod inner; pub use inner::X;"),
            ("a/inner.rs", bottom),
            ("b.rs", top),
        ])
    };
    let needs_b = "use crate::b::B; struct X;";
    let circle = Some(vec![
        "a::inner names b".to_owned(),
        "b names a::inner".to_owned(),
    ]);
    for top in ["use crate::Y;", "fn f() -> super::Z {}", "use crate::a::X;"] {
        assert_eq!(files(top, needs_b), circle, "{top}");
        assert_eq!(files(top, "struct X;"), None, "{top}");
    }
    // What the root defines has no room of its own.
    assert_eq!(files("use crate::Other;", needs_b), None);
}

#[test]
fn circles_by_way_of_children_are_found() {
    // No file is on a circle of files, and the two cannot be told apart.
    assert_eq!(
        circle_of(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "mod e; use crate::b::c::C;"),
            ("a/e.rs", "struct E;"),
            ("b.rs", "mod c; mod d;"),
            ("b/c.rs", "struct C;"),
            ("b/d.rs", "use crate::a::e::E;"),
        ])
        .unwrap(),
        ["a names b::c", "b::d names a::e"]
    );
    // The same among the children of one module, whatever is above it.
    let deep = [
        ("lib.rs", "mod top;"),
        ("top.rs", "mod a; mod b; use self::a::x::X;"),
        ("top/a.rs", "mod x; mod y;"),
        ("top/a/x.rs", "use crate::top::b::B;"),
        ("top/b.rs", "mod z; struct B;"),
    ];
    let back = ("top/b/z.rs", "use super::super::a::y::Y;");
    let forth = ("top/a/y.rs", "struct Y;");
    assert_eq!(
        circle_of(&[&deep[..], &[back, forth]].concat()).unwrap(),
        ["top::a::x names top::b", "top::b::z names top::a::y"]
    );
    assert_eq!(circle_of(&[&deep[..], &[forth]].concat()), None);
}

#[test]
fn a_module_and_its_children_may_know_each_other() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod b; mod c; use self::{b::B, c::C}; struct A;"),
        ("a/b.rs", "use super::{A, c::C};"),
        ("a/c.rs", "use crate::a::A;"),
    ];
    assert_eq!(circle_of(&files), None);
}
