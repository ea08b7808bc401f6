//! `marketplace export` and `marketplace import`: whole catalogues.

mod hostile;
mod signed;
mod templates;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::Parser;
use marketplace_api::bundle::export::{self, ExportOptions};
use marketplace_api::bundle::import::{self, ImportOptions};
use marketplace_api::config::Database;
use marketplace_api::startup;
use poem::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Api, PROTOCOL, connect, new_postgres_database, on_both, postgres_url};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";

#[derive(Parser)]
struct Export {
    #[command(flatten)]
    options: ExportOptions,
}

#[derive(Parser)]
struct Import {
    #[command(flatten)]
    options: ImportOptions,
}

fn url(database: &Database) -> String {
    match database {
        Database::Sqlite(file) => format!("sqlite://{}", file.display()),
        Database::Postgres(_) => postgres_url(database).to_string(),
    }
}

fn arguments(program: &str, database: &Database, args: &[&str]) -> Vec<String> {
    let first = [program, "--database-url", &url(database)].map(str::to_owned);
    let args = args.iter().map(|arg| (*arg).to_owned());
    first.into_iter().chain(args).collect()
}

/// What the command prints, or its error.
async fn export(database: &Database, args: &[&str]) -> Result<String, String> {
    let cli = Export::try_parse_from(arguments("export", database, args))
        .map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    export::run(&cli.options, &mut out)
        .await
        .map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).unwrap())
}

async fn import(database: &Database, args: &[&str]) -> Result<String, String> {
    let cli = Import::try_parse_from(arguments("import", database, args))
        .map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    // It is large, and there are many of them.
    Box::pin(import::run(&cli.options, &mut out))
        .await
        .map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).unwrap())
}

/// The members of a bundle but for its manifest.
fn members(bundle: &Path) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(File::open(bundle).unwrap());
    let mut members = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        if name.starts_with("manifest") {
            continue;
        }
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        members.insert(name, content);
    }
    members
}

fn rows(bundle: &Path, member: &str) -> Vec<Value> {
    let members = members(bundle);
    let lines = members[member].lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Files and databases of a test.
struct Place {
    folder: TempDir,
    number: std::cell::Cell<u32>,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            number: std::cell::Cell::new(0),
        }
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.number.set(self.number.get() + 1);
        self.folder
            .path()
            .join(format!("{}{ending}", self.number.get()))
    }

    fn bundle(&self) -> String {
        self.file(".tar").display().to_string()
    }

    fn sqlite(&self) -> Database {
        Database::Sqlite(self.file(".db"))
    }

    /// An empty database, of the other kind.
    async fn other(&self, database: &Database) -> Database {
        match database {
            Database::Sqlite(_) => new_postgres_database().await,
            Database::Postgres(_) => self.sqlite(),
        }
    }
}

/// The id of an official template.
async fn template(api: &Api) -> String {
    let found: Vec<Value> = api
        .get("admin", "/items?official=true&limit=1&sort=name")
        .await
        .json();
    found[0]["id"].as_str().unwrap().to_owned()
}

