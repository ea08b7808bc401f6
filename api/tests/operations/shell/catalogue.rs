//! `search` and `show`.

use serde_json::json;

use super::{PROTOCOL, Shell};

#[tokio::test]
async fn items_are_found() {
    let shell = Shell::new().await;
    let tags = json!({ "tags": ["vision", "a,b"], "summary": "It trains." });
    let first = shell.item("alice", "Zebra one", tags).await;
    let second = shell.item("bob", "Zebra two", json!({})).await;
    let hidden = json!({ "isPrivate": true });
    shell.item("bob", "Zebra hidden", hidden).await;

    let all = shell
        .run("alice", &["search", "zebra", "--sort", "name"])
        .await;
    let lines = format!("{first}  alice  Zebra one\n{second}  bob    Zebra two\n");
    assert_eq!(all.ok(0), lines);
    for (args, ids) in [
        (&["--author", "bob", "zebra"][..], vec![&second]),
        (&["--tag", "a,b"], vec![&first]),
        (&["--tag", "vision", "--tag", "nothing"], vec![]),
        (&["--name", "Zebra two"], vec![&second]),
        (&["--type", "data", "zebra"], vec![]),
        (&["--official", "zebra"], vec![]),
        (&["--starred"], vec![]),
        (
            &["--sort", "-createdAt", "zebra", "--runs-here"],
            vec![&second, &first],
        ),
    ] {
        let said = shell
            .run("alice", &[&["search", "--json"], args].concat())
            .await;
        said.ok(0);
        let found = said.json();
        let found: Vec<_> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|item| &item["id"])
            .collect();
        assert_eq!(found, ids, "{args:?}");
    }
    let page = shell
        .run("alice", &["search", "zebra", "--sort=name", "--limit=1"])
        .await;
    assert_eq!(page.ok(0).lines().count(), 1);
    assert_eq!(page.error, "2 in all: --offset 1 goes on\n");
    let page = shell
        .run(
            "alice",
            &["search", "zebra", "--sort=name", "--limit=1", "--offset=1"],
        )
        .await;
    assert!(
        page.ok(0).starts_with(&second) && page.error.is_empty(),
        "{page:?}"
    );
    let wrong = shell.run("alice", &["search", "--sort", "size"]).await;
    wrong.failed(1, "the marketplace answered 400 Bad Request");
    let wrong = shell.run("alice", &["search", "--type", "job"]).await;
    wrong.failed(2, "type");
}

#[tokio::test]
async fn an_item_is_shown() {
    let shell = Shell::new().await;
    let more = json!({
        "summary": "It \u{1b}[31mtrains.", "tags": ["b", "a"], "isPublic": false, "groupList": ["vision"],
        "license": "MIT",
    });
    let id = shell.item("alice", "Trains", more).await;
    let change = json!({ "protocol": PROTOCOL.replace("22.04", "24.04"), "versionNote": "newer" });
    shell
        .call("alice", "PUT", &format!("/items/{id}"), change)
        .await;

    let said = shell.run("alice", &["show", &id]).await;
    let shown = said.ok(0).replace(&id, "ID");
    let updated = shown
        .lines()
        .find(|line| line.starts_with("updated"))
        .unwrap();
    insta::assert_snapshot!("show", shown.replace(updated, "updated      TIME"));
    let older = shell
        .run("alice", &["show", "--protocol", &format!("{id}@1")])
        .await;
    assert_eq!(older.ok(0), PROTOCOL);
    let version = shell.run("alice", &["show", &format!("item:{id}@2")]).await;
    let version = version.ok(0);
    assert!(
        version.contains("note         newer\n") && version.contains("ubuntu:24.04"),
        "{version}"
    );

    shell.write("job.yaml", PROTOCOL);
    let item = format!("item:{id}");
    let diff = shell.run("alice", &["diff", "job.yaml", &item]).await;
    let image = "~ docker image of prerequisite `image`: ubuntu:22.04 → ubuntu:24.04\n";
    assert_eq!(diff.ok(1), image);
    let same = format!("{item}@1");
    assert_eq!(
        shell.run("alice", &["diff", "job.yaml", &same]).await.ok(0),
        ""
    );
    let theirs = shell.run("bob", &["diff", "job.yaml", &item]).await;
    theirs.failed(2, "403 Forbidden");

    let whole = shell.run("alice", &["show", "--json", &id]).await.json();
    assert_eq!(whole["name"], "Trains");
    assert_eq!(whole["version"], 2);
    let version = shell
        .run("alice", &["show", "--json", &format!("{id}@1")])
        .await
        .json();
    assert_eq!(version["protocol"], PROTOCOL);

    let theirs = shell.run("bob", &["show", &id]).await;
    theirs.failed(1, "403 Forbidden: This item is not shared with you");
    for gone in ["nothing", "a/b ?", ".."] {
        shell
            .run("alice", &["show", gone])
            .await
            .failed(1, "404 Not Found: There is no");
    }
    let gone = shell.run("alice", &["show", &format!("{id}@9")]).await;
    gone.failed(1, "404 Not Found: The item has no version 9");
}
