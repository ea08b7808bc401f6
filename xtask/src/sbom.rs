//! `cargo xtask sbom`: what is inside of each image, for its scanners and its
//! lawyers. A bill of materials (CycloneDX 1.6) and the texts of all licences,
//! both made of what cargo knows of the crates that are linked in; no clock and
//! no folder of this machine is in them, so that the same lock file gives the
//! same files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::workspace::{PLUGIN_PACKAGE, SERVER_PACKAGE, Workspace};

/// Where the files are put, below cargo's build folder: a folder for each image.
const FOLDER: &str = "sbom";

/// The licences of what Rust's standard library is made of, as Rust tells them.
const STD_NOTICES: &str = "RUST-LIBRARY-LICENSES.html";

/// What a file with the text of a licence, or with what it asks to hand on, is
/// called.
const LICENCE_FILES: [&str; 6] = [
    "license",
    "licence",
    "copying",
    "notice",
    "unlicense",
    "copyright",
];

/// Endings of files that are called so and are none.
const CODE: [&str; 8] = ["c", "h", "js", "json", "py", "rs", "toml", "yml"];

/// How deep in a crate such files are looked for: C sources that came along have
/// their own.
const DEPTH: usize = 3;

/// The wasm that browsers get.
const WASM: &str = "wasm32-unknown-unknown";

/// An image and what is built for it: packages, each with its target, where that is
/// not the server's.
struct Image {
    name: &'static str,
    description: &'static str,
    roots: &'static [(&'static str, Option<&'static str>)],
}

const IMAGES: [Image; 2] = [
    Image {
        name: "restserver",
        description: "The REST API of OpenPAI Marketplace",
        roots: &[(SERVER_PACKAGE, None)],
    },
    // One program has both servers.
    Image {
        name: "webportal",
        description: "The plugin of OpenPAI Marketplace and its file server",
        roots: &[(SERVER_PACKAGE, None), (PLUGIN_PACKAGE, Some(WASM))],
    },
];

/// Writes `NAME.cdx.json` and the texts of the licences for each image
/// and answers the folder that holds the images' folders.
///
/// # Errors
/// When cargo does not know the dependencies, or a crate has no licence.
pub(crate) fn write(workspace: &Workspace) -> Result<PathBuf> {
    let metadata = output(workspace.cargo(["metadata", "--locked", "--format-version=1"]))?;
    let packages = packages(&serde_json::from_str(&metadata)?)?;
    let checksums = checksums(&fs::read_to_string(workspace.root.join("Cargo.lock"))?);
    let compiler = Compiler::ask()?;
    let own_licence = workspace.root.join("LICENSE");
    let folder = workspace.target.join(FOLDER);
    for image in IMAGES {
        let mut graph = Graph::default();
        for (package, target) in image.roots {
            let target = target.unwrap_or(&compiler.host);
            let mut tree = workspace.cargo([
                "tree",
                "--locked",
                "--charset=ascii",
                "--edges=normal,no-proc-macro",
                "--prefix=depth",
                "--format=|{p}",
            ]);
            tree.args(["--package", package, "--target", target]);
            graph.add(&output(tree)?)?;
        }
        let known: BTreeMap<_, _> = graph
            .0
            .keys()
            .map(|id| {
                let package = packages.get(id);
                Ok((
                    id,
                    package.with_context(|| format!("{id:?} is no package"))?,
                ))
            })
            .collect::<Result<_>>()?;
        let place = folder.join(image.name);
        fs::create_dir_all(&place)?;
        let bill = bill(&image, &graph, &known, &checksums, &compiler)?;
        let text = serde_json::to_string_pretty(&bill)? + "\n";
        fs::write(place.join(format!("{}.cdx.json", image.name)), text)?;
        let notices = notices(&image, &known, &compiler)?;
        fs::write(place.join("THIRD-PARTY-LICENSES.txt"), notices)?;
        fs::copy(&own_licence, place.join("LICENSE"))?;
        let of_std = compiler.documents.join("COPYRIGHT-library.html");
        fs::copy(&of_std, place.join(STD_NOTICES))
            .with_context(|| format!("Rust's own {} is not there", of_std.display()))?;
    }
    Ok(folder)
}