/// A catalogue with something of everything.
async fn fill(api: &Api) -> Vec<String> {
    let made = async |path: &str, body: Value| {
        let answer = api.post("admin", path, &body).await;
        answer.assert(StatusCode::CREATED);
    };
    made(
        "/categories",
        json!({"name": "vision", "description": "Bilder 图像", "extras": "{\"a\": 1}"}),
    )
    .await;
    made(
        "/tags",
        json!({"name": "lonely", "color": "red", "description": "on nothing"}),
    )
    .await;
    let template = template(api).await;
    let ids = [
        api.create(
            "alice",
            json!({"name": "Falcon", "tags": ["PyTorch", "größe"], "categories": ["vision"],
                "summary": "a \"quoted\" line", "description": "# Wanderfalke\n\ttab \u{1F600} \u{2028} \\ end"}),
        )
        .await,
        api.create("bob", json!({"name": "Owl", "isPrivate": true, "tags": ["pytorch"]})).await,
        api.create("alice", json!({"name": "Robin", "groupList": ["vision", "default"], "type": "data",
            "dataType": "github", "dataUrl": "https://github.com/o/r", "license": "MIT"}))
            .await,
        api.create("carol", json!({"name": "Egret", "copiedFrom": {"id": template}})).await,
    ];
    for user in ["alice", "bob", "carol"] {
        let path = format!("/items/{}/star", ids[0]);
        let answer = api.put(user, &path, &json!({})).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }
    api.put(
        "admin",
        &format!("/items/{}", ids[2]),
        &json!({"status": "rejected", "reviewNote": "no\nlicence"}),
    )
    .await
    .assert(StatusCode::OK);
    for command in ["echo two", "echo three"] {
        let protocol = PROTOCOL.replace("echo hello", command);
        let fields = json!({"protocol": protocol, "versionNote": command});
        api.put("alice", &format!("/items/{}", ids[0]), &fields)
            .await
            .assert(StatusCode::OK);
    }
    for (user, path, fields) in [
        (
            "alice",
            format!("/items/{}/versions/2/withdrawal", ids[0]),
            json!({"reason": "Wrong."}),
        ),
        (
            "alice",
            format!("/items/{}/versions/3/withdrawal", ids[0]),
            json!({"reason": "Too."}),
        ),
        (
            "admin",
            format!("/items/{}", ids[0]),
            json!({"deprecation": {"reason": "Old.", "successor": {"id": ids[1]}}}),
        ),
        (
            "admin",
            format!("/items/{}/evidence/exit-codes/-1200", ids[0]),
            json!({"answer": "More memory. ".repeat(30)}),
        ),
        (
            "admin",
            format!("/items/{}/evidence/exit-codes/1", ids[0]),
            json!({"answer": "Try again."}),
        ),
    ] {
        api.put(user, &path, &fields).await.assert(StatusCode::OK);
    }
    let db = connect(&api.database).await;
    for statement in [
        format!("UPDATE items SET use_number = 7, protocol_valid = false WHERE id = '{}'", ids[1]),
        // As old databases have them.
        "INSERT INTO items (id, source, is_public, is_private, use_blob, protocol, use_number, star_number, \
         protocol_valid, created_at, updated_at) VALUES ('chosen id/1', 'pai', true, false, false, '', 0, 0, true, \
         '2019-01-02 03:04:05.678+00:00', '2019-01-02 03:04:05.678+00:00')"
            .to_owned(),
        "INSERT INTO tags (id, name, search_name, is_explicit, created_at, updated_at) VALUES ('t', 'PYTORCH', \
         'pytorch\u{1}t', false, '2019-01-02 03:04:05.678+00:00', '2019-01-02 03:04:05.678+00:00')"
            .to_owned(),
        "INSERT INTO item_tags (item_id, tag_id) VALUES ('chosen id/1', 't')".to_owned(),
    ] {
        db.execute_unprepared(&statement).await.unwrap();
    }
    // What is kept beside such rows is made anew at a start.
    db.execute_unprepared(
        "INSERT INTO marks (name, created_at) VALUES ('reindex wanted', '2024-01-02T03:04:05Z')",
    )
    .await
    .unwrap();
    Api::on(&api.database).await;
    ids.to_vec()
}

