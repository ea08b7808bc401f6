//! What becomes of items and versions after they were shared: deprecated, withdrawn, taken
//! out of use; and what is told of it to whom.

use chrono::TimeDelta;
use poem::http::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Answer, Api, PROTOCOL, StoppedClock, connect, on_both};

fn protocol(command: &str) -> String {
    PROTOCOL.replace("echo hello", command)
}

async fn put(api: &Api, user: &str, path: &str, body: Value) {
    api.put(user, path, &body).await.assert(StatusCode::OK);
}

async fn item(api: &Api, user: &str, id: &str) -> Value {
    let answer = api.get(user, &format!("/items/{id}")).await;
    answer.assert(StatusCode::OK);
    answer.json()
}

async fn use_item(api: &Api, user: &str, id: &str) {
    let path = format!("/items/{id}/use");
    let answer = api.send(user, Method::POST, &path, None).await;
    answer.assert(StatusCode::OK);
}

async fn follow(api: &Api, user: &str, id: &str) {
    let path = format!("/items/{id}/follow");
    let answer = api.send(user, Method::PUT, &path, None).await;
    answer.assert(StatusCode::OK);
}

async fn news(api: &Api, user: &str) -> Value {
    let answer = api.get(user, "/me/news").await;
    answer.assert(StatusCode::OK);
    answer.json()
}

/// What somebody is told, one line each, the newest first.
async fn told(api: &Api, user: &str) -> Vec<String> {
    let news = news(api, user).await;
    let entries = news["entries"].as_array().unwrap();
    let line = |entry: &Value| {
        let mut line = vec![entry["kind"].as_str().unwrap().to_owned()];
        line.extend(entry["itemName"].as_str().map(str::to_owned));
        line.extend(entry["version"].as_i64().map(|number| number.to_string()));
        line.extend(entry["note"].as_str().map(str::to_owned));
        line.extend((entry["used"] == true).then(|| "used".to_owned()));
        line.join(" ")
    };
    entries.iter().map(line).collect()
}

on_both! {
    async fn an_item_is_deprecated_for_another_one(api: Api) {
        let old = api.create("alice", json!({"name": "old"})).await;
        let new = api.create("alice", json!({"name": "new"})).await;
        let path = format!("/items/{old}");
        assert_eq!(item(&api, "bob", &old).await["deprecation"], Value::Null);
        let body = json!({"deprecation": {"reason": " It is slow. ", "successor": {"id": new}}});
        api.put("bob", &path, &body)
            .await
            .assert_text(StatusCode::FORBIDDEN, "Only its author");
        put(&api, "alice", &path, body).await;
        let found = item(&api, "bob", &old).await;
        let deprecation = &found["deprecation"];
        assert_eq!(deprecation["reason"], "It is slow.");
        assert_eq!(deprecation["since"], found["updatedAt"]);
        assert_eq!(
            deprecation["successor"],
            json!({"id": new, "name": "new", "newest": 1})
        );
        // A list tells that it is, not by what: that is another item, which has to be looked at.
        let listed: Vec<Value> = api.get("bob", "/items?name=old&fields=summary").await.json();
        assert_eq!(listed[0]["deprecation"]["reason"], "It is slow.");
        assert_eq!(listed[0]["deprecation"]["successor"], Value::Null);

        // It stays as it is when something else changes, and can be used.
        put(&api, "alice", &path, json!({"summary": "x"})).await;
        assert_eq!(item(&api, "bob", &old).await["deprecation"], *deprecation);
        use_item(&api, "bob", &old).await;
        // Who may not read the other one is not told of it.
        put(&api, "alice", &format!("/items/{new}"), json!({"isPrivate": true})).await;
        let found = item(&api, "bob", &old).await;
        assert_eq!(found["deprecation"]["successor"], Value::Null);
        assert_eq!(item(&api, "alice", &old).await["deprecation"]["successor"]["name"], "new");
        api.delete("alice", &format!("/items/{new}")).await.assert(StatusCode::OK);
        let found = item(&api, "bob", &old).await;
        assert_eq!(found["deprecation"]["successor"], json!({"id": new, "gone": true}));

        put(&api, "alice", &path, json!({"deprecation": null})).await;
        assert_eq!(item(&api, "bob", &old).await["deprecation"], Value::Null);
    }
}

