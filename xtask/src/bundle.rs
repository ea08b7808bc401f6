//! Makes the classic script that the portal loads, and what that loads, from what
//! trunk built: trunk's `post_build` hook calls it, see `Trunk.toml`.

#[path = "../../plugin/messages/catalogue.rs"]
mod catalogue;
mod glue;
mod split;
mod traps;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Error, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use catalogue::{Catalogue, Message};

use crate::workspace::{PLUGIN_PACKAGE, Workspace};

const LOADER: &str = include_str!("../../plugin/loader.js");

/// What the web portal server replaces by the API's address.
const API_URL_LITERAL: &str = "\"__MARKETPLACE_API_URL__\"";

/// What the compiler uses by default. wasm-opt must be told, and not more than
/// this: with every feature on it writes modules that browsers refuse.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
    "--enable-mutable-globals",
];

/// What wasm-opt does. It finds more in code that it has laid out itself, and more yet
/// when it goes over it again: a hundredth of the compressed bytes. Functions that are of
/// one name but for their types compress better side by side.
const PASSES: [&str; 5] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--reorder-functions-by-name",
];

/// How the names of the plugin's files of wasm begin.
const STEM: &str = "marketplace";

/// What the browser loads first, besides `plugin.js`.
struct App {
    /// The name of the file of wasm.
    file: String,
    /// Statements that the glue wants before it.
    preamble: String,
    /// The glue between wasm and JavaScript.
    glue: String,
}

/// Turns the glue and the wasm in `TRUNK_STAGING_DIR` into `plugin.js` and files whose
/// names change with their content: the app's glue and wasm, its chunks if it was built
/// with the feature `split`, and its messages. A release build (`TRUNK_PROFILE`) is made
/// smaller by the wasm-opt and the terser that `WASM_OPT` and `TERSER` name, if they name
/// one.
///
/// # Errors
/// When it is not called by trunk, or when the tools' output is not what it expects.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let variable = |name| env::var(name).with_context(|| format!("trunk sets {name}"));
    let staging = PathBuf::from(variable("TRUNK_STAGING_DIR")?);
    let optimizer = Optimizer::new(variable("TRUNK_PROFILE")? == "release");

    let wasm = take(&staging.join(format!("{PLUGIN_PACKAGE}_bg.wasm")))?;
    let glue = take(&staging.join(format!("{PLUGIN_PACKAGE}.js")))?;
    let is_split = split::is_wanted(&wasm);
    let app = if is_split {
        split::run(workspace, &optimizer, &staging)?
    } else {
        App {
            file: write(&staging, STEM, "wasm", &optimizer.optimized(&wasm)?)?,
            preamble: String::new(),
            glue: String::from_utf8(glue)?,
        }
    };
    let languages = catalogue::read(&workspace.root.join("plugin/messages")).map_err(Error::msg)?;
    let glue = optimizer.shortened(glue_script(&app.preamble, &app.glue))?;
    let app = json!({
        "glue": write(&staging, &format!("{STEM}-glue"), "js", glue.as_bytes())?,
        "wasm": app.file,
        "messages": write_messages(&languages, &staging, is_split)?,
        "texts": loader_texts(&languages),
    });
    let script = optimizer.shortened(script(&app))?;
    ensure_one_literal(&script)?;
    fs::write(staging.join("plugin.js"), script)?;
    Ok(())
}

/// The texts of `loader.js` by language. It cannot wait for a file of them.
fn loader_texts(languages: &BTreeMap<String, Catalogue>) -> Value {
    let texts = |catalogue: &Catalogue| -> Value {
        let messages = catalogue.get(catalogue::LOADER).into_iter().flatten();
        messages
            .map(|(key, message)| (key.clone(), Value::from(message.texts().concat())))
            .collect()
    };
    languages
        .iter()
        .map(|(language, catalogue)| (language.clone(), texts(catalogue)))
        .collect()
}