on_both! {
    async fn a_catalogue_is_the_same_on_the_other_database_and_back(api: Api) {
        let place = Place::new();
        let ids = fill(&api).await;
        let first = place.bundle();
        let printed = export(&api.database, &[&first]).await.unwrap();
        assert!(printed.contains("items"), "{printed}");
        let mode = std::fs::metadata(&first).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = place.bundle();
        export(&api.database, &[&again]).await.unwrap();
        assert_eq!(members(Path::new(&first)), members(Path::new(&again)));
        assert_eq!(
            members(Path::new(&first)).into_keys().collect::<Vec<_>>(),
            ["categories.jsonl", "items.jsonl", "stars.jsonl", "tags.jsonl", "versions.jsonl"],
            "neither storages nor the audit"
        );

        let other = place.other(&api.database).await;
        let report = import(&other, &[&first]).await.unwrap();
        assert!(report.contains("not signed"), "{report}");
        let second = place.bundle();
        export(&other, &[&second]).await.unwrap();
        assert_eq!(members(Path::new(&first)), members(Path::new(&second)));

        let back = place.other(&other).await;
        import(&back, &[&second]).await.unwrap();
        let third = place.bundle();
        export(&back, &[&third]).await.unwrap();
        assert_eq!(members(Path::new(&first)), members(Path::new(&third)));

        // And it works there: what is read, found, and counted.
        let served = Api::on(&other).await;
        for id in &ids {
            for user in ["alice", "admin"] {
                let path = format!("/items/{id}");
                assert_eq!(served.get(user, &path).await.body, api.get(user, &path).await.body);
            }
        }
        for version in ["", "/1", "/2", "/3"] {
            let path = format!("/items/{}/versions{version}", ids[0]);
            assert_eq!(served.get("bob", &path).await.body, api.get("bob", &path).await.body);
        }
        let stars: Value = served.get("carol", &format!("/items/{}", ids[0])).await.json();
        assert_eq!((&stars["starNumber"], &stars["starred"]), (&json!(3), &json!(true)));
        for path in ["/tags", "/categories", "/items?keyword=wanderf", "/items?tag=gr%C3%B6%C3%9Fe", "/items?sort=name"] {
            assert_eq!(served.get("admin", path).await.body, api.get("admin", path).await.body, "{path}");
        }
        assert_eq!(served.names("alice", "?keyword=wanderf").await, ["Falcon"]);
        // No template is there twice, and none is loaded again.
        let all: Vec<Value> = served.get("admin", "/items").await.json();
        let before: Vec<Value> = api.get("admin", "/items").await.json();
        assert_eq!(all.len(), before.len());
        // New ones go on where it left.
        let id = served.create("carol", json!({"name": "Kestrel", "tags": ["pytorch"]})).await;
        let item: Value = served.get("carol", &format!("/items/{id}")).await.json();
        assert_eq!(item["tags"], json!(["PyTorch"]));
    }
}

on_both! {
    async fn importing_it_again_changes_nothing(api: Api) {
        let place = Place::new();
        fill(&api).await;
        let bundle = place.bundle();
        export(&api.database, &[&bundle]).await.unwrap();
        let report = import(&api.database, &[&bundle]).await.unwrap();
        for line in report.lines().filter(|line| line.starts_with("  items") || line.starts_with("  tags")) {
            let counts: Vec<&str> = line.split_whitespace().collect();
            assert_eq!((counts[1], counts[2], counts[4]), ("0", "0", "0"), "{report}");
        }
        let again = place.bundle();
        export(&api.database, &[&again]).await.unwrap();
        assert_eq!(members(Path::new(&bundle)), members(Path::new(&again)));
    }
}

