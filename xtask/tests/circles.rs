//! Modules of a crate import downwards only: two files that need each other are one
//! room in two, and nobody can read or change either alone. Who names a module's child
//! needs that module too. What a module has in common with its children is its own affair
//! and does not count.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Module = Vec<String>;
type Imports = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn no_modules_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for krate in [
        "api",
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
        let circle = circle(&imports).map(|circle| {
            let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            names.join(" → ")
        });
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
    let modules: BTreeMap<Module, String> = files
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(source).unwrap().with_extension("");
            let module = name
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            (module, fs::read_to_string(&file).unwrap())
        })
        // Crates' roots name all modules, and tests may use anything.
        .filter(|(module, _): &(Module, _)| {
            let name = module.last().map_or("", String::as_str);
            !matches!(name, "lib" | "main" | "tests") || module.len() > 1 && name != "tests"
        })
        .collect();
    let imports = modules.iter().map(|(module, text)| {
        // Whoever names a module's child needs the module: it declares the child.
        let imported = paths(text)
            .into_iter()
            .filter_map(|path| absolute(module, &path))
            .flat_map(|path| (1..=path.len()).map(move |end| path[..end].to_vec()))
            .filter(|path| modules.contains_key(path));
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

/// A walk along imports that ends where it begins.
fn circle(imports: &Imports) -> Option<Vec<Module>> {
    let mut done = BTreeSet::new();
    imports
        .keys()
        .find_map(|module| follow(module, imports, &mut Vec::new(), &mut done))
}

fn follow(
    module: &Module,
    imports: &Imports,
    passed: &mut Vec<Module>,
    done: &mut BTreeSet<Module>,
) -> Option<Vec<Module>> {
    if let Some(start) = passed.iter().position(|other| other == module) {
        return Some([&passed[start..], std::slice::from_ref(module)].concat());
    }
    if done.contains(module) {
        return None;
    }
    passed.push(module.clone());
    let found = imports[module]
        .iter()
        .find_map(|next| follow(next, imports, passed, done));
    passed.pop();
    done.insert(module.clone());
    found
}

#[test]
fn circles_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    write("lib.rs", "mod a; mod b; mod c;");
    write("a.rs", "mod inner;\nuse crate::{b::{self, B}, c};");
    write("a/inner.rs", "use super::A; // use crate::c::D;");
    write("b.rs", "fn f() -> crate::c::C {}");
    write(
        "c.rs",
        "struct C;\n#[cfg(test)]\nmod tests { use crate::a::A; }",
    );
    assert_eq!(circle(&imports_of(folder.path())), None);
    write("c.rs", "use super::a::\n    inner::X;");
    let found = circle(&imports_of(folder.path()));
    assert!(found.is_some(), "a names c, and c a child of a");
    write("a.rs", "mod inner;");
    assert_eq!(circle(&imports_of(folder.path())), None);
    write("a/inner.rs", "use crate::b::B;");
    let found = circle(&imports_of(folder.path())).unwrap();
    assert_eq!(found.first(), found.last());
    assert_eq!(found.len(), 4);
}
