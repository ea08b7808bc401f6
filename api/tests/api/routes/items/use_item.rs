//! `POST /items/{id}/use`.

use poem::http::StatusCode;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use store::runs::NewUse;

use crate::support::{Api, PROTOCOL, StoppedClock, connect, on_both};

async fn use_item(api: &Api, user: &str, id: &str) -> crate::support::Answer {
    let path = format!("/items/{id}/use");
    api.send(user, poem::http::Method::POST, &path, None).await
}

async fn use_number(api: &Api, id: &str) -> i64 {
    let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
    item["useNumber"].as_i64().unwrap()
}

/// An item whose job uses the storage.
async fn with_blob(api: &Api) -> String {
    api.create("alice", json!({"useBlob": true})).await
}

async fn create_storage(api: &Api, fields: Value) {
    let mut body = json!({
        "storageAccount": "acct", "containerName": "marketplace",
        "connectionStrings": ["AccountName=acct;AccountKey=aHVzaA=="],
    });
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    api.post("admin", "/storages/blobs", &body)
        .await
        .assert(StatusCode::CREATED);
}

/// The address that the job got.
fn address(answer: &crate::support::Answer) -> reqwest::Url {
    answer.assert(StatusCode::OK);
    let protocol: Value = answer.json();
    protocol["secrets"]["azureStorageSasUrl"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

on_both! {
    async fn who_has_looked_at_a_version_runs_no_other(api: Api) {
        let id = api.create("alice", json!({})).await;
        let of = async |version: &str| {
            let path = format!("/items/{id}/use?version={version}");
            api.send("bob", poem::http::Method::POST, &path, None).await
        };
        of("1").await.assert(StatusCode::OK);
        let protocol = PROTOCOL.replace("22.04", "24.04");
        api.put("alice", &format!("/items/{id}"), &json!({"protocol": protocol})).await.assert(StatusCode::OK);
        of("1").await.assert_text(StatusCode::PRECONDITION_FAILED, "version 2 now");
        assert_eq!(use_number(&api, &id).await, 1, "what is refused is no use");
        of("2").await.assert(StatusCode::OK);
        of("two").await.assert(StatusCode::BAD_REQUEST);
    }
}

on_both! {
    async fn the_answer_is_the_protocol_as_the_submit_page_takes_it(api: Api) {
        let id = api.create("alice", json!({})).await;
        let answer = use_item(&api, "bob", &id).await;
        answer.assert(StatusCode::OK);
        let protocol: Value = answer.json();
        let mut expected = shared::protocol::to_json(PROTOCOL).unwrap();
        let stamp = &protocol["extras"]["marketplace"];
        assert_eq!(stamp["item"], id);
        assert_eq!(stamp["version"], 1);
        assert!(stamp["digest"].as_str().unwrap().starts_with("sha256:"));
        let again: Value = use_item(&api, "bob", &id).await.json();
        assert_eq!(again["extras"]["marketplace"]["digest"], stamp["digest"]);
        assert_ne!(again["extras"]["marketplace"]["use"], stamp["use"]);
        expected["extras"] = json!({"marketplace": stamp});
        assert_eq!(protocol, expected);
        assert_eq!(use_number(&api, &id).await, 2);
        let before: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!(before["createdAt"], before["updatedAt"], "a use is no change");
    }
}

on_both! {
    async fn a_job_gets_what_openpai_reads_in_the_yaml(api: Api) {
        let text = PROTOCOL.replace("taskRoles:", "\
parameters:
  common: &common {epochs: 1, size: 0100, most: .inf, day: 2021-01-01}
  run: {<<: *common, epochs: 3}
\"secrets\": {seed: x}
taskRoles:");
        let id = api.create("alice", json!({"protocol": text})).await;
        let answer = use_item(&api, "bob", &id).await;
        answer.assert(StatusCode::OK);
        let protocol: Value = answer.json();
        let run = json!({"epochs": 3, "size": 64, "most": "Infinity", "day": "2021-01-01T00:00:00.000Z"});
        assert_eq!(protocol["parameters"]["run"], run);
    }
}

on_both! {
    async fn only_readers_use_an_item(api: Api) {
        let id = api.create("alice", json!({"isPrivate": true})).await;
        use_item(&api, "bob", &id).await.assert(StatusCode::FORBIDDEN);
        use_item(&api, "", &id).await.assert(StatusCode::UNAUTHORIZED);
        use_item(&api, "bob", "nothing").await.assert_text(StatusCode::NOT_FOUND, "There is no item");
        assert_eq!(use_number(&api, &id).await, 0);
        use_item(&api, "admin", &id).await.assert(StatusCode::OK);
        assert_eq!(use_number(&api, &id).await, 1);
    }
}

on_both! {
    async fn fifty_uses_at_a_time_are_fifty_uses(api: Api) {
        let id = api.create("alice", json!({})).await;
        let uses = (0..50).map(|_| use_item(&api, "bob", &id));
        for answer in futures_util::future::join_all(uses).await {
            answer.assert(StatusCode::OK);
        }
        assert_eq!(use_number(&api, &id).await, 50);
    }
}

on_both! {
    async fn what_a_user_has_used_last_is_found_again(api: Api) {
        let ids = [
            api.create("alice", json!({"name": "one"})).await,
            api.create("alice", json!({"name": "two"})).await,
            api.create("alice", json!({"name": "three"})).await,
        ];
        for number in [0, 1, 2, 0] {
            use_item(&api, "bob", &ids[number]).await.assert(StatusCode::OK);
        }
        use_item(&api, "carol", &ids[1]).await.assert(StatusCode::OK);
        let query = "?used=true&sort=-usedAt&limit=10";
        assert_eq!(api.names("bob", query).await, ["one", "three", "two"]);
        assert_eq!(api.names("carol", query).await, ["two"]);
        assert!(api.names("alice", query).await.is_empty(), "an author has not used what others have");
        assert_eq!(api.names("bob", "?used=true&author=alice&keyword=two").await, ["two"]);
        assert!(!api.names("bob", "?used=false").await.contains(&"one".to_owned()));
        assert!(api.names("alice", "?used=false").await.contains(&"one".to_owned()));
        let facets: Value = api.get("bob", "/items/facets?used=true").await.json();
        assert_eq!(facets["author"], json!([{"value": "alice", "count": 3}]));

        api.get("bob", "/items?sort=-usedAt").await.assert_text(StatusCode::BAD_REQUEST, "used=true");
        api.get("bob", "/items?used=yes").await.assert_text(StatusCode::BAD_REQUEST, "`used`");

        api.put("alice", &format!("/items/{}", ids[0]), &json!({"isPrivate": true})).await.assert(StatusCode::OK);
        assert_eq!(api.names("bob", query).await, ["three", "two"], "what one may no longer see");
        api.delete("alice", &format!("/items/{}", ids[2])).await.assert(StatusCode::OK);
        assert_eq!(api.names("bob", query).await, ["two"]);
    }
}

fn new_use<'a>(item_id: &'a str, user: &'a str, id: &'a str) -> NewUse<'a> {
    NewUse {
        id,
        item_id,
        version: 1,
        user,
        digest: "sha256:x",
    }
}

on_both! {
    async fn uses_of_long_ago_are_forgotten(api: Api) {
        use store::usage::MAX_USES_PER_USER;

        let store = marketplace_api::startup::open(&api.database).await.unwrap();
        let items: Vec<_> = (0..MAX_USES_PER_USER + 5)
            .map(|number| crate::behaviour::many_items::item(&json!({"name": format!("used {number:03}"), "isPublic": true})))
            .collect();
        let ids = store.create_items(items.clone()).await.unwrap();
        for id in &ids {
            store.count_use(new_use(id, "bob", id)).await.unwrap();
        }
        store.count_use(new_use(&ids[0], "carol", "a use")).await.unwrap();
        for version in 1..=205 {
            let use_id = format!("dave's {version}");
            let new = NewUse { version, ..new_use(&ids[0], "dave", &use_id) };
            store.count_use(new).await.unwrap();
        }
        store.close().await.unwrap();
        let rows = "SELECT version FROM used_versions WHERE user_name = 'dave' ORDER BY version";
        let db = connect(&api.database).await;
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), rows)).await.unwrap();
        let versions: Vec<i32> = rows.iter().map(|row| row.try_get("", "version").unwrap()).collect();
        assert_eq!(versions, (6..=205).collect::<Vec<_>>());
        let used = api.names("bob", "?used=true&sort=-usedAt&limit=500").await;
        assert_eq!(used.len() as u64, MAX_USES_PER_USER);
        assert_eq!(used[0], items.last().unwrap().name.clone().unwrap());
        assert!(!used.contains(&"used 004".to_owned()));
        assert_eq!(api.names("carol", "?used=true").await, ["used 000"]);
    }
}

