//! Every odd row of a v1.7 database, as clients see it afterwards.

use poem::http::StatusCode;
use serde_json::{Value, json};

use super::database::{V17, column, execute, load, old_tables};
use super::{ids, rehearse, seen};
use crate::support::Api;

#[tokio::test]
async fn everybody_sees_what_they_saw_and_no_more() {
    let database = load(V17).await;
    let before = old_tables(&database).await;
    let api = Api::on(&database).await;
    let public = [
        "",
        "10",
        "invalid",
        "nameless",
        "ownerless",
        "pretender",
        "public with groups",
        "refused",
    ];
    let with = |more: &[&str]| {
        let mut ids: Vec<String> = public.iter().chain(more).map(ToString::to_string).collect();
        ids.sort();
        ids
    };
    let alices = ["both", "chosen id/1", "nobody", "private"];
    assert_eq!(ids(&api, "admin").await, with(&alices));
    assert_eq!(ids(&api, "alice").await, with(&alices));
    // carol is in vision and default, bob in nlp and default.
    assert_eq!(ids(&api, "carol").await, with(&["chosen id/1"]));
    assert_eq!(ids(&api, "bob").await, with(&["chosen id/1"]));

    for (id, status) in [
        ("10", 200),
        ("chosen%20id%2F1", 200),
        ("private", 403),
        ("both", 403),
        ("nobody", 403),
    ] {
        let answer = api.get("bob", &format!("/items/{id}")).await;
        assert_eq!(answer.status.as_u16(), status, "{id}: {}", answer.body);
    }
    assert_eq!(
        old_tables(&database).await,
        before,
        "the old tables stay as they are"
    );
}

#[tokio::test]
async fn a_whole_item_has_all_it_had() {
    let api = Api::on(&load(V17).await).await;
    let item = seen(&api, "carol").await.remove("chosen id/1").unwrap();
    let wanted = json!({
        "id": "chosen id/1", "name": "whole", "author": "alice", "type": "data", "source": "pai",
        "isPublic": false, "isPrivate": false, "groupList": ["default", "vision"],
        "dataType": "blob", "dataUrl": "http://x/y", "useBlob": true,
        "categories": ["c1"], "tags": ["t1", "t2"], "summary": "sum", "description": "# ü 漢 😀",
        "useNumber": 7, "starNumber": 0, "status": "approved", "protocolValid": true,
        "createdAt": "2021-03-04T05:06:07.891Z", "updatedAt": "2021-03-04T05:06:07.899Z",
    });
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&item[field], value, "{field}");
    }
    assert_eq!(
        item["ItemTags"][0],
        json!({"id": "", "name": "t1", "color": "red"})
    );
    assert_eq!(item["ItemCategories"][0]["name"], "c1");
    for query in [
        "?keyword=sum",
        "?tag=t1,t2",
        "?category=c1",
        "?keyword=%E6%BC%A2",
    ] {
        let found: Vec<Value> = api.get("carol", &format!("/items{query}")).await.json();
        assert_eq!(found.len(), 1, "{query}");
    }
}

#[tokio::test]
async fn names_are_merged_and_placeholders_seen() {
    let api = Api::on(&load(V17).await).await;
    let tags: Vec<Value> = api.get("bob", "/tags").await.json();
    let mut pairs: Vec<_> = tags
        .iter()
        .map(|tag| (tag["name"].as_str().unwrap(), tag["id"].as_str().unwrap()))
        .filter(|(name, _)| !matches!(*name, "plain" | "t2"))
        .collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            ("(unnamed)", "tag-empty"),
            ("Twin", "tag-case"),
            ("t1", ""),
            ("twin", "tag-old")
        ]
    );
    let twin: Value = api.get("bob", "/tags/tag-old").await.json();
    assert_eq!(twin["color"], "#123456", "what only the other one had");
    assert_eq!(twin["createdAt"], "2021-02-01T00:00:00.000Z");

    let categories: Vec<Value> = api.get("bob", "/categories").await.json();
    let names: Vec<_> = categories
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["(unnamed)", "c1", "official example"]);
    assert_eq!(categories[2]["id"], "cat-official");

    let items = seen(&api, "admin").await;
    assert_eq!(items["10"]["tags"], json!(["Twin", "twin"]));
    assert_eq!(items["10"]["categories"], json!(["official example"]));
    assert_eq!(items["nameless"]["tags"], json!(["(unnamed)", "twin"]));
    assert_eq!(items["invalid"]["tags"], json!(["(unnamed)", "plain"]));
    assert_eq!(items["both"]["categories"], json!(["(unnamed)"]));
    assert_eq!(items["refused"]["tags"], json!([]));
}

