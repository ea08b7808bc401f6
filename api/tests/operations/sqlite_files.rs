//! SQLite files where none can be: what is wrong, who we are, and what to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use testkit::postgres::unprivileged;

/// What the API says, as somebody who is not root, before it ends.
fn refusal(folder: &Path, file: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_marketplace"));
    command
        .arg("api")
        .env_clear()
        .envs([
            ("PORT", "0"),
            ("IDP_URL", "http://127.0.0.1:9"),
            ("DATABASE_URL", &format!("sqlite://{file}")),
        ])
        .current_dir(folder);
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// A folder into which the API may look.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn a_volume_of_somebody_else_is_told_with_who_we_are_and_what_to_do() {
    let folder = folder();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o555)).unwrap();
    let text = refusal(folder.path(), "data/marketplace.db");
    let path = data.display().to_string();
    for part in [
        format!("{path}/marketplace.db"),
        format!("{path} belongs to user"),
        "mode 555".to_owned(),
        "this process runs as user".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    if let Some((user, group)) = unprivileged() {
        let advice = format!("chown -R {user}:{group} {path}`");
        assert!(text.contains(&advice), "{text}");
        assert!(text.contains("belongs to user 0"), "{text}");
    }
    // The folder itself cannot be made.
    let text = refusal(&data, "deep/er/marketplace.db");
    assert!(text.contains("cannot make the folder"), "{text}");
    assert!(text.contains(&format!("{path} belongs to")), "{text}");
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
}

/// SQLite wants to make files beside the database.
#[test]
fn a_file_of_ours_in_a_folder_of_somebody_else_is_told_too() {
    let folder = folder();
    let data = folder.path().join("data");
    let file = data.join("marketplace.db");
    fs::create_dir(&data).unwrap();
    fs::write(&file, "").unwrap();
    if let Some((user, group)) = unprivileged() {
        chown(&file, Some(user), Some(group)).unwrap();
    }
    fs::set_permissions(&data, Permissions::from_mode(0o555)).unwrap();
    let text = refusal(folder.path(), "data/marketplace.db");
    assert!(text.contains("marketplace.db.lock"), "{text}");
    assert!(text.contains("chown"), "{text}");
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_is_no_database_is_left_alone() {
    let folder = folder();
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("marketplace.db")).unwrap();
    let other = data.join("other.db");
    let text = "name,author\n".repeat(1000);
    fs::write(&other, &text).unwrap();
    if let Some((user, group)) = unprivileged() {
        for path in [&data, &other] {
            chown(path, Some(user), Some(group)).unwrap();
        }
    }
    let said = refusal(folder.path(), "data/marketplace.db");
    assert!(said.contains("a folder in its place"), "{said}");

    let said = refusal(folder.path(), "data/other.db");
    assert!(said.contains("file is not a database"), "{said}");
    assert!(said.contains("data/other.db"), "{said}");
    assert!(said.contains("another file by DATABASE_URL"), "{said}");
    assert_eq!(fs::read_to_string(&other).unwrap(), text);

    let said = refusal(folder.path(), "data/other.db/marketplace.db");
    assert!(said.contains("a file in place of a folder"), "{said}");
}