/// Writes the texts of all languages but English, which is in the app, and answers the
/// names of their files by language: what the app has to say, and what its chunks add to
/// that if it has some.
fn write_messages(
    languages: &BTreeMap<String, Catalogue>,
    folder: &Path,
    is_split: bool,
) -> Result<Value> {
    let others = languages
        .iter()
        .filter(|(language, _)| *language != catalogue::ENGLISH);
    let files = |(language, messages): (&String, &Catalogue)| {
        let [first, later] = catalogue::parts(messages);
        let name = |part: &str| format!("{STEM}-{language}{part}");
        let files = if is_split {
            vec![(name(""), first), (name("-more"), later)]
        } else {
            vec![(name(""), [first, later].concat())]
        };
        let written = files
            .into_iter()
            .map(|(name, rooms)| write(folder, &name, "json", table(&rooms).to_string().as_bytes()))
            .collect::<Result<Vec<_>>>()?;
        Ok((language.clone(), Value::from(written)))
    };
    others.map(files).collect()
}

/// What the app takes a language from: an array in the order of English's rooms and
/// keys, of texts, and of objects of forms.
fn table(rooms: &[(&String, &BTreeMap<String, Message>)]) -> Value {
    let messages = rooms.iter().flat_map(|(_, messages)| messages.values());
    messages
        .map(|message| match message {
            Message::Text(text) => Value::from(text.as_str()),
            Message::Plural(forms) => forms
                .iter()
                .map(|(form, text)| (form.clone(), Value::from(text.as_str())))
                .collect(),
        })
        .collect()
}

/// The script, which says where the rest is: a function around all of it, because the
/// portal's page must not get to see its names. Old browsers read it too, so nothing
/// newer than `plugin/loader.js` is may stand in it.
fn script(app: &Value) -> String {
    format!("(function () {{\n\"use strict\";\nvar APP = {app};\n{LOADER}}})();\n")
}

/// The glue as a script that hands itself to the loader.
fn glue_script(preamble: &str, glue: &str) -> String {
    format!(
        "(() => {{\n\"use strict\";\nconst element = document.currentScript;\n\
         const script = new URL(element.src);\n{preamble}{glue}\nelement.takeGlue(wasm_bindgen);\n}})();\n"
    )
}

/// The web portal server looks for it as it stands here.
fn ensure_one_literal(script: &str) -> Result<()> {
    let literals = script.matches(API_URL_LITERAL).count();
    ensure!(
        literals == 1,
        "plugin.js holds {API_URL_LITERAL} {literals} times instead of once"
    );
    Ok(())
}

/// Reads a file of trunk's and removes it.
fn take(file: &Path) -> Result<Vec<u8>> {
    let content = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    fs::remove_file(file)?;
    Ok(content)
}

/// Writes a file with a name that changes with its content, and answers that.
fn write(folder: &Path, stem: &str, extension: &str, content: &[u8]) -> Result<String> {
    let hash = u64::from_be_bytes(Sha256::digest(content)[..8].try_into()?);
    let name = format!("{stem}-{hash:016x}.{extension}");
    fs::write(folder.join(&name), content)?;
    Ok(name)
}

/// Makes wasm and script smaller.
struct Optimizer {
    /// The program wasm-opt, if it is wanted and there.
    wasm_opt: Option<OsString>,
    /// The program terser, likewise.
    terser: Option<OsString>,
}

impl Optimizer {
    fn new(is_wanted: bool) -> Self {
        let program = |variable, what| {
            let program = env::var_os(variable).filter(|path| !path.is_empty());
            if is_wanted && program.is_none() {
                eprintln!("plugin: {variable} names no program, so the {what} stays larger");
            }
            program.filter(|_| is_wanted)
        };
        Self {
            wasm_opt: program("WASM_OPT", "wasm"),
            terser: program("TERSER", "script"),
        }
    }

