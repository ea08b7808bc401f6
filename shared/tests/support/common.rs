//! The corpus of broken protocols, built into the tests so that those in wasm
//! read the same files.

use include_dir::{Dir, include_dir};
use marketplace_shared::protocol::{masked, validate};

static CORPUS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/corpus");

/// The name and the text of every file of the corpus.
pub(crate) fn corpus() -> impl Iterator<Item = (&'static str, &'static str)> {
    CORPUS.files().map(|file| {
        let name = file.path().file_stem().and_then(|name| name.to_str());
        (name.expect("a name"), file.contents_utf8().expect("text"))
    })
}

/// The findings as a person sees them on the command line.
pub(crate) fn rendered(name: &str, text: &str) -> String {
    let file = format!("{name}.yaml");
    let found = validate(text).diagnostics;
    let text = masked(text, &found);
    found
        .iter()
        .map(|found| found.render(&file, &text))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Protocols with secrets, put together here so that nobody takes the files of this
/// repository for a leak.
pub(crate) fn secret_texts() -> Vec<(&'static str, String)> {
    let github = format!("{}_{}", "ghp", "q7ZtR2mX9vLp4KsD8wNfB3yHc6JgT1aVeU5i");
    let account =
        format!("{}{}==", "m3Kx".repeat(2), "Qz7+Rb/9Tn".repeat(8)).replace("m3Kxm3Kx", "m3Kx8v");
    let key = "Zk4mQ1xW8rT6yB2n".repeat(6);
    let password = "Tr7!kfpqzW2";
    let head = "protocolVersion: 2\nname: job\ntype: job\n";
    let tail = "taskRoles:\n  main:\n    dockerImage: image\n    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}\n";
    let tokens = format!(
        "{head}# once {github}\ndescription: Log in with {github}.\nparameters:\n  apiToken: {}\nprerequisites:\n- {{name: image, type: dockerimage, uri: a, auth: {{username: u, password: hunter2}}}}\n{tail}    commands:\n    - git clone https://oauth2:{github}@github.com/team/code\n    - echo {github}; sshpass -p '{password}' ssh team@10.0.0.3\n    - \"export K='AccountName=a;AccountKey={account}'\"\n",
        "9f31c07ae52b48d6".repeat(2),
    );
    let private = format!(
        "{head}prerequisites:\n- {{name: image, type: dockerimage, uri: a}}\n{tail}    commands:\n    - |\n      cat > key <<EOF\n      -----BEGIN {0} KEY-----\n      {key}\n      -----END {0} KEY-----\n      EOF\n",
        "PRIVATE",
    );
    vec![("secret-tokens", tokens), ("secret-private-key", private)]
}