on_both! {
    async fn a_conflict_fails_is_skipped_or_replaced(api: Api) {
        let place = Place::new();
        let ids = fill(&api).await;
        let bundle = place.bundle();
        export(&api.database, &[&bundle]).await.unwrap();
        let falcon = format!("/items/{}", ids[0]);
        let was = api.get("admin", &falcon).await.json::<Value>();
        // What happens after the export.
        let versions = api.get("admin", &format!("{falcon}/versions")).await.body;
        let changed = json!({"name": "Kestrel", "tags": ["small"], "isPrivate": true, "protocol": PROTOCOL});
        api.put("alice", &falcon, &changed).await.assert(StatusCode::OK);
        api.delete("alice", &format!("{falcon}/star")).await;
        api.delete("bob", &format!("/items/{}", ids[1])).await.assert(StatusCode::OK);
        let tags: Vec<Value> = api.get("admin", "/tags").await.json();
        let lonely = tags.iter().find(|tag| tag["name"] == "lonely").unwrap();
        let tag = format!("/tags/{}", lonely["id"].as_str().unwrap());
        api.put("admin", &tag, &json!({"color": "blue"})).await.assert(StatusCode::OK);
        let new = api.create("carol", json!({"name": "Wren", "tags": ["lonely"]})).await;
        let before = place.bundle();
        export(&api.database, &[&before]).await.unwrap();

        let error = import(&api.database, &[&bundle]).await.unwrap_err();
        assert!(error.contains("tag \"lonely\"") && error.contains("--on-conflict"), "{error}");
        let rehearsed = import(&api.database, &["--dry-run", "--on-conflict=replace", &bundle]).await.unwrap();
        assert!(rehearsed.contains("rehearsal") && rehearsed.contains("\"Kestrel\""), "{rehearsed}");
        let after = place.bundle();
        export(&api.database, &[&after]).await.unwrap();
        assert_eq!(members(Path::new(&before)), members(Path::new(&after)), "nothing has changed");

        import(&api.database, &["--on-conflict=skip", &bundle]).await.unwrap();
        let kept: Value = api.get("alice", &falcon).await.json();
        assert_eq!((&kept["name"], &kept["starNumber"]), (&json!("Kestrel"), &json!(2)));
        api.get("bob", &format!("/items/{}", ids[1])).await.assert(StatusCode::OK);
        assert_eq!(api.get("admin", &tag).await.json::<Value>()["color"], "blue");

        let report = import(&api.database, &["--on-conflict=replace", &bundle]).await.unwrap();
        assert_eq!(report.replace(" rehearsal", ""), report);
        assert_eq!(api.get("admin", &falcon).await.json::<Value>(), was);
        assert_eq!(api.get("admin", &format!("{falcon}/versions")).await.body, versions);
        assert!(report.contains("versions"), "{report}");
        assert_eq!(api.get("admin", &tag).await.json::<Value>()["color"], "red");
        // The colour is in the copies of what was not in the bundle, too.
        let wren: Value = api.get("carol", &format!("/items/{new}")).await.json();
        assert_eq!(wren["ItemTags"][0]["color"], "red");
        assert_eq!(api.names("alice", "?keyword=falcon").await, ["Falcon"]);
        assert!(api.names("alice", "?keyword=kestrel").await.is_empty());

        let lines: Vec<Value> = api.get("admin", &format!("/audit?item={}", ids[0])).await.json();
        assert_eq!(lines[0]["user"], "marketplace import");
        assert_eq!(lines[0]["action"], "update");
        let details = lines[0]["details"].to_string();
        assert!(details.contains("\"name\"") && details.contains("\"isPrivate\""), "{details}");
        let lines: Vec<Value> = api.get("admin", &format!("/audit?item={}", ids[1])).await.json();
        assert_eq!((&lines[0]["user"], &lines[0]["action"]), (&json!("marketplace import"), &json!("create")));
    }
}

on_both! {
    /// Rows leave out some fields where they are empty.
    async fn what_an_item_has_here_alone_is_a_difference(api: Api) {
        let place = Place::new();
        let item = format!("/items/{}", api.create("alice", json!({"name": "Merlin"})).await);
        let bundle = place.bundle();
        export(&api.database, &[&bundle]).await.unwrap();
        api.put("alice", &item, &json!({"license": "MIT"})).await.assert(StatusCode::OK);
        let error = import(&api.database, &[&bundle]).await.unwrap_err();
        assert!(error.contains("\"Merlin\""), "{error}");
        import(&api.database, &["--on-conflict=replace", &bundle]).await.unwrap();
        let item: Value = api.get("alice", &item).await.json();
        assert_eq!(item.get("license"), None);
    }
}