on_both! {
    async fn a_deprecation_that_makes_no_sense_is_refused(api: Api) {
        let id = api.create("alice", json!({})).await;
        let hidden = api.create("bob", json!({"isPrivate": true})).await;
        for (deprecation, part) in [
            (json!({"reason": " "}), "`deprecation.reason` must not be empty"),
            (json!({"reason": "x".repeat(256)}), "`deprecation.reason` is 256 characters long"),
            (json!({"successor": {"id": "x"}}), "reason"),
            (json!({"reason": "x", "successor": {"id": id}}), "`deprecation.successor`"),
            (json!({"reason": "x", "successor": {"id": "nothing"}}), "`deprecation.successor`"),
            (json!({"reason": "x", "successor": {"id": hidden}}), "`deprecation.successor`"),
        ] {
            let body = json!({"deprecation": deprecation});
            api.put("alice", &format!("/items/{id}"), &body)
                .await
                .assert_text(StatusCode::BAD_REQUEST, part);
        }
        assert_eq!(item(&api, "alice", &id).await["deprecation"], Value::Null);
    }
}

on_both! {
    async fn a_version_is_withdrawn_and_reinstated(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = |number: i32| format!("/items/{id}/versions/{number}/withdrawal");
        let reason = json!({"reason": " It loses data. "});
        api.put("bob", &path(1), &reason)
            .await
            .assert_text(StatusCode::FORBIDDEN, "Only its author");
        api.put("alice", &path(2), &reason)
            .await
            .assert_text(StatusCode::NOT_FOUND, "no version 2");
        api.put("alice", &path(1), &json!({"reason": " "}))
            .await
            .assert_text(StatusCode::BAD_REQUEST, "`reason`");
        let before = item(&api, "alice", &id).await;
        put(&api, "alice", &path(1), reason.clone()).await;
        let found = item(&api, "bob", &id).await;
        assert_eq!(found["withdrawn"], "It loses data.");
        let versions: Vec<Value> = api.get("bob", &format!("/items/{id}/versions")).await.json();
        assert_eq!(versions[0]["withdrawn"], "It loses data.");
        assert_eq!(versions[0]["createdAt"], before["createdAt"]);
        // Links open still, and it can be used.
        api.get("bob", &format!("/items/{id}/versions/1")).await.assert(StatusCode::OK);
        use_item(&api, "bob", &id).await;

        // The next version is none that was withdrawn.
        put(&api, "alice", &format!("/items/{id}"), json!({"protocol": protocol("echo two")})).await;
        assert_eq!(item(&api, "bob", &id).await["withdrawn"], Value::Null);
        put(&api, "admin", &path(2), json!({"reason": "neither"})).await;
        assert_eq!(item(&api, "bob", &id).await["withdrawn"], "neither");
        api.delete("alice", &path(2)).await.assert(StatusCode::OK);
        assert_eq!(item(&api, "bob", &id).await["withdrawn"], Value::Null);
        let versions: Vec<Value> = api.get("bob", &format!("/items/{id}/versions")).await.json();
        let withdrawn: Vec<_> = versions.iter().map(|version| &version["withdrawn"]).collect();
        assert_eq!(withdrawn, [&Value::Null, &json!("It loses data.")]);

        let lines: Vec<Value> = api.get("admin", &format!("/audit?item={id}")).await.json();
        let lines: Vec<_> = lines
            .iter()
            .map(|line| format!("{} {}", line["action"].as_str().unwrap(), line["details"]))
            .collect();
        assert_eq!(
            lines[..3],
            [r#"reinstate ["2"]"#, r#"withdraw ["2"]"#, r#"update ["protocol"]"#]
        );
    }
}

on_both! {
    async fn quarantine_ends_only_by_an_admin(api: Api) {
        let id = api.create("alice", json!({"name": "evil"})).await;
        let path = format!("/items/{id}/quarantine");
        let reason = json!({"reason": "It mines coins."});
        api.post("alice", &path, &reason)
            .await
            .assert_text(StatusCode::FORBIDDEN, "Only admins");
        api.post("admin", &path, &reason).await.assert_text(StatusCode::OK, "quarantined");
        api.get("bob", &format!("/items/{id}")).await.assert(StatusCode::FORBIDDEN);
        let listed: Vec<Value> = api.get("bob", "/items?name=evil").await.json();
        assert!(listed.is_empty(), "{listed:?}");
        let found = item(&api, "alice", &id).await;
        assert_eq!(found["status"], "quarantined");
        assert_eq!(found["reviewNote"], "It mines coins.");
        for user in ["alice", "admin"] {
            api.send(user, Method::POST, &format!("/items/{id}/use"), None)
                .await
                .assert_text(StatusCode::CONFLICT, "out of use");
        }
        // Whatever its author does.
        for body in [
            json!({"protocol": protocol("echo better")}),
            json!({"isPrivate": true}),
            json!({"isPublic": true, "status": "approved"}),
        ] {
            put(&api, "alice", &format!("/items/{id}"), body).await;
            assert_eq!(item(&api, "alice", &id).await["status"], "quarantined");
        }
        api.post("admin", &format!("/items/{id}/approve"), &json!({})).await.assert(StatusCode::OK);
        assert_eq!(item(&api, "bob", &id).await["status"], "approved");
        let lines: Vec<Value> = api.get("admin", "/audit?action=quarantine").await.json();
        assert_eq!(lines[0]["targetId"], id);
    }
}

on_both! {
    async fn followers_are_told(api: Api) {
        let clock = StoppedClock::at("2026-01-01T00:00:00Z");
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({"name": "net"})).await;
        let path = format!("/items/{id}");
        put(&api, "alice", &path, json!({"protocol": protocol("echo two")})).await;
        clock.advance(TimeDelta::seconds(1));
        follow(&api, "bob", &id).await;
        follow(&api, "alice", &id).await;
        follow(&api, "bob", &id).await;
        assert_eq!(item(&api, "bob", &id).await["followed"], true);
        assert_eq!(item(&api, "carol", &id).await["followed"], Value::Null);
        assert_eq!(told(&api, "bob").await, [""; 0], "what was before is no news");

        clock.advance(TimeDelta::seconds(1));
        put(&api, "alice", &path, json!({"protocol": protocol("echo three"), "versionNote": "Faster."})).await;
        clock.advance(TimeDelta::seconds(1));
        put(&api, "alice", &path, json!({"deprecation": {"reason": "Too old."}})).await;
        clock.advance(TimeDelta::seconds(1));
        put(&api, "alice", &format!("{path}/versions/1/withdrawal"), json!({"reason": "Wrong."})).await;
        let all = ["withdrawn net 1 Wrong.", "deprecated net Too old.", "version net 3 Faster."];
        assert_eq!(told(&api, "bob").await, all);
        assert_eq!(told(&api, "alice").await, all[..2], "one's own versions are no news");
        assert_eq!(told(&api, "carol").await, [""; 0]);

        // Up to what was shown; what comes meanwhile is unread.
        let found = news(&api, "bob").await;
        assert_eq!(found["unread"], 3);
        put(&api, "bob", "/me/news/read", json!({"until": found["entries"][0]["at"]})).await;
        assert_eq!(news(&api, "bob").await["unread"], 0);
        put(&api, "bob", "/me/news/read", json!({"until": found["entries"][2]["at"]})).await;
        assert_eq!(news(&api, "bob").await["unread"], 0, "what is read stays so");
        clock.advance(TimeDelta::seconds(1));
        put(&api, "admin", &path, json!({"protocol": protocol("echo four")})).await;
        let found = news(&api, "bob").await;
        assert_eq!((&found["unread"], &found["entries"][0]["unread"]), (&json!(1), &json!(true)));
        api.put("bob", "/me/news/read", &json!({"until": "yesterday"}))
            .await
            .assert_text(StatusCode::BAD_REQUEST, "`until`");

        // Who may not see it any more is told nothing.
        put(&api, "alice", &path, json!({"isPrivate": true})).await;
        assert_eq!(told(&api, "bob").await, [""; 0]);
        put(&api, "alice", &path, json!({"protocol": protocol("echo private")})).await;
        put(&api, "alice", &path, json!({"protocol": protocol("echo five")})).await;
        put(&api, "alice", &path, json!({"isPublic": true})).await;
        let found = told(&api, "bob").await;
        assert_eq!(found.len(), 5, "not of the version that was private: {found:?}");

        api.delete("bob", &format!("{path}/follow")).await.assert(StatusCode::OK);
        assert_eq!(told(&api, "bob").await, [""; 0]);
        assert_eq!(item(&api, "bob", &id).await["followed"], Value::Null);
    }
}

