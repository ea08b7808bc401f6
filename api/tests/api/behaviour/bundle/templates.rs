//! Bundles of official templates.

use std::fs;

use marketplace_api::official;
use poem::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{Place, export, import, rows};
use crate::support::{Api, connect, on_both};

/// A bundle of these templates, as a later version would bring it along.
fn bundle(place: &Place, rows: &[Value]) -> String {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let lines = lines.join("\n") + "\n";
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&lines);
    let manifest = json!({"format": "openpai-marketplace-bundle", "version": 1, "kind": "templates",
        "created": "2026-01-02T03:04:05.678Z", "madeBy": "9.9.9", "members": [{"name": "templates.jsonl",
        "rows": rows.len(), "bytes": lines.len(), "sha256": format!("{digest:x}")}]});
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in [
        ("templates.jsonl", lines),
        ("manifest.json", manifest.to_string()),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, content.as_bytes())
            .unwrap();
    }
    let path = place.bundle();
    fs::write(&path, builder.into_inner().unwrap()).unwrap();
    path
}

/// The official items by name, as an admin sees them.
async fn items(api: &Api) -> Vec<Value> {
    let items: Vec<Value> = api.get("admin", "/items").await.json();
    items
        .into_iter()
        .filter(|item| item["author"] == "OpenPAI")
        .collect()
}

async fn named(api: &Api, name: &Value) -> Value {
    let items = items(api).await;
    let found: Vec<_> = items
        .into_iter()
        .filter(|item| item["name"] == *name)
        .collect();
    assert_eq!(found.len(), 1, "{name}");
    found.into_iter().next().unwrap()
}

fn outcome<'a>(report: &'a str, template: &Value) -> &'a str {
    let template = template["template"].as_str().unwrap();
    let line = report
        .lines()
        .find(|line| line.split_whitespace().next() == Some(template))
        .unwrap();
    line.trim().strip_prefix(template).unwrap().trim()
}

on_both! {
    async fn local_changes_are_kept_and_told(api: Api) {
        let place = Place::new();
        let shipped = place.bundle();
        let printed = export(&api.database, &["--templates", &shipped]).await.unwrap();
        assert!(printed.contains("official templates"), "{printed}");
        let mut templates = rows(shipped.as_ref(), "templates.jsonl");
        assert_eq!(templates.len(), official::templates().unwrap().len());

        // What was loaded at the start is what the bundle holds.
        let report = import(&api.database, &["--templates", &shipped]).await.unwrap();
        assert_eq!(report.matches("the same").count(), templates.len(), "{report}");

        let path = |item: &Value| format!("/items/{}", item["id"].as_str().unwrap());
        let (changed, deleted, plain, hidden) = (&templates[0], &templates[1], &templates[2], &templates[3]);
        let (changed, deleted, plain, hidden) = (changed.clone(), deleted.clone(), plain.clone(), hidden.clone());
        let mine = named(&api, &changed["name"]).await;
        api.put("admin", &path(&mine), &json!({"summary": "as we do it"})).await.assert(StatusCode::OK);
        let gone = named(&api, &deleted["name"]).await;
        api.delete("admin", &path(&gone)).await.assert(StatusCode::OK);
        let private = named(&api, &hidden["name"]).await;
        api.put("admin", &path(&private), &json!({"isPrivate": true})).await.assert(StatusCode::OK);
        let before = named(&api, &plain["name"]).await;
        api.put("bob", &format!("{}/star", path(&before)), &json!({})).await;
        for template in &mut templates {
            template["description"] = json!(format!("{} Newer.", template["description"].as_str().unwrap()));
        }
        templates[2]["name"] = json!("A new name");
        templates[2]["tags"] = json!(["fresh", "PyTORCH"]);
        let mut added = templates[0].clone();
        (added["template"], added["name"]) = (json!("zz-new"), json!("Brand new"));
        templates.push(added);
        let newer = bundle(&place, &templates);

        let rehearsed = import(&api.database, &["--templates", "--dry-run", &newer]).await.unwrap();
        assert_eq!(named(&api, &plain["name"]).await["description"], before["description"]);
        let report = import(&api.database, &["--templates", &newer]).await.unwrap();
        assert_eq!(rehearsed.replace("\nThis was a rehearsal: nothing has been changed.\n", ""), report);
        assert_eq!(outcome(&report, &changed), "changed here, left so");
        assert_eq!(outcome(&report, &deleted), "deleted here, left so");
        assert_eq!(outcome(&report, &plain), "brought up to date");
        assert_eq!(outcome(&report, &json!({"template": "zz-new"})), "added");
        assert!(report.contains("2 left as they are here; --overwrite"), "{report}");

        let kept = named(&api, &changed["name"]).await;
        assert_eq!((&kept["summary"], &kept["description"]), (&json!("as we do it"), &mine["description"]));
        let updated = named(&api, &json!("A new name")).await;
        assert_eq!((&updated["id"], &updated["starNumber"]), (&before["id"], &json!(1)));
        assert_eq!(updated["categories"], json!(["official example"]));
        let still: Value = api.get("admin", &path(&private)).await.json();
        assert_eq!(still["isPrivate"], true, "whom it is shared with is the admins' affair");
        assert!(still["description"].as_str().unwrap().ends_with("Newer."));
        let new = named(&api, &json!("Brand new")).await;
        assert_eq!((&new["isPublic"], &new["status"], &new["categories"]), (&json!(true), &json!("approved"), &json!(["official example"])));
        let lines: Vec<Value> = api.get("admin", &format!("/audit?item={}", before["id"].as_str().unwrap())).await.json();
        assert_eq!((&lines[0]["user"], &lines[0]["action"]), (&json!("marketplace import"), &json!("update")));

        // A second time there is nothing to do, but for what was left.
        let report = import(&api.database, &["--templates", &newer]).await.unwrap();
        assert_eq!(report.matches("the same").count(), templates.len() - 2, "{report}");
        let report = import(&api.database, &["--templates", "--overwrite", &newer]).await.unwrap();
        assert_eq!(outcome(&report, &changed), "changed here, overwritten");
        assert_eq!(outcome(&report, &deleted), "added");
        assert_eq!(named(&api, &changed["name"]).await["summary"], changed["summary"]);
        let report = import(&api.database, &["--templates", &newer]).await.unwrap();
        assert_eq!(report.matches("the same").count(), templates.len(), "{report}");
    }
}

