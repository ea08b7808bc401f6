//! `pull` and `push`.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

use super::{PROTOCOL, Said, Shell};

/// What was said of folders, with `ID` for what is new each time.
fn lines(said: &Said) -> String {
    let lines = said.out.lines().map(|line| {
        let words = line.split(' ').map(|word| {
            let id = word.trim_end_matches(':');
            if id.len() == 36 && id.matches('-').count() == 4 {
                word.replace(id, "ID")
            } else {
                word.to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ") + "\n"
    });
    lines.collect()
}

/// Of all items what a push may change.
async fn state(shell: &Shell) -> Value {
    shell.call("admin", "GET", "/items", Value::Null).await
}

#[tokio::test]
async fn folders_become_items_and_stay_what_they_say() {
    let shell = Shell::new().await;
    shell.write_item("a", "summary: One.\ntags: [x, Y]\nvisibility: public\n");
    shell.write_item("b", "groups: [vision]\n");
    shell.write("c/protocol.yaml", PROTOCOL);
    let folders = ["a", "b", "c/"];
    let push = |more: &[&'static str]| [&["push"], more, &folders].concat();
    let mut story = String::new();
    let before = state(&shell).await;

    let said = shell.run("alice", &push(&["--dry-run"])).await;
    said.ok(0);
    story += &lines(&said);
    assert_eq!(state(&shell).await, before);
    assert!(!shell.path().join("a/marketplace.lock").exists());

    let said = shell.run("alice", &push(&[])).await;
    said.ok(0);
    story += &lines(&said);
    let made = state(&shell).await;
    let of = |all: &Value, name: &str| {
        let all = all.as_array().unwrap();
        all.iter()
            .find(|item| item["name"] == name)
            .unwrap()
            .clone()
    };
    let (a, b, c) = (of(&made, "a"), of(&made, "b"), of(&made, "smoke"));
    assert_eq!(a["description"], "What it does.");
    assert_eq!(
        (&a["isPublic"], &a["author"]),
        (&json!(true), &json!("alice"))
    );
    assert_eq!(b["groupList"], json!(["vision"]));
    assert_eq!(c["isPrivate"], true, "nobody shares unasked");

    // Nothing is sent that changes anything, with what the folders know and without.
    for _ in 0..2 {
        let said = shell.run("alice", &push(&[])).await;
        assert_eq!(said.ok(0), "a: unchanged\nb: unchanged\nc/: unchanged\n");
        assert_eq!(state(&shell).await, made);
        for folder in ["a", "b", "c"] {
            fs::remove_file(shell.path().join(folder).join("marketplace.lock")).unwrap();
        }
    }
    shell.run("alice", &push(&[])).await.ok(0);

    shell.write("a/protocol.yaml", &PROTOCOL.replace("22.04", "24.04"));
    shell.write_item("b", "tags: [new]\nvisibility: private\n");
    for args in [&["--dry-run", "--note=newer"], &["--note", "newer"]] {
        let said = shell.run("alice", &push(args)).await;
        said.ok(0);
        story += &lines(&said);
    }
    let path = format!("/items/{}/versions/2", a["id"].as_str().unwrap());
    let version = shell.call("alice", "GET", &path, Value::Null).await;
    assert_eq!(version["note"], "newer");
    let b = of(&state(&shell).await, "b");
    assert_eq!(
        (&b["isPrivate"], &b["tags"]),
        (&json!(true), &json!(["new"]))
    );
    insta::assert_snapshot!("push", story);

    let said = shell.run("alice", &push(&["--json"])).await;
    said.ok(0);
    let first = json!({ "folder": "a", "id": a["id"], "action": "unchanged", "fields": [] });
    assert_eq!(said.json()[0], first);
    // In another marketplace the folder is another item.
    let other = Shell::new().await;
    fs::create_dir(other.path().join("a")).unwrap();
    for file in ["protocol.yaml", "README.md", "marketplace.lock"] {
        other.write(&format!("a/{file}"), &shell.read(&format!("a/{file}")));
    }
    assert!(
        other
            .run("bob", &["push", "a"])
            .await
            .ok(0)
            .starts_with("a: created as ")
    );
    let lock: Value = serde_json::from_str(&other.read("a/marketplace.lock")).unwrap();
    assert_eq!(lock.as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn what_others_have_changed_is_not_overwritten_unasked() {
    let shell = Shell::new().await;
    shell.write_item("a", "summary: Ours.\n");
    shell.run("alice", &["push", "a"]).await.ok(0);
    let lock: Value = serde_json::from_str(&shell.read("a/marketplace.lock")).unwrap();
    let id = lock[&shell.server.url]["id"].as_str().unwrap().to_owned();
    let path = format!("/items/{id}");
    let read = async || shell.call("alice", "GET", &path, Value::Null).await;

    // What the folder does not mention is nobody's concern.
    shell
        .call("admin", "PUT", &path, json!({ "license": "MIT" }))
        .await;
    assert_eq!(
        shell.run("alice", &["push", "a"]).await.ok(0),
        "a: unchanged\n"
    );
    let theirs = json!({ "summary": "Theirs.", "tags": ["theirs"] });
    shell.call("admin", "PUT", &path, theirs).await;
    shell.write("a/protocol.yaml", &PROTOCOL.replace("22.04", "24.04"));
    for args in [&["push", "a"][..], &["push", "--dry-run", "a"]] {
        let said = shell.run("alice", args).await;
        assert_eq!(
            said.ok(1),
            format!(
                "a: refused: changed in the marketplace since this folder last knew the item: summary. `marketplace \
                 pull {id} a` takes that over, --force overwrites it\n"
            )
        );
    }
    assert_eq!(read().await["summary"], "Theirs.");
    // Neither is what has changed here lost.
    let pull = shell.run("alice", &["pull", &id, "a"]).await;
    pull.failed(
        1,
        "a says something else that would be lost: protocol. --force",
    );
    let said = shell
        .run("alice", &["push", "--dry-run", "--force", "a"])
        .await;
    assert!(
        said.ok(0)
            .contains("would overwrite what this folder did not know: summary")
    );
    assert_eq!(read().await["summary"], "Theirs.");
    let said = shell
        .run("alice", &["push", "--force", "--json", "a"])
        .await;
    said.ok(0);
    assert_eq!(said.json()[0]["overwritten"], json!(["summary"]));
    let item = read().await;
    assert_eq!(
        (&item["summary"], &item["version"]),
        (&json!("Ours."), &json!(2))
    );

    // With nothing changed here, theirs is taken over as it is.
    shell
        .call("admin", "PUT", &path, json!({ "summary": "Theirs." }))
        .await;
    shell.run("alice", &["push", "a"]).await.ok(1);
    assert_eq!(
        shell.run("alice", &["pull", &id, "a"]).await.ok(0),
        format!("a: pulled {id}\n")
    );
    assert!(shell.read("a/README.md").contains("summary: Theirs.\n"));
    assert_eq!(
        shell.run("alice", &["push", "a"]).await.ok(0),
        "a: unchanged\n"
    );
    assert_eq!(
        shell.run("alice", &["pull", &id, "a"]).await.ok(0),
        "a: unchanged\n"
    );

    // An item of the same name is not taken for the folder's.
    fs::remove_file(shell.path().join("a/marketplace.lock")).unwrap();
    shell.write_item("a", "summary: Ours.\n");
    let said = shell.run("alice", &["push", "a"]).await;
    assert!(
        said.ok(1)
            .contains("you have an item of this name, which this folder does not know")
    );
    shell.item("alice", "a", json!({})).await;
    shell
        .run("alice", &["push", "a"])
        .await
        .failed(1, "several items named “a”");
}

/// The address of a proxy in front of the API. When a change is about to pass, another one
/// does so first, as long as there are any.
async fn overtaking(shell: &Shell, changes: Vec<Value>, path: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (api, token) = (shell.server.url.clone(), shell.openpai.token("admin"));
    let changes = Arc::new(Mutex::new(changes.into_iter()));
    let other = async move |change: Value| {
        let request = reqwest::Client::new()
            .put(format!("{api}{path}"))
            .json(&change);
        let answer = request.bearer_auth(token.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    };
    let (address, other) = (shell.server.address().to_owned(), Arc::new(other));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (changes, other) = (changes.clone(), other.clone());
            let server = TcpStream::connect(&address).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
            tokio::spawn(async move {
                let mut bytes = vec![0; 65_536];
                while let Ok(length @ 1..) = from_client.read(&mut bytes).await {
                    if bytes.starts_with(b"PUT ") {
                        let change = changes.lock().unwrap().next();
                        if let Some(change) = change {
                            other(change).await;
                        }
                    }
                    to_server.write_all(&bytes[..length]).await.unwrap();
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn who_is_faster_is_not_overwritten_either() {
    let shell = Shell::new().await;
    let id = shell
        .item("alice", "a", json!({ "summary": "Ours." }))
        .await;
    let path = format!("/items/{id}");
    // The first one changes what the folder does not say, the second what it does.
    let changes = vec![json!({ "license": "MIT" }), json!({ "summary": "Theirs." })];
    let url = overtaking(&shell, changes, path.clone()).await;
    let token = shell.openpai.token("alice");
    let settings = [
        ("MARKETPLACE_API_URL", &*url),
        ("MARKETPLACE_TOKEN", &*token),
    ];
    shell.run_with(&settings, &["pull", &id, "a"]).await.ok(0);
    shell.write("a/protocol.yaml", &PROTOCOL.replace("22.04", "24.04"));
    let said = shell.run_with(&settings, &["push", "a"]).await;
    let refused =
        "a: refused: changed in the marketplace since this folder last knew the item: summary.";
    assert!(said.ok(1).starts_with(refused), "{said:?}");
    let item = shell.call("alice", "GET", &path, Value::Null).await;
    assert_eq!(
        (&item["summary"], &item["protocol"]),
        (&json!("Theirs."), &json!(PROTOCOL))
    );

    let changes = vec![json!({ "dataType": "github" })];
    let url = overtaking(&shell, changes, path.clone()).await;
    let settings = [
        ("MARKETPLACE_API_URL", &*url),
        ("MARKETPLACE_TOKEN", &*token),
    ];
    shell
        .run_with(&settings, &["pull", "--force", &id, "a"])
        .await
        .ok(0);
    shell.write("a/protocol.yaml", &PROTOCOL.replace("22.04", "24.04"));
    shell.run_with(&settings, &["push", "a"]).await.ok(0);
    let item = shell.call("alice", "GET", &path, Value::Null).await;
    assert_eq!(
        (&item["dataType"], &item["version"]),
        (&json!("github"), &json!(2))
    );
}

#[tokio::test]
async fn an_item_comes_and_goes_back_unchanged() {
    let shell = Shell::new().await;
    let more = json!({
        "description": "# Its own title\n\ntext\n", "summary": "a: 'b'", "tags": ["x, y"], "type": "data",
        "dataUrl": "https://example.org/a.tar", "license": "MIT", "protocol": PROTOCOL.replace('\n', "\r\n"),
        "categories": [],
    });
    let id = shell.item("alice", "An: item", more).await;
    let path = format!("/items/{id}");
    let before = shell.call("alice", "GET", &path, Value::Null).await;
    let said = shell.run("alice", &["pull", &id, "x/y"]).await;
    said.ok(0);
    insta::assert_snapshot!("pulled_readme", shell.read("x/y/README.md"));
    assert_eq!(
        shell.run("alice", &["push", "x/y"]).await.ok(0),
        "x/y: unchanged\n"
    );
    assert_eq!(shell.call("alice", "GET", &path, Value::Null).await, before);
    let said = shell
        .run("alice", &["pull", "--json", &id, "x/y"])
        .await
        .json();
    let same = json!({ "folder": "x/y", "id": id, "changed": false, "fields": [] });
    assert_eq!(said, same);

    // Whoever may read it may pull it, and nobody else.
    shell.run("bob", &["pull", &id, "z"]).await.ok(0);
    assert!(
        shell
            .run("bob", &["push", "z"])
            .await
            .ok(0)
            .contains("unchanged")
    );
    shell.write(
        "z/protocol.yaml",
        PROTOCOL.replace("22.04", "24.04").as_str(),
    );
    let said = shell.run("bob", &["push", "z"]).await;
    assert!(
        said.ok(1)
            .contains("refused: the marketplace answered 403 Forbidden: Only its author")
    );
    shell
        .call("alice", "PUT", &path, json!({ "isPrivate": true }))
        .await;
    shell
        .run("bob", &["pull", &id, "w"])
        .await
        .failed(1, "403 Forbidden");
    assert!(!shell.path().join("w").exists());
    shell.call("alice", "DELETE", &path, Value::Null).await;
    let said = shell.run("alice", &["push", "x/y"]).await;
    assert!(
        said.ok(1)
            .contains("the item is gone: remove x/y/marketplace.lock")
    );
    fs::remove_file(shell.path().join("x/y/marketplace.lock")).unwrap();
    let said = shell.run("alice", &["push", "x/y"]).await;
    assert!(said.ok(0).starts_with("x/y: created as "));
}

#[tokio::test]
async fn one_that_was_deleted_is_made_anew() {
    let shell = Shell::new().await;
    shell.write_item("a", "");
    let mut ids = BTreeSet::new();
    for _ in 0..3 {
        let said = shell.run("alice", &["push", "a"]).await;
        let made = said.ok(0).trim().strip_prefix("a: created as ");
        let id = made.unwrap().to_owned();
        let path = format!("/items/{id}");
        shell.call("alice", "DELETE", &path, Value::Null).await;
        fs::remove_file(shell.path().join("a/marketplace.lock")).unwrap();
        ids.insert(id);
    }
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn what_is_wrong_with_a_folder_is_told_and_keeps_no_other_back() {
    let shell = Shell::new().await;
    shell.write_item("good", "");
    shell.write_item("bad", "");
    shell.write(
        "bad/protocol.yaml",
        &PROTOCOL.replace("commands", "comands"),
    );
    // Put together here, so that nobody takes this file for a leak.
    let token = ["hf_", "q7ZtR2mX9vLp4KsD8wNfB3yHc6JgT1aVeU"].concat();
    shell.write_item("leak", "visibility: public\n");
    let leak = PROTOCOL.replace("train --", &format!("T={token} train --"));
    shell.write("leak/protocol.yaml", &leak);
    shell.write_item("theirs", "groups: [nlp]\n");
    let folders = ["push", "bad", "leak", "theirs", "good"];
    let said = shell.run("alice", &folders).await;
    said.ok(1);
    assert!(!said.out.contains(&token[4..12]), "{said:?}");
    insta::assert_snapshot!("push_refused", lines(&said));
    let said = shell.run("alice", &["push", "--json", "bad"]).await;
    said.ok(1);
    let outcome = &said.json()[0];
    assert_eq!(outcome["action"], "refused");
    assert_eq!(outcome["diagnostics"][0]["start"]["line"], 18);

    // Nothing is sent before all folders have been read.
    let before = state(&shell).await;
    shell.write_item("other", "title: x\n");
    shell.write_item("new", "");
    let said = shell.run("alice", &["push", "new", "other"]).await;
    said.failed(
        2,
        "other/README.md: `title` of the front matter is not known",
    );
    shell
        .run("alice", &["push", "nowhere"])
        .await
        .failed(2, "nowhere/protocol.yaml");
    shell.write("new/protocol.yaml", &"#".repeat(129 * 1024));
    shell
        .run("alice", &["push", "new"])
        .await
        .failed(2, "more than 128 KiB");
    assert_eq!(state(&shell).await, before);
}

#[tokio::test]
async fn a_dry_run_finds_the_secrets_that_would_be_refused() {
    let shell = Shell::new().await;
    // Put together here, so that nobody takes this file for a leak.
    let token = ["hf_", "q7ZtR2mX9vLp4KsD8wNfB3yHc6JgT1aVeU"].concat();
    let leak = PROTOCOL.replace("train --", &format!("T={token} train --"));
    let below = PROTOCOL.replace("token: ''", &format!("token: {token}"));
    for (name, front, protocol) in [
        ("public", "visibility: public\n", &leak),
        ("groups", "groups: [vision]\n", &leak),
        ("below", "visibility: public\n", &below),
        ("private", "visibility: private\n", &leak),
        ("unasked", "", &leak),
        ("clean", "visibility: public\n", &PROTOCOL.to_owned()),
    ] {
        shell.write_item(name, front);
        shell.write(&format!("{name}/protocol.yaml"), protocol);
    }
    shell.write_item("tagged", &format!("visibility: public\ntags: [{token}]\n"));
    shell.write_item(
        "told",
        &format!("visibility: public\nsummary: by {token}\n"),
    );
    let folders = [
        "public", "groups", "below", "private", "unasked", "clean", "tagged", "told",
    ];
    let push = |options: &[&'static str]| [&["push"], options, &folders[..]].concat();
    let refused = |said: &Said| {
        let outcomes = said.json();
        let all = outcomes.as_array().unwrap().clone();
        let reason = |one: &Value| one["reason"].as_str().map(str::to_owned);
        all.iter().map(reason).collect::<Vec<_>>()
    };
    let same = |said: &Said, would: &Said| {
        for (was, would) in refused(said).into_iter().zip(refused(would)) {
            let was = was.map(|was| was.replace("the marketplace answered 400 Bad Request: ", ""));
            assert_eq!(was, would);
        }
    };

    let before = state(&shell).await;
    let would = shell.run("alice", &push(&["--dry-run", "--json"])).await;
    would.ok(1);
    assert!(!would.out.contains(&token[4..12]), "{would:?}");
    assert_eq!(state(&shell).await, before);
    let told = shell.run("alice", &push(&["--dry-run"])).await;
    told.ok(1);
    assert!(!told.out.contains(&token[4..12]), "{told:?}");
    assert!(told.out.contains("private: would be created\n"));
    assert!(
        told.out
            .contains("tagged: refused: The tags would show others a secret: line 1, column 1"),
        "{told:?}"
    );
    let said = shell.run("alice", &push(&["--json"])).await;
    said.ok(1);
    same(&said, &would);
    assert_eq!(refused(&said).iter().flatten().count(), 5);

    // Items that there are: what others read already is no news, what they come to read is.
    shell.write_item("private", "visibility: public\n");
    shell.write("private/protocol.yaml", &leak);
    shell.write("clean/protocol.yaml", &leak);
    shell.write_item("unasked", "summary: mine\n");
    shell.write("unasked/protocol.yaml", &leak);
    let would = shell.run("alice", &push(&["--dry-run", "--json"])).await;
    let said = shell.run("alice", &push(&["--json"])).await;
    same(&said, &would);
    assert_eq!(refused(&said).iter().flatten().count(), 7);
    shell.write("clean/protocol.yaml", &PROTOCOL.replace("22.04", "24.04"));
    let note = format!("--note={token}");
    let note = ["push", "--json", &note, "clean"];
    let said = shell.run("alice", &note).await;
    let would = shell
        .run("alice", &[&note[..], &["--dry-run"]].concat())
        .await;
    same(&said, &would);
    assert!(
        refused(&would)[0]
            .as_ref()
            .unwrap()
            .starts_with("The versionNote would")
    );

    // Admins may share what only looks like a secret.
    shell
        .run("admin", &["push", "--dry-run", "public"])
        .await
        .ok(0);
}