on_both! {
    async fn who_has_used_what_was_withdrawn_is_told(api: Api) {
        let clock = StoppedClock::at("2026-01-01T00:00:00Z");
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({"name": "net"})).await;
        let path = format!("/items/{id}");
        use_item(&api, "bob", &id).await;
        clock.advance(TimeDelta::seconds(1));
        put(&api, "alice", &path, json!({"protocol": protocol("echo two")})).await;
        use_item(&api, "bob", &id).await;
        use_item(&api, "carol", &id).await;
        clock.advance(TimeDelta::seconds(60));
        put(&api, "alice", &format!("{path}/versions/1/withdrawal"), json!({"reason": "Wrong."})).await;
        assert_eq!(told(&api, "bob").await, ["withdrawn net 1 Wrong. used"]);
        assert_eq!(told(&api, "carol").await, [""; 0], "she has used the other one");
        clock.advance(TimeDelta::seconds(60));
        // Whoever uses it after that has been warned.
        put(&api, "alice", &format!("{path}/versions/2/withdrawal"), json!({"reason": "Too."})).await;
        clock.advance(TimeDelta::seconds(60));
        use_item(&api, "carol", &id).await;
        assert_eq!(told(&api, "carol").await, [""; 0]);
        // One who follows it too is told once.
        follow(&api, "bob", &id).await;
        clock.advance(TimeDelta::seconds(60));
        api.post("admin", &format!("{path}/quarantine"), &json!({"reason": "Harm."}))
            .await
            .assert(StatusCode::OK);
        assert_eq!(told(&api, "bob").await, ["quarantined net Harm. used"]);
        assert_eq!(told(&api, "carol").await, ["quarantined net Harm. used"]);
        let until = news(&api, "bob").await["entries"][0]["at"].clone();
        put(&api, "bob", "/me/news/read", json!({"until": until})).await;
        clock.advance(TimeDelta::seconds(60));
        put(&api, "alice", &path, json!({"summary": "Not mended."})).await;
        assert_eq!(news(&api, "bob").await["unread"], 0, "what its author changes is no news");
        api.post("admin", &format!("{path}/approve"), &json!({})).await.assert(StatusCode::OK);
        assert_eq!(told(&api, "bob").await.len(), 2);
        clock.advance(TimeDelta::days(90));
        assert_eq!(told(&api, "bob").await, [""; 0], "90 days later");
        // A private item in quarantine is no news for others than its author.
        let private = api.create("alice", json!({"isPrivate": true})).await;
        api.send("bob", Method::PUT, &format!("/items/{private}/follow"), None)
            .await
            .assert(StatusCode::FORBIDDEN);
    }
}

