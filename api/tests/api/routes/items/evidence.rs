//! `GET /items/{id}/evidence`: jobs that were made of items are found again, followed to their
//! ends, and counted; and `sort=-success`.

use chrono::TimeDelta;
use fake_openpai::{Change, Fault, State};
use poem::http::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use store::clock::Clock;

use crate::support::{Api, PROTOCOL, StoppedClock, connect, on_both};

/// A stopped clock at the present: the jobs of the stand-in have the system's time.
fn clock() -> StoppedClock {
    let now = Clock::system().now();
    StoppedClock::at(&now.to_rfc3339())
}

/// Uses an item and submits what comes of it, after `change`.
async fn submit_changed(
    api: &Api,
    user: &str,
    id: &str,
    name: &str,
    change: impl FnOnce(&mut Value),
) {
    let path = format!("/items/{id}/use");
    let answer = api.send(user, Method::POST, &path, None).await;
    answer.assert(StatusCode::OK);
    let mut job: Value = answer.json();
    job["name"] = name.into();
    change(&mut job);
    let submitted = reqwest::Client::new()
        .post(format!("{}/api/v2/jobs", api.openpai.url()))
        .bearer_auth(api.openpai.token(user))
        .header("content-type", "text/yaml")
        .body(job.to_string())
        .send()
        .await
        .unwrap();
    let status = submitted.status();
    assert_eq!(status, 202, "{}", submitted.text().await.unwrap());
}

async fn submit(api: &Api, user: &str, id: &str, name: &str) {
    submit_changed(api, user, id, name, |_| ()).await;
}

fn go(api: &Api, user: &str, name: &str, state: State, code: Option<i32>) {
    let id = format!("{user}~{name}");
    assert!(
        api.openpai
            .change_job(&id, &Change::Go(State::Running, None))
    );
    // A job that is launched and ends at the same time is taken for one of OpenPAI 1.3, which tells
    // the one for the other.
    std::thread::sleep(std::time::Duration::from_millis(2));
    assert!(api.openpai.change_job(&id, &Change::Go(state, code)));
}

async fn evidence(api: &Api, user: &str, id: &str) -> Value {
    let answer = api.get(user, &format!("/items/{id}/evidence")).await;
    answer.assert(StatusCode::OK);
    answer.json()
}

