//! Secrets in what somebody shares.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Api, PROTOCOL, new_item, on_both};

/// Shaped like a token of GitHub, and none.
const TOKEN: &str = "ghp_q7ZtR2mX9vLp4KsD8wNfB3cY6hJ1aE5uT0xG";

fn with_token() -> String {
    PROTOCOL.replace(
        "echo hello",
        &format!("git clone https://{TOKEN}@github.com/o/r"),
    )
}

async fn refused(api: &Api, user: &str, fields: Value) -> Answer {
    let answer = api.post(user, "/items", &new_item(user, fields)).await;
    answer.assert_text(StatusCode::BAD_REQUEST, "would show others a secret");
    assert!(!answer.body.contains(&TOKEN[..5]), "{}", answer.body);
    answer
}

on_both! {
    async fn what_looks_like_a_secret_is_not_shared(api: Api) {
        let text = with_token();
        let answer = refused(&api, "alice", json!({"protocol": text})).await;
        assert!(answer.body.contains("ghp_…") && answer.body.contains("keep the item private"), "{}", answer.body);
        refused(&api, "alice", json!({"protocol": text, "groupList": ["vision"], "isPublic": false})).await;
        refused(&api, "alice", json!({"description": format!("Use `{TOKEN}`.")})).await;
        refused(&api, "alice", json!({"summary": format!("with {TOKEN}")})).await;
        refused(&api, "alice", json!({"type": "data", "dataUrl": format!("https://{TOKEN}@github.com/o/r")})).await;
        // OpenPAI hides what stands below `secrets` of a job; the item is read as it is.
        let below = format!("{PROTOCOL}secrets:\n  token: {TOKEN}\n");
        let answer = refused(&api, "alice", json!({"protocol": below})).await;
        assert!(answer.body.contains("leave it empty under `secrets`"), "{}", answer.body);
        let stand_in = format!("{PROTOCOL}secrets:\n  token: <your token>\n");
        api.create("alice", json!({"protocol": stand_in})).await;

        // Clients that want JSON are shown where.
        let token = api.openpai.token("alice");
        let request = api
            .request(Method::POST, "/items")
            .header("authorization", format!("Bearer {token}"))
            .header("accept", "application/json")
            .body_json(&new_item("alice", json!({"protocol": text})));
        let problem: Value = Answer::of(request.send().await.0).await.json();
        assert_eq!(problem["diagnostics"][0]["path"], "taskRoles.main.commands[0]");
        assert_eq!(problem["diagnostics"][0]["code"], "secret-token");
    }
}

on_both! {
    async fn one_keeps_it_to_oneself_until_it_is_mended(api: Api) {
        let id = api.create("alice", json!({"protocol": with_token(), "isPrivate": true})).await;
        let path = format!("/items/{id}");
        let share = json!({"isPublic": true});
        api.put("alice", &path, &json!({"summary": "still mine"})).await.assert(StatusCode::OK);
        api.put("alice", &path, &share)
            .await
            .assert_text(StatusCode::BAD_REQUEST, "The protocol would show others a secret");
        let mended = json!({"isPublic": true, "protocol": PROTOCOL});
        api.put("alice", &path, &mended).await.assert(StatusCode::OK);
        for fields in [
            json!({"protocol": with_token()}),
            json!({"description": TOKEN}),
            json!({"summary": TOKEN}),
            json!({"dataUrl": format!("https://{TOKEN}@github.com/o/r")}),
        ] {
            api.put("alice", &path, &fields)
                .await
                .assert_text(StatusCode::BAD_REQUEST, "would show others a secret");
        }
        // Not to be read by others is no sharing.
        api.put("alice", &path, &json!({"isPrivate": true, "description": TOKEN}))
            .await
            .assert(StatusCode::OK);
        api.put("alice", &path, &share)
            .await
            .assert_text(StatusCode::BAD_REQUEST, "The description would show");
        // An old version is a protocol like any other.
        api.put("alice", &path, &json!({"isPublic": true, "description": null}))
            .await
            .assert(StatusCode::OK);
        api.post("alice", &format!("{path}/versions/1/restore"), &json!({}))
            .await
            .assert_text(StatusCode::BAD_REQUEST, "would show others a secret");
    }
}

on_both! {
    async fn admins_share_what_only_looks_like_one(api: Api) {
        let id = api.create("admin", json!({"protocol": with_token()})).await;
        // What is there already stands in nobody's way.
        api.put("admin", &format!("/items/{id}"), &json!({"author": "alice"})).await.assert(StatusCode::OK);
        api.put("alice", &format!("/items/{id}"), &json!({"summary": "mine now", "protocol": with_token()}))
            .await
            .assert(StatusCode::OK);

        let api = api.with_secrets_allowed().await;
        api.create("alice", json!({"protocol": with_token()})).await;
    }
}