#[tokio::test]
async fn odd_items_stay_readable() {
    let api = Api::on(&load(V17).await).await;
    let items = seen(&api, "bob").await;
    assert_eq!(items["invalid"]["protocolValid"], false);
    assert_eq!(items["invalid"]["protocol"], "a: 1");
    assert_eq!(items["refused"]["protocolValid"], false);
    assert_eq!(items["10"]["protocolValid"], true);
    for field in ["type", "dataType"] {
        assert_eq!(items["invalid"][field], Value::Null, "{field}");
    }
    assert_eq!(items["invalid"]["useBlob"], false);
    assert_eq!(items["nameless"]["name"], Value::Null);
    assert_eq!(items["nameless"]["type"], Value::Null);
    assert_eq!(items["ownerless"]["author"], Value::Null);
    assert_eq!(items["nameless"]["status"], Value::Null);
    // Hidden by a review that never hid anything before: not.
    assert_eq!(items["invalid"]["status"], "approved");
    assert_eq!(items["refused"]["status"], "approved");
    assert_eq!(items["10"]["starNumber"], 2);
    assert_eq!(items[""]["starNumber"], 1);

    // Only admins make official, so what somebody wrote there does not count.
    assert_eq!(items["pretender"]["categories"], json!([]));
    let change = json!({"summary": "mine"});
    api.put("alice", "/items/10", &change)
        .await
        .assert(StatusCode::FORBIDDEN);
    api.put("mallory", "/items/ownerless", &change)
        .await
        .assert(StatusCode::UNAUTHORIZED);
    api.put("alice", "/items/nameless", &change)
        .await
        .assert(StatusCode::OK);
    api.put("admin", "/items/ownerless", &change)
        .await
        .assert(StatusCode::OK);
}

#[tokio::test]
async fn users_stars_and_storages_come_along() {
    let database = load(V17).await;
    let _api = Api::on(&database).await;
    let users = column(&database, "SELECT name FROM users ORDER BY 1").await;
    assert_eq!(users, ["alice", "bob"]);
    let stars = column(
        &database,
        "SELECT item_id || ' ' || user_name FROM stars ORDER BY 1",
    )
    .await;
    assert_eq!(stars, [" bob", "10 alice", "10 bob"]);
    let storages = column(
        &database,
        "SELECT concat_ws(' ', id, type, storage_account, container_name, connection_strings, tokens, users) \
         FROM storages ORDER BY 1",
    )
    .await;
    assert_eq!(
        storages,
        [
            r#" blob account marketplace ["AccountKey=c2VjcmV0","second"] [] ["alice",""]"#,
            r#"blob-2 blob account marketplace [""] [""] [""]"#,
        ]
    );
}

#[tokio::test]
async fn what_points_nowhere_is_left_out_and_named() {
    let database = load(V17).await;
    execute(
        &database,
        r#"ALTER TABLE "ItemTagRelation" DROP CONSTRAINT "ItemTagRelation_MarketplaceItemId_fkey",
               DROP CONSTRAINT "ItemTagRelation_ItemTagId_fkey";
           ALTER TABLE "StarRelation" DROP CONSTRAINT "StarRelation_MarketplaceItemId_fkey";
           INSERT INTO "ItemTagRelation" ("MarketplaceItemId", "ItemTagId") VALUES ('10', 'gone'), ('gone', 'tag-old');
           INSERT INTO "StarRelation" ("MarketplaceItemId", "UserName") VALUES ('gone', 'alice')"#,
    )
    .await;
    let report = rehearse(&database).await;
    for part in [
        "ItemTagRelation \"10\" to \"gone\"",
        "ItemTagRelation \"gone\"",
        "StarRelation \"gone\" by \"alice\"",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let api = Api::on(&database).await;
    assert_eq!(seen(&api, "bob").await["10"]["starNumber"], 2);
}

#[tokio::test]
async fn the_report_names_every_odd_row_and_no_secret() {
    let report = rehearse(&load(V17).await).await;
    assert!(!report.contains("c2VjcmV0") && !report.contains("AccountKey"));
    insta::assert_snapshot!("report", report);
}