fn output(mut command: Command) -> Result<String> {
    let output = command.output().context("cannot start a tool of Rust")?;
    ensure!(
        output.status.success(),
        "{command:?} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).context("a tool of Rust writes no UTF-8")
}

/// The compiler, whose standard library is in every program.
struct Compiler {
    host: String,
    version: String,
    /// The folder with its documents, licences among them.
    documents: PathBuf,
}

impl Compiler {
    fn ask() -> Result<Self> {
        let rustc = |arguments: &[&str]| {
            let mut command = Command::new("rustc");
            command.args(arguments);
            output(command)
        };
        let said = rustc(&["-vV"])?;
        let field = |name: &str| {
            said.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(|value| value.trim().to_owned())
                .with_context(|| format!("rustc -vV says no `{name}`"))
        };
        let sysroot = rustc(&["--print", "sysroot"])?;
        Ok(Self {
            host: field("host:")?,
            version: field("release:")?,
            documents: Path::new(sysroot.trim()).join("share/doc/rust"),
        })
    }
}

/// Name and version: cargo has no two packages with both the same here.
type Id = (String, String);

struct Package {
    folder: PathBuf,
    is_ours: bool,
    licence: Option<String>,
    licence_file: Option<String>,
    description: Option<String>,
    repository: Option<String>,
    authors: Vec<String>,
}

impl Package {
    /// The licences as SPDX writes them; `/` is how it was written before.
    fn expression(&self) -> Option<String> {
        self.licence.as_ref().map(|text| {
            text.split('/')
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(" OR ")
        })
    }
}

fn packages(metadata: &Value) -> Result<BTreeMap<Id, Package>> {
    let all = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?;
    all.iter()
        .map(|package| {
            let text = |key: &str| package[key].as_str().map(|text| text.trim().to_owned());
            let name = text("name").context("a package has no name")?;
            let version = text("version").context("a package has no version")?;
            let manifest = text("manifest_path").context("a package has no manifest")?;
            let folder = Path::new(&manifest)
                .parent()
                .context("a manifest has no folder")?;
            let authors = package["authors"].as_array().into_iter().flatten();
            let found = Package {
                folder: folder.to_path_buf(),
                is_ours: package["source"].is_null(),
                licence: text("license"),
                licence_file: text("license_file"),
                description: text("description"),
                repository: text("repository"),
                authors: authors
                    .filter_map(|who| who.as_str().map(str::to_owned))
                    .collect(),
            };
            Ok(((name, version), found))
        })
        .collect()
}

/// Who is linked into what.
#[derive(Default)]
struct Graph(BTreeMap<Id, BTreeSet<Id>>);

impl Graph {
    /// Adds what `cargo tree` prints: a line a package, its depth first. What a
    /// package needs is below its first line only.
    fn add(&mut self, tree: &str) -> Result<()> {
        let mut above: Vec<Id> = Vec::new();
        for line in tree.lines() {
            let (depth, rest) = line
                .split_once('|')
                .context("cargo tree prints otherwise")?;
            let depth: usize = depth.parse().context("cargo tree prints no depth")?;
            let mut words = rest.split(' ');
            let (name, version) = (words.next(), words.next());
            let version = version.and_then(|version| version.strip_prefix('v'));
            let (Some(name), Some(version)) = (name, version) else {
                bail!("cargo tree prints no package: {line}");
            };
            let id = (name.to_owned(), version.to_owned());
            self.0.entry(id.clone()).or_default();
            above.truncate(depth);
            if let Some(parent) = above.last() {
                self.0.entry(parent.clone()).or_default().insert(id.clone());
            }
            above.push(id);
        }
        Ok(())
    }
}

/// The SHA-256 of what came from a registry.
fn checksums(lock: &str) -> BTreeMap<Id, String> {
    lock.split("[[package]]")
        .filter_map(|package| {
            let value = |key: &str| {
                let start = format!("{key} = \"");
                let line = package.lines().find_map(|line| line.strip_prefix(&start))?;
                Some(line.strip_suffix('"')?.to_owned())
            };
            Some(((value("name")?, value("version")?), value("checksum")?))
        })
        .collect()
}

fn reference((name, version): &Id) -> String {
    format!("pkg:cargo/{name}@{version}")
}

fn bill(
    image: &Image,
    graph: &Graph,
    known: &BTreeMap<&Id, &Package>,
    checksums: &BTreeMap<Id, String>,
    compiler: &Compiler,
) -> Result<Value> {
    let std = format!("pkg:generic/rust-std@{}", compiler.version);
    let mut components = vec![json!({
        "type": "library",
        "bom-ref": std,
        "name": "rust-std",
        "version": compiler.version,
        "description": "Rust's standard library",
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "purl": std,
    })];
    for (id, package) in known {
        let licence = match (package.expression(), &package.licence_file) {
            (Some(expression), _) => json!({ "expression": expression }),
            (None, Some(file)) => json!({ "license": { "name": format!("see {file}") } }),
            (None, None) => bail!("{} {} has no licence", id.0, id.1),
        };
        let purl = reference(id);
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": id.0,
            "version": id.1,
            "licenses": [licence],
            "purl": purl,
        });
        if let Some(description) = &package.description {
            component["description"] = one_line(description).into();
        }
        if let Some(checksum) = checksums.get(*id) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        if let Some(url) = &package.repository {
            component["externalReferences"] = json!([{ "type": "vcs", "url": url }]);
        }
        components.push(component);
    }
    let root = format!("marketplace-{}", image.name);
    let ours = |package: &str| {
        let id = graph.0.keys().find(|(name, _)| name == package);
        id.with_context(|| format!("cargo tree does not print {package}"))
    };
    let mut needs = vec![json!(std)];
    let mut version = "";
    for (package, _) in image.roots {
        let id = ours(package)?;
        version = &id.1;
        needs.push(json!(reference(id)));
    }
    let mut dependencies = vec![
        json!({ "ref": root, "dependsOn": needs }),
        json!({ "ref": std }),
    ];
    dependencies.extend(graph.0.iter().map(|(id, needs)| {
        json!({ "ref": reference(id), "dependsOn": needs.iter().map(reference).collect::<Vec<_>>() })
    }));
    let metadata = json!({
        "component": {
            "type": "application",
            "bom-ref": root,
            "name": root,
            "version": version,
            "description": image.description,
            "licenses": [{ "expression": "MIT" }],
        },
    });
    // A number of its own for each content, in the form of a random UUID.
    let hash = Sha256::digest(serde_json::to_vec(&(
        &metadata,
        &components,
        &dependencies,
    ))?);
    let hex: String = hash[..16].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let serial = format!(
        "urn:uuid:{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    );
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial,
        "version": 1,
        "metadata": metadata,
        "components": components,
        "dependencies": dependencies,
    }))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All licences' texts, each once, with what it is the licence of.