on_both! {
    async fn one_follows_so_many_items_at_most(api: Api) {
        let first = api.create("alice", json!({})).await;
        follow(&api, "bob", &first).await;
        let db = connect(&api.database).await;
        let rows: Vec<String> = (0..499)
            .map(|n| format!("('bob', 'x{n}', '2024-01-01 00:00:00+00:00')"))
            .collect();
        let items = "INSERT INTO items (id, source, is_public, is_private, use_blob, protocol, use_number, star_number, \
             protocol_valid, version, created_at, updated_at) VALUES ";
        let values: Vec<String> = (0..499)
            .map(|n| {
                let time = "'2024-01-01 00:00:00+00:00'";
                format!("('x{n}', 'pai', true, false, false, '', 0, 0, false, 1, {time}, {time})")
            })
            .collect();
        for sql in [
            format!("{items}{}", values.join(", ")),
            format!("INSERT INTO follows (user_name, item_id, since) VALUES {}", rows.join(", ")),
        ] {
            db.execute_unprepared(&sql).await.unwrap();
        }
        let last = api.create("alice", json!({})).await;
        api.send("bob", Method::PUT, &format!("/items/{last}/follow"), None)
            .await
            .assert_text(StatusCode::BAD_REQUEST, "500 items");
        // One that is followed already, and others, are not in the way.
        follow(&api, "bob", &first).await;
        follow(&api, "carol", &last).await;
    }
}