on_both! {
    async fn a_server_that_has_started_has_no_template_twice(api: Api) {
        let place = Place::new();
        let ids = fill(&api).await;
        let bundle = place.bundle();
        export(&api.database, &[&bundle]).await.unwrap();
        let other = Api::on(&place.other(&api.database).await).await;
        let report = import(&other.database, &[&bundle]).await.unwrap();
        assert!(!report.contains("Here already, and different"), "{report}");
        let count = async |api: &Api| api.get("admin", "/items").await.json::<Vec<Value>>().len();
        assert_eq!(count(&other).await, count(&api).await);
        // And a copy of one is a copy of the one that is there.
        let copy: Value = other.get("carol", &format!("/items/{}", ids[3])).await.json();
        assert_eq!(copy["copiedFrom"]["id"], template(&other).await.as_str());
        assert_ne!(template(&other).await, template(&api).await);
        let report = import(&other.database, &[&bundle]).await.unwrap();
        assert!(!report.contains("Here already, and different"), "{report}");
    }
}

on_both! {
    async fn secrets_travel_only_when_asked_for_and_encrypted(api: Api) {
        let place = Place::new();
        let body = json!({"storageAccount": "account", "containerName": "c", "connectionStrings": ["hush hush"],
            "tokens": ["hush token"], "users": ["alice"]});
        api.post("admin", "/storages/blobs", &body).await.assert(StatusCode::CREATED);
        let bundle = place.bundle();
        let error = export(&api.database, &["--with-secrets", &bundle]).await.unwrap_err();
        assert!(error.contains("SECRET_KEY") && !Path::new(&bundle).exists(), "{error}");
        let printed = export(&api.database, &["--with-secrets", "--with-audit", "--secret-key", KEY, &bundle]).await;
        assert!(printed.unwrap().contains("storages"));
        let text = std::fs::read(&bundle).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("hush"));

        let other = place.other(&api.database).await;
        let report = import(&other, &[&bundle]).await.unwrap();
        assert!(report.contains("1 storages of the bundle (--with-secrets)"), "{report}");
        let error = import(&other, &["--with-secrets", "--secret-key", OTHER_KEY, &bundle]).await.unwrap_err();
        assert!(error.contains("SECRET_KEY_OLD"), "{error}");
        // Kept under the key of the place that it comes to.
        let keys = ["--secret-key", OTHER_KEY, "--secret-key-old", KEY];
        let args = [&["--with-secrets", "--with-audit"], &keys[..], &[&bundle]].concat();
        import(&other, &args).await.unwrap();
        let keyring = store::secrets::Keyring::new(Some(OTHER_KEY), None).unwrap();
        let store = startup::open(&other).await.unwrap().with_keys(keyring);
        let storages = store.storages(store::storages::StorageFilter::default()).await.unwrap();
        assert_eq!(storages.len(), 1);
        assert_eq!(storages[0].connection_strings, ["hush hush"]);
        assert_eq!((&*storages[0].tokens, &*storages[0].users), (&["hush token".to_owned()][..], &["alice".to_owned()][..]));
        // Again: nothing is different, and no line of the audit is there twice.
        let report = import(&other, &args).await.unwrap();
        assert!(!report.contains("different"), "{report}");
        let (first, second) = (place.bundle(), place.bundle());
        export(&api.database, &["--with-audit", &first]).await.unwrap();
        export(&other, &["--with-audit", &second]).await.unwrap();
        let ours = rows(Path::new(&first), "audit.jsonl");
        let theirs = rows(Path::new(&second), "audit.jsonl");
        let imported = |row: &&Value| row["user"] != "marketplace import";
        let theirs: Vec<Value> = theirs.iter().filter(imported).cloned().collect();
        assert_eq!(ours, theirs);
    }
}