on_both! {
    async fn many_uses_of_many_items_at_a_time_do_not_wait_in_a_circle(api: Api) {
        let mut ids = Vec::new();
        for number in 0..6 {
            ids.push(api.create("alice", json!({"name": format!("item {number}")})).await);
        }
        let uses = (0..60).map(|number| use_item(&api, "bob", &ids[number * 7 % 6]));
        for answer in futures_util::future::join_all(uses).await {
            answer.assert(StatusCode::OK);
        }
        assert_eq!(api.names("bob", "?used=true").await.len(), 6);
    }
}

on_both! {
    async fn a_protocol_of_old_that_is_invalid_makes_no_job(api: Api) {
        let id = api.create("alice", json!({})).await;
        let store = marketplace_api::startup::open(&api.database).await.unwrap();
        store.update_item(&id, "alice", store::versions::Reason::default(), |item| Ok::<_, std::convert::Infallible>(shared::wire::Item {
            protocol: Some(PROTOCOL.replace("commands", "comands")),
            ..item
        })).await.unwrap();
        use_item(&api, "bob", &id).await.assert_text(StatusCode::CONFLICT, "comands");
        let request = api.request(poem::http::Method::POST, &format!("/items/{id}/use"))
            .header("authorization", format!("Bearer {}", api.openpai.token("bob")))
            .header("accept", "application/json");
        let problem: Value = crate::support::Answer::of(request.send().await.0).await.json();
        assert_eq!(problem["status"], 409);
        assert!(!problem["diagnostics"].as_array().unwrap().is_empty());
        assert_eq!(use_number(&api, &id).await, 0);
    }
}