on_both! {
    async fn news_are_a_feed(api: Api) {
        let clock = StoppedClock::at("2026-01-01T00:00:00Z");
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({"name": "a <b> & c"})).await;
        follow(&api, "bob", &id).await;
        clock.advance(TimeDelta::seconds(5));
        let change = json!({"protocol": protocol("echo two"), "versionNote": "1 < 2"});
        put(&api, "alice", &format!("/items/{id}"), change).await;
        let feed = async |path: &str, name: &str, password: &str| {
            use base64::Engine as _;
            let sent = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
            let request = api
                .request(Method::GET, path)
                .header("authorization", format!("Basic {sent}"));
            Answer::of(request.send().await.0).await
        };
        let token = api.openpai.token("bob");
        let path = "/me/news.atom?page=https://portal.example/plugin.html%3Findex%3D0";
        let answer = feed(path, "whoever", &token).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
        let body = &answer.body;
        for part in [
            "<title>a &lt;b&gt; &amp; c: version 2</title>",
            "<summary>1 &lt; 2</summary>",
            &format!("https://portal.example/plugin.html?index=0#/market_detail?itemId={id}"),
        ] {
            assert!(body.contains(part), "{part} in {body}");
        }
        assert!(!body.contains(&token));

        for (path, password, status, part) in [
            ("/me/news.atom", "wrong", StatusCode::UNAUTHORIZED, "does not accept this token"),
            ("/me/news.atom", "with blank", StatusCode::UNAUTHORIZED, "The password"),
            ("/me/news.atom?page=javascript:alert(1)", &token, StatusCode::BAD_REQUEST, "`page`"),
            ("/me/news.atom?page=nothing", &token, StatusCode::BAD_REQUEST, "`page`"),
        ] {
            feed(path, "bob", password).await.assert_text(status, part);
        }
        let unnamed = Answer::of(api.request(Method::GET, "/me/news.atom").send().await.0).await;
        unnamed.assert(StatusCode::UNAUTHORIZED);
        assert!(unnamed.header("www-authenticate").starts_with("Basic"));
        // Browsers must not ask anywhere else.
        let other = Answer::of(api.request(Method::GET, "/me/news").send().await.0).await;
        assert!(other.header("www-authenticate").starts_with("Bearer"));
    }
}
