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
        // It need not look like one.
        let below = format!("{PROTOCOL}secrets:\n  db_password: hunter2\n");
        let answer = refused(&api, "alice", json!({"protocol": below})).await;
        assert!(!answer.body.contains("hunter2"), "{}", answer.body);
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

on_both! {
    async fn every_text_that_others_read_is_looked_through(api: Api) {
        for (field, fields) in [
            ("name", json!({"name": TOKEN})),
            ("tags", json!({"tags": ["fine", TOKEN]})),
            ("license", json!({"license": format!("ask with {TOKEN}")})),
        ] {
            let answer = refused(&api, "alice", fields).await;
            assert!(answer.body.contains(&format!("The {field} would")), "{}", answer.body);
        }

        let id = api.create("alice", json!({"name": "shared"})).await;
        let path = format!("/items/{id}");
        let other = PROTOCOL.replace("hello", "again");
        for (field, fields) in [
            ("name", json!({"name": TOKEN})),
            ("tags", json!({"tags": [TOKEN]})),
            ("license", json!({"license": TOKEN})),
            ("deprecation.reason", json!({"deprecation": {"reason": TOKEN}})),
            ("versionNote", json!({"protocol": other, "versionNote": format!("now by {TOKEN}")})),
        ] {
            let answer = api.put("alice", &path, &fields).await;
            answer.assert_text(StatusCode::BAD_REQUEST, &format!("The {field} would show others a secret"));
            assert!(!answer.body.contains(&TOKEN[..5]), "{}", answer.body);
            api.put("admin", &path, &fields).await.assert(StatusCode::OK);
            let undone = json!({"name": "shared", "tags": [], "license": null, "deprecation": null, "protocol": PROTOCOL});
            api.put("admin", &path, &undone).await.assert(StatusCode::OK);
        }
        let withdrawal = format!("{path}/versions/1/withdrawal");
        let reason = json!({"reason": format!("it has {TOKEN} in it")});
        api.put("alice", &withdrawal, &reason)
            .await
            .assert_text(StatusCode::BAD_REQUEST, "The reason would show others a secret");

        // Everybody reads tags. One that a private item has made is kept with that one.
        for fields in [
            json!({"name": TOKEN}),
            json!({"name": "fine", "description": TOKEN}),
            json!({"name": "fine", "color": TOKEN}),
            json!({"name": "fine", "extras": TOKEN}),
        ] {
            api.post("alice", "/tags", &fields)
                .await
                .assert_text(StatusCode::BAD_REQUEST, "would show others a secret");
        }
        let own = api.create("alice", json!({"isPrivate": true, "tags": [TOKEN]})).await;
        let own: Value = api.get("alice", &format!("/items/{own}")).await.json();
        let tag = own["ItemTags"][0]["id"].as_str().unwrap();
        api.post("alice", &format!("{path}/tag/{tag}"), &json!({}))
            .await
            .assert_text(StatusCode::BAD_REQUEST, "The tags would show others a secret");

        // To oneself one may say anything, until somebody else comes to read it.
        let private = json!({
            "isPrivate": true, "name": TOKEN, "license": TOKEN, "deprecation": {"reason": TOKEN}, "tags": [TOKEN],
        });
        api.put("alice", &path, &private).await.assert(StatusCode::OK);
        api.put("alice", &path, &json!({"protocol": other, "versionNote": TOKEN}))
            .await
            .assert(StatusCode::OK);
        let newest: Value = api.get("alice", &path).await.json();
        let number = newest["version"].as_i64().unwrap();
        let withdrawal = format!("{path}/versions/{number}/withdrawal");
        api.put("alice", &withdrawal, &reason).await.assert(StatusCode::OK);
        for (field, mended) in [
            ("name", json!({"name": "shared"})),
            ("license", json!({"license": null})),
            ("deprecation.reason", json!({"deprecation": null})),
            ("withdrawn", json!(null)),
            ("tags", json!({"tags": []})),
            ("versionNote", json!({"protocol": PROTOCOL, "versionNote": "mended"})),
        ] {
            api.put("alice", &path, &json!({"isPublic": true}))
                .await
                .assert_text(StatusCode::BAD_REQUEST, &format!("The {field} would show others a secret"));
            if mended.is_null() {
                api.delete("alice", &withdrawal).await.assert(StatusCode::OK);
            } else {
                api.put("alice", &path, &mended).await.assert(StatusCode::OK);
            }
        }
        api.put("alice", &path, &json!({"isPublic": true})).await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn nobody_shares_what_a_secret_comes_into_meanwhile(api: Api) {
        let share = json!({"isPublic": true});
        for number in 0..20 {
            let id = api.create("alice", json!({"isPrivate": true})).await;
            let path = format!("/items/{id}");
            let secret = match number % 2 {
                0 => json!({"protocol": with_token()}),
                _ => json!({"summary": TOKEN}),
            };
            let (shared, written) = tokio::join!(
                api.put("alice", &path, &share),
                api.put("alice", &path, &secret),
            );
            let statuses = [shared.status, written.status];
            let item: Value = api.get("alice", &path).await.json();
            let has_secret = item.to_string().contains(TOKEN);
            assert!(item["isPublic"] == false || !has_secret, "{statuses:?}: {item}");
            // One of them did it, and the other one learns why not.
            assert!(
                statuses == [StatusCode::OK, StatusCode::BAD_REQUEST] || statuses == [StatusCode::BAD_REQUEST, StatusCode::OK],
                "{statuses:?}"
            );
        }
    }
}