on_both! {
    async fn a_bundle_is_what_was_there_at_one_moment(api: Api) {
        // Writers go on while it is made; ties and stars fit the items.
        let place = Place::new();
        let ids = fill(&api).await;
        let database = api.database.clone();
        let bundles: Vec<String> = (0..3).map(|_| place.bundle()).collect();
        let writing = async {
            for number in 0..30 {
                let id = api.create("bob", json!({"name": format!("n{number}"), "tags": [format!("t{number}")]})).await;
                api.put("bob", &format!("/items/{id}/star"), &json!({})).await;
                api.put("alice", &format!("/items/{}", ids[0]), &json!({"tags": [format!("f{number}")]})).await;
            }
        };
        let reading = async {
            for bundle in &bundles {
                export(&database, &[bundle]).await.unwrap();
            }
        };
        tokio::join!(writing, reading);
        for bundle in bundles {
            let bundle = Path::new(&bundle);
            let items = rows(bundle, "items.jsonl");
            let known = |field: &str, rows: &[Value], name: &Value| rows.iter().any(|row| row[field] == *name);
            let tags = rows(bundle, "tags.jsonl");
            for item in &items {
                for tag in item["tags"].as_array().unwrap() {
                    assert!(known("name", &tags, tag), "{tag}");
                }
            }
            for star in rows(bundle, "stars.jsonl") {
                assert!(known("id", &items, &star["item"]), "{star}");
            }
        }
    }
}

on_both! {
    async fn people_go_on_working_while_it_is_imported(api: Api) {
        let place = Place::new();
        let ids = fill(&api).await;
        let bundle = place.bundle();
        export(&api.database, &[&bundle]).await.unwrap();
        let falcon = format!("/items/{}", ids[0]);
        let database = api.database.clone();
        let importing = async {
            for _ in 0..5 {
                import(&database, &["--on-conflict=replace", &bundle]).await.unwrap();
            }
        };
        let working = async {
            for number in 0..20 {
                let changed = json!({"name": format!("Kestrel {number}"), "tags": ["PyTorch", "lonely"]});
                api.put("alice", &falcon, &changed).await.assert(StatusCode::OK);
                api.create("bob", json!({"tags": ["PyTorch", "größe"], "categories": ["vision"]})).await;
                api.get("bob", "/items?tag=PyTorch&limit=5").await.assert(StatusCode::OK);
            }
        };
        tokio::join!(importing, working);
        import(&api.database, &["--on-conflict=replace", &bundle]).await.unwrap();
        let restored: Value = api.get("alice", &falcon).await.json();
        assert_eq!(restored["name"], "Falcon");
        assert_eq!(api.names("bob", "?author=bob&isPublic=true").await.len(), 20);
    }
}

#[tokio::test]
async fn what_is_missing_or_in_the_way_is_named() {
    let place = Place::new();
    let nothing = place.sqlite();
    let bundle = place.bundle();
    let error = export(&nothing, &[&bundle]).await.unwrap_err();
    assert!(error.contains("there is no SQLite file"), "{error}");
    let api = Api::on_sqlite().await;
    std::fs::write(&bundle, "mine").unwrap();
    let error = export(&api.database, &[&bundle]).await.unwrap_err();
    assert!(error.contains("is there already"), "{error}");
    assert_eq!(std::fs::read_to_string(&bundle).unwrap(), "mine");
    let error = export(&api.database, &["/nowhere/x.tar"])
        .await
        .unwrap_err();
    assert!(error.contains("/nowhere"), "{error}");
    let whole = place.bundle();
    export(&api.database, &[&whole]).await.unwrap();
    let error = import(&nothing, &["--dry-run", &whole]).await.unwrap_err();
    assert!(error.contains("a rehearsal does not make one"), "{error}");
    // Nothing but what is whole is ever in the folder.
    let left = std::fs::read_dir(place.folder.path()).unwrap();
    let hidden = left.filter(|file| {
        file.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.')
    });
    assert_eq!(hidden.count(), 0);
}