    /// A script without what only people need: less than half of it, or seven tenths when compressed.
    fn shortened(&self, script: String) -> Result<String> {
        let Some(program) = &self.terser else {
            return Ok(script);
        };
        let file = tempfile::NamedTempFile::with_suffix(".js")?;
        fs::write(file.path(), script)?;
        let output = Command::new(program)
            .arg(file.path())
            .args(["--compress", "passes=2", "--mangle"])
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("starting {}", program.display()))?;
        ensure!(
            output.status.success(),
            "{} failed: {}",
            program.display(),
            output.status
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    fn optimized(&self, wasm: &[u8]) -> Result<Vec<u8>> {
        let Some(program) = &self.wasm_opt else {
            return Ok(wasm.to_vec());
        };
        let folder = tempfile::tempdir()?;
        let [before, after] = ["before.wasm", "after.wasm"].map(|name| folder.path().join(name));
        fs::write(&before, wasm)?;
        let status = Command::new(program)
            .arg(format!("--remove-exports={}", glue::STREAM_EXPORTS))
            .args(PASSES)
            .args(WASM_FEATURES)
            .arg(&before)
            .arg("-o")
            .arg(&after)
            .status()
            .with_context(|| format!("starting {}", program.display()))?;
        ensure!(status.success(), "{} failed: {status}", program.display());
        Ok(fs::read(after)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_one_function_with_one_literal_to_replace() {
        let whole = script(&json!({ "wasm": "marketplace-1.wasm" }));
        assert!(whole.starts_with("(function () {") && whole.ends_with("})();\n"));
        assert!(whole.contains("var APP = {\"wasm\":\"marketplace-1.wasm\"};"));
        ensure_one_literal(&whole).unwrap();
        let literal = API_URL_LITERAL.trim_matches('"');
        assert!(ensure_one_literal(&script(&json!({ "wasm": literal }))).is_err());
    }

    #[test]
    fn the_glue_is_one_function_that_hands_it_over() {
        let whole = glue_script("const require = 1;\n", "let wasm_bindgen = 1;");
        assert!(whole.starts_with("(() => {") && whole.ends_with("})();\n"));
        assert!(whole.contains(
            "\nconst require = 1;\nlet wasm_bindgen = 1;\nelement.takeGlue(wasm_bindgen);\n"
        ));
    }

    #[test]
    fn the_loader_has_its_texts_in_every_language() {
        let message = |text: &str| BTreeMap::from([("old".into(), Message::Text(text.into()))]);
        let catalogue = |text: &str| Catalogue::from([(catalogue::LOADER.into(), message(text))]);
        let languages = [
            ("en".into(), catalogue("Too old")),
            ("zh-CN".into(), catalogue("太旧")),
        ];
        assert_eq!(
            loader_texts(&languages.into()).to_string(),
            r#"{"en":{"old":"Too old"},"zh-CN":{"old":"太旧"}}"#
        );
        let of_loader = catalogue("");
        let [first, later] = catalogue::parts(&of_loader);
        assert!(
            first.is_empty() && later.is_empty(),
            "they are not the app's"
        );
    }

    #[test]
    fn a_table_of_texts_has_the_order_of_keys() {
        let forms = [("other".to_owned(), "{count} 个".to_owned())].into();
        let messages = [
            ("b".to_owned(), Message::Text("乙".to_owned())),
            ("a".to_owned(), Message::Plural(forms)),
        ];
        let table = table(&[(&"list".to_owned(), &messages.into())]);
        assert_eq!(table.to_string(), r#"[{"other":"{count} 个"},"乙"]"#);
    }

    #[test]
    fn what_chunks_say_is_a_file_of_its_own() {
        let room = |text: &str| BTreeMap::from([("a".to_owned(), Message::Text(text.to_owned()))]);
        let rooms = [("detail", "详情"), ("list", "列表"), ("loader", "太旧")];
        let rooms = rooms.map(|(name, text)| (name.to_owned(), room(text)));
        let languages = BTreeMap::from([("zh-CN".to_owned(), Catalogue::from(rooms))]);
        let folder = tempfile::tempdir().unwrap();
        for (is_split, expected) in [
            (true, vec![r#"["列表"]"#, r#"["详情"]"#]),
            (false, vec![r#"["列表","详情"]"#]),
        ] {
            let files = write_messages(&languages, folder.path(), is_split).unwrap();
            let names = files["zh-CN"].as_array().unwrap().iter();
            let read = names.map(|name| {
                fs::read_to_string(folder.path().join(name.as_str().unwrap())).unwrap()
            });
            assert_eq!(read.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn there_are_all_rooms_that_come_first() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugin/messages");
        let languages = catalogue::read(Path::new(folder)).unwrap();
        let [first, _] = catalogue::parts(&languages[catalogue::ENGLISH]);
        assert_eq!(first.len(), catalogue::FIRST.len());
    }

    #[test]
    fn wasm_gets_a_name_that_changes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"]
            .map(|wasm| write(folder.path(), STEM, "wasm", wasm.as_bytes()).unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), "marketplace-0123456789abcdef.wasm".len());
        assert_eq!(fs::read(folder.path().join(one)).unwrap(), b"one");
    }

    #[test]
    fn what_trunk_wrote_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("glue.js");
        fs::write(&file, "glue").unwrap();
        assert_eq!(take(&file).unwrap(), b"glue");
        assert!(take(&file).is_err());
    }
}