fn notices(image: &Image, known: &BTreeMap<&Id, &Package>, compiler: &Compiler) -> Result<String> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut list = String::new();
    let mut without = String::new();
    let mut standard = BTreeSet::new();
    let rust = &compiler.version;
    writeln!(list, "rust-std {rust}: MIT OR Apache-2.0; {STD_NOTICES}")?;
    for ((name, version), package) in known {
        if package.is_ours {
            continue;
        }
        let title = format!("{name} {version}");
        let licence = package
            .expression()
            .unwrap_or_else(|| "see below".to_owned());
        let place = package.repository.as_deref().unwrap_or("crates.io");
        writeln!(list, "{title}: {licence}; {place}")?;
        let found = licence_texts(&package.folder)?;
        if found.is_empty() {
            let by = package.authors.join(", ");
            let by = if by.is_empty() {
                by
            } else {
                format!("; by {by}")
            };
            writeln!(without, "{title}: {licence}{by}")?;
            standard.extend(licence.split([' ', '(', ')']).map(str::to_owned));
        }
        for text in found {
            texts.entry(text).or_default().insert(title.clone());
        }
    }
    let mut all = format!(
        "Software of others in the image marketplace-{}\n\n{list}\n\
         Packages that bring no text of their licence, for which the standard one is below:\n\n{without}",
        image.name
    );
    for name in standard {
        let text = fs::read_to_string(compiler.documents.join(format!("licenses/{name}.txt")));
        if let Ok(text) = text {
            let whose = format!("{name}, where a package brings no text of its own");
            texts
                .entry(text.trim().to_owned())
                .or_default()
                .insert(whose);
        }
    }
    let mut texts: Vec<_> = texts.into_iter().collect();
    // Those of many first, then by name.
    texts.sort_by_key(|(text, whose)| (usize::MAX - whose.len(), whose.clone(), text.clone()));
    for (text, whose) in texts {
        let line = "-".repeat(78);
        let whose = whose.into_iter().collect::<Vec<_>>().join(", ");
        write!(all, "\n{line}\n{whose}\n{line}\n\n{text}\n")?;
    }
    Ok(all)
}