on_both! {
    async fn the_job_gets_access_as_a_secret_and_never_the_key(api: Api) {
        let api = api.with_clock(&StoppedClock::at("2026-02-03T04:05:06.789Z")).await;
        create_storage(&api, json!({})).await;
        let id = with_blob(&api).await;
        let answer = use_item(&api, "bob", &id).await;
        let address = address(&answer);
        assert_eq!(address.host_str(), Some("acct.blob.core.windows.net"));
        assert_eq!(address.path(), "/marketplace");
        let query: std::collections::HashMap<_, _> = address.query_pairs().collect();
        assert_eq!((&*query["sr"], &*query["sp"], &*query["spr"]), ("c", "rl", "https"));
        // A quarter of an hour for clocks that differ, and the minute that it is to last.
        assert_eq!((&*query["st"], &*query["se"]), ("2026-02-03T03:50:06Z", "2026-02-03T04:06:06Z"));
        assert!(!answer.body.contains("aHVzaA") && !answer.body.contains("AccountKey"));
        let protocol: Value = answer.json();
        let roles = protocol["taskRoles"].to_string();
        assert!(roles.contains("<% $secrets.azureStorageSasUrl %>") && !roles.contains("sig="), "{roles}");
        assert!(shared::protocol::validate(&answer.body).is_valid());
        assert_eq!(use_number(&api, &id).await, 1);
    }
}

on_both! {
    async fn the_storage_is_one_that_the_caller_may_use(api: Api) {
        let id = with_blob(&api).await;
        use_item(&api, "bob", &id).await.assert_text(StatusCode::CONFLICT, "ask an admin");
        create_storage(&api, json!({"users": ["alice"]})).await;
        create_storage(&api, json!({"type": "other"})).await;
        use_item(&api, "bob", &id).await.assert_text(StatusCode::CONFLICT, "ask an admin");
        assert_eq!(use_number(&api, &id).await, 0);

        create_storage(&api, json!({"containerName": "everybodys", "users": [""]})).await;
        assert_eq!(address(&use_item(&api, "bob", &id).await).path(), "/everybodys");
        assert_eq!(address(&use_item(&api, "alice", &id).await).path(), "/marketplace");
        let near_data = json!({"useBlob": true, "dataUrl": "https://acct.blob.core.windows.net/everybodys/data.zip"});
        let id = api.create("alice", near_data).await;
        assert_eq!(address(&use_item(&api, "alice", &id).await).path(), "/everybodys");
    }
}

on_both! {
    async fn a_storage_of_old_that_is_nonsense_is_explained(api: Api) {
        create_storage(&api, json!({"connectionStrings": ["hush"]})).await;
        let id = with_blob(&api).await;
        let answer = use_item(&api, "bob", &id).await;
        answer.assert_text(StatusCode::CONFLICT, "acct/marketplace");
        assert!(answer.body.contains("NAME=VALUE") && !answer.body.contains("hush"), "{}", answer.body);
        assert_eq!(use_number(&api, &id).await, 0);
    }
}
