//! `POST /items/{id}/use`.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, PROTOCOL, on_both};

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
    async fn the_answer_is_the_protocol_as_the_submit_page_takes_it(api: Api) {
        let id = api.create("alice", json!({})).await;
        let answer = use_item(&api, "bob", &id).await;
        answer.assert(StatusCode::OK);
        let protocol: Value = answer.json();
        assert_eq!(protocol, shared::protocol::to_json(PROTOCOL).unwrap());
        assert_eq!(use_number(&api, &id).await, 1);
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
\"secrets\": {token: x}
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
    async fn a_protocol_of_old_that_is_invalid_makes_no_job(api: Api) {
        let id = api.create("alice", json!({})).await;
        let store = marketplace_api::startup::open(&api.database).await.unwrap();
        store.update_item(&id, "alice", |item| Ok::<_, std::convert::Infallible>(shared::wire::Item {
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
        create_storage(&api, json!({})).await;
        let id = with_blob(&api).await;
        let answer = use_item(&api, "bob", &id).await;
        let address = address(&answer);
        assert_eq!(address.host_str(), Some("acct.blob.core.windows.net"));
        assert_eq!(address.path(), "/marketplace");
        let query: std::collections::HashMap<_, _> = address.query_pairs().collect();
        assert_eq!((&*query["sr"], &*query["sp"], &*query["spr"]), ("c", "rl", "https"));
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