/// The texts in a folder that are, by their files' names, of licences.
fn licence_texts(folder: &Path) -> Result<BTreeSet<String>> {
    let mut texts = BTreeSet::new();
    collect(folder, DEPTH, &mut texts)?;
    Ok(texts)
}

fn collect(folder: &Path, depth: usize, texts: &mut BTreeSet<String>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if depth > 1 {
                collect(&path, depth - 1, texts)?;
            }
            continue;
        }
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let is_code = path
            .extension()
            .is_some_and(|end| CODE.iter().any(|code| end == *code));
        if !is_code && LICENCE_FILES.iter().any(|start| name.starts_with(start)) {
            let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            texts.insert(text.trim().to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Id {
        (name.to_owned(), "1.0.0".to_owned())
    }

    #[test]
    fn a_tree_becomes_a_graph() {
        let mut graph = Graph::default();
        let tree = "0|a v1.0.0 (/somewhere)\n1|b v1.0.0\n2|c v1.0.0\n1|c v1.0.0 (*)\n1|d v1.0.0\n";
        graph.add(tree).unwrap();
        graph.add("0|d v1.0.0\n1|c v1.0.0\n").unwrap();
        let needs = |name: &str| graph.0[&id(name)].iter().cloned().collect::<Vec<_>>();
        assert_eq!(needs("a"), [id("b"), id("c"), id("d")]);
        assert_eq!(needs("b"), [id("c")]);
        assert_eq!(needs("c"), []);
        assert_eq!(needs("d"), [id("c")]);
        assert!(graph.add("something else").is_err());
    }

    #[test]
    fn checksums_are_those_of_the_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"b\"\nversion = \"1.0.0\"\nchecksum = \"12ab\"\n";
        let checksums = checksums(lock);
        assert_eq!(checksums.get(&id("b")).map(String::as_str), Some("12ab"));
        assert_eq!(checksums.len(), 1);
    }

    #[test]
    fn licences_are_found_by_their_names_also_deeper() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("LICENSE-MIT", "one\r\n");
        write("src/c/COPYING", "two");
        write("NOTICE.md", "three");
        write("LICENSE-2.0", "four");
        write("LICENSE-APACHE", "one");
        write("src/license.rs", "no text");
        write("README.md", "no licence");
        let texts = licence_texts(folder.path()).unwrap();
        assert_eq!(
            texts.into_iter().collect::<Vec<_>>(),
            ["four", "one", "three", "two"]
        );
        assert!(
            licence_texts(&folder.path().join("nowhere"))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn old_spellings_become_expressions() {
        let package = Package {
            folder: PathBuf::new(),
            is_ours: false,
            licence: Some("MIT/Apache-2.0".to_owned()),
            licence_file: None,
            description: None,
            repository: None,
            authors: Vec::new(),
        };
        assert_eq!(package.expression().unwrap(), "MIT OR Apache-2.0");
    }
}