/// What rows of runs are in which state, once `ended` of them have ended.
async fn until_ended(api: &Api, clock: &StoppedClock, ended: i64) {
    let db = connect(&api.database).await;
    let query = "SELECT COUNT(*) FROM runs WHERE ended_at IS NOT NULL";
    for _ in 0..200 {
        for user in ["alice", "bob", "carol"] {
            api.get(user, "/me").await.assert(StatusCode::OK);
        }
        clock.advance(TimeDelta::minutes(2));
        let row = db
            .query_one_raw(sea_orm::Statement::from_string(
                db.get_database_backend(),
                query,
            ))
            .await
            .unwrap()
            .unwrap();
        if row.try_get_by_index::<i64>(0).unwrap() == ended {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{ended} runs have not ended");
}

on_both! {
    async fn jobs_are_found_followed_and_counted(api: Api) {
        let clock = clock();
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({"name": "works"})).await;
        let other = api.create("alice", json!({"name": "unknown"})).await;
        assert_eq!(evidence(&api, "bob", &id).await["figures"], Value::Null);

        submit(&api, "alice", &id, "one").await;
        submit(&api, "bob", &id, "two").await;
        submit(&api, "bob", &id, "three").await;
        submit(&api, "bob", &id, "four").await;
        submit(&api, "carol", &id, "five").await;
        submit_changed(&api, "carol", &id, "six", |job| {
            job["taskRoles"]["main"]["commands"] = json!(["echo another"]);
        }).await;
        submit_changed(&api, "bob", &id, "seven", |job| {
            // Where and with how much it runs is no change of what runs.
            job["taskRoles"]["main"]["resourcePerInstance"]["memoryMB"] = 2048.into();
            job["parameters"] = json!({"x": 1});
        }).await;
        go(&api, "alice", "one", State::Succeeded, None);
        go(&api, "bob", "two", State::Succeeded, None);
        go(&api, "bob", "three", State::Failed, Some(-1200));
        go(&api, "bob", "four", State::Failed, Some(137));
        go(&api, "carol", "five", State::Stopped, None);
        go(&api, "carol", "six", State::Failed, Some(1));
        go(&api, "bob", "seven", State::Succeeded, None);
        until_ended(&api, &clock, 7).await;

        let found = evidence(&api, "bob", &id).await;
        let figures = &found["figures"];
        assert_eq!(figures["runs"], 4, "{found:#}");
        assert_eq!(figures["succeeded"], 3);
        assert_eq!(figures["exitCodes"], json!([{"code": -1200, "runs": 1}]));
        assert_eq!(figures["notCounted"], json!({"platform": 1, "stopped": 1, "unknown": 0, "edited": 1}));
        assert_eq!(figures["virtualClusters"], json!([
            {"name": "default", "runs": 4, "succeeded": 3, "successAtLeast": 30}
        ]));
        assert_eq!(figures["versions"][0]["version"], 1);
        assert!(figures["queueTime"]["median"].as_i64().unwrap() >= 0);
        for name in ["alice", "bob", "carol", "two"] {
            assert!(!found.to_string().contains(name), "{found}");
        }

        // The item says so too, its tag for `If-Match` stays, and lists are sorted by it.
        let answer = api.get("bob", &format!("/items/{id}")).await;
        let item: Value = answer.json();
        assert_eq!(item["evidence"], json!({"runs": 4, "successAtLeast": 30}));
        let names = api.names("bob", "?author=alice&sort=-success&limit=10").await;
        assert_eq!(names, ["works", "unknown"]);
        let answer = api.get("bob", &format!("/items/{other}")).await;
        assert_eq!(answer.json::<Value>()["evidence"], Value::Null);
        // What it comes from: nobody's job is remembered by name.
        let db = connect(&api.database).await;
        let query = "SELECT COUNT(*) FROM runs WHERE job_name IS NOT NULL";
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), query);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);

        // After 90 days it counts no more.
        let later = StoppedClock::at(&clock.now().to_rfc3339());
        later.advance(TimeDelta::days(89));
        let store = marketplace_api::startup::open(&api.database).await.unwrap();
        let store = store.with_clock(later.clock());
        store.forget_old_runs().await.unwrap();
        assert_eq!(evidence(&api, "bob", &id).await["figures"]["runs"], 4);
        later.advance(TimeDelta::days(2));
        assert_eq!(store.evidence(&id).await.unwrap().figures, None);
        store.forget_old_runs().await.unwrap();
        let item: Value = api.get("bob", &format!("/items/{id}")).await.json();
        assert_eq!(item["evidence"], Value::Null);
        assert_eq!(evidence(&api, "bob", &id).await["figures"], Value::Null);
        store.close().await.unwrap();
    }
}

on_both! {
    async fn a_change_of_an_item_and_its_figures_do_not_get_in_each_others_way(api: Api) {
        let clock = clock();
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({})).await;
        let before = api.get("alice", &format!("/items/{id}")).await.header("etag").to_owned();
        for (user, name) in [("alice", "one"), ("bob", "two"), ("bob", "three")] {
            submit(&api, user, &id, name).await;
            go(&api, user, name, State::Succeeded, None);
        }
        until_ended(&api, &clock, 3).await;
        let after = api.get("alice", &format!("/items/{id}")).await;
        assert_ne!(after.header("etag"), before, "or a browser would show the old figures");
        let answer = api
            .request(Method::PUT, &format!("/items/{id}"))
            .header("authorization", format!("Bearer {}", api.openpai.token("alice")))
            .header("if-match", before)
            .body_json(&json!({"summary": "new"}))
            .send()
            .await;
        answer.assert_status(StatusCode::OK);
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!(item["evidence"], json!({"runs": 3, "successAtLeast": 43}));
    }
}