on_both! {
    async fn a_database_that_remembers_nothing_keeps_what_was_changed(api: Api) {
        // As versions left it that did not note what they had loaded.
        let place = Place::new();
        let db = connect(&api.database).await;
        db.execute_unprepared("DELETE FROM templates").await.unwrap();
        let shipped = place.bundle();
        export(&api.database, &["--templates", &shipped]).await.unwrap();
        let mut templates = rows(shipped.as_ref(), "templates.jsonl");
        let mine = named(&api, &templates[0]["name"]).await;
        let path = format!("/items/{}", mine["id"].as_str().unwrap());
        api.put("admin", &path, &json!({"description": "ours"})).await.assert(StatusCode::OK);
        for template in &mut templates {
            template["summary"] = json!("newer");
        }
        let newer = bundle(&place, &templates);
        let report = import(&api.database, &["--templates", &newer]).await.unwrap();
        assert_eq!(outcome(&report, &templates[0]), "changed here, left so");
        assert_eq!(report.matches("brought up to date").count(), templates.len() - 1, "{report}");
        assert_eq!(items(&api).await.len(), templates.len());
    }
}

#[tokio::test]
async fn the_two_kinds_are_not_mistaken_for_each_other() {
    let place = Place::new();
    let api = Api::on_sqlite().await;
    let (catalogue, templates) = (place.bundle(), place.bundle());
    export(&api.database, &[&catalogue]).await.unwrap();
    export(&api.database, &["--templates", &templates])
        .await
        .unwrap();
    let error = import(&api.database, &[&templates]).await.unwrap_err();
    assert!(
        error.contains("official templates: import it with --templates"),
        "{error}"
    );
    let error = import(&api.database, &["--templates", &catalogue])
        .await
        .unwrap_err();
    assert!(
        error.contains("a whole catalogue: import it without --templates"),
        "{error}"
    );
    let error = import(&api.database, &["--overwrite", &catalogue])
        .await
        .unwrap_err();
    assert!(error.contains("--templates"), "{error}");
}