on_both! {
    async fn only_ones_own_job_of_an_own_use_counts(api: Api) {
        let clock = clock();
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({})).await;
        // Carol submits what bob was given, as a clone in the portal would.
        let mut stamp = Value::Null;
        submit_changed(&api, "bob", &id, "bobs", |job| stamp = job["extras"].clone()).await;
        submit_changed(&api, "carol", &id, "carols", |job| job["extras"] = stamp.clone()).await;
        submit_changed(&api, "bob", &id, "again", |job| job["extras"] = stamp.clone()).await;
        submit_changed(&api, "bob", &id, "plain", |job| job["extras"] = Value::Null).await;
        submit_changed(&api, "bob", &id, "odd", |job| job["extras"]["marketplace"] = json!("x")).await;
        for (user, name) in [("bob", "bobs"), ("carol", "carols"), ("bob", "again"), ("bob", "plain"), ("bob", "odd")] {
            go(&api, user, name, State::Succeeded, None);
        }
        until_ended(&api, &clock, 1).await;
        // Nothing more comes of it, however often they look.
        for _ in 0..3 {
            for user in ["bob", "carol"] {
                api.get(user, "/me").await.assert(StatusCode::OK);
            }
            clock.advance(TimeDelta::minutes(2));
        }
        until_ended(&api, &clock, 1).await;
    }
}

on_both! {
    async fn openpai_is_asked_seldom_and_may_be_away(api: Api) {
        let clock = clock();
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({})).await;
        let calls = || api.openpai.calls("/api/v2/jobs");
        let before = calls();
        for _ in 0..5 {
            api.get("bob", "/me").await.assert(StatusCode::OK);
        }
        assert_eq!(calls(), before, "nobody has used anything");
        submit(&api, "bob", &id, "one").await;
        go(&api, "bob", "one", State::Succeeded, None);
        api.openpai.set_fault("/api/v2/jobs", Fault::Status(500));
        let before = calls();
        for _ in 0..5 {
            api.get("bob", "/me").await.assert(StatusCode::OK);
        }
        // The look is beside the answer: wait until it has asked.
        for _ in 0..200 {
            if calls() > before {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        api.openpai.clear_faults();
        for _ in 0..5 {
            api.get("bob", "/me").await.assert(StatusCode::OK);
        }
        assert_eq!(calls(), before + 1, "once a minute");
        until_ended(&api, &clock, 1).await;
    }
}

on_both! {
    async fn an_author_says_something_about_an_exit_code(api: Api) {
        let clock = clock();
        let api = api.with_clock(&clock).await;
        let id = api.create("alice", json!({})).await;
        for (user, name) in [("alice", "one"), ("bob", "two"), ("bob", "three")] {
            submit(&api, user, &id, name).await;
            go(&api, user, name, State::Failed, Some(-1200));
        }
        until_ended(&api, &clock, 3).await;
        let path = format!("/items/{id}/evidence/exit-codes/-1200");
        let body = json!({"answer": " Ask for 16 GiB. "});
        api.put("bob", &path, &body).await.assert_text(StatusCode::FORBIDDEN, "Only its author");
        api.put("alice", &path, &body).await.assert(StatusCode::OK);
        let codes = evidence(&api, "bob", &id).await["figures"]["exitCodes"].clone();
        assert_eq!(codes, json!([{"code": -1200, "runs": 3, "answer": "Ask for 16 GiB."}]));
        for (answer, part) in [
            (" ".to_owned(), "`answer`"),
            ("x".repeat(1001), "`answer`"),
            (format!("use ghp_{}", "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"), "secret"),
        ] {
            api.put("alice", &path, &json!({"answer": answer}))
                .await
                .assert_text(StatusCode::BAD_REQUEST, part);
        }
        api.delete("bob", &path).await.assert(StatusCode::FORBIDDEN);
        api.delete("alice", &path).await.assert(StatusCode::OK);
        let codes = evidence(&api, "bob", &id).await["figures"]["exitCodes"].clone();
        assert_eq!(codes, json!([{"code": -1200, "runs": 3}]));
        for code in 0..50 {
            let path = format!("/items/{id}/evidence/exit-codes/{code}");
            api.put("alice", &path, &body).await.assert(StatusCode::OK);
        }
        api.put("alice", &path, &body).await.assert_text(StatusCode::BAD_REQUEST, "50 exit codes");
        api.put("alice", &format!("/items/{id}/evidence/exit-codes/x"), &body)
            .await
            .assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn evidence_is_for_readers(api: Api) {
        let id = api.create("alice", json!({"isPrivate": true, "protocol": PROTOCOL})).await;
        let path = format!("/items/{id}/evidence");
        api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        api.get("", &path).await.assert(StatusCode::UNAUTHORIZED);
        api.get("alice", "/items/nothing/evidence").await.assert(StatusCode::NOT_FOUND);
        assert_eq!(evidence(&api, "alice", &id).await["figures"], Value::Null);
    }
}
