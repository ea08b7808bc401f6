//! `Idempotency-Key` on `POST /items`: what is sent twice is made once.

use chrono::TimeDelta;
use poem::http::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use serde_json::{Value, json};

use crate::support::{Answer, Api, StoppedClock, connect, new_item, on_both};

async fn post(api: &Api, user: &str, keys: &[&str], fields: Value) -> Answer {
    let token = api.openpai.token(user);
    let mut request = api
        .request(Method::POST, "/items")
        .header("authorization", format!("Bearer {token}"))
        .body_json(&new_item(user, fields));
    for key in keys {
        request = request.header("idempotency-key", *key);
    }
    Answer::of(request.send().await.0).await
}

fn id(answer: &Answer) -> String {
    answer.assert(StatusCode::CREATED);
    answer.json::<Value>()["id"].as_str().unwrap().to_owned()
}

/// How many keys are remembered, of `user` or of all.
async fn remembered(api: &Api, user: Option<&str>) -> i64 {
    let db = connect(&api.database).await;
    let mut count = Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from("idempotency_keys")
        .to_owned();
    if let Some(user) = user {
        count.and_where(Expr::col("user_name").eq(user));
    }
    let row = db.query_one(&count).await.unwrap().unwrap();
    let count = row.try_get_by_index(0).unwrap();
    db.close().await.unwrap();
    count
}

on_both! {
    async fn the_same_request_makes_one_item(api: Api) {
        let body = json!({"name": "once", "tags": ["t"]});
        let first = post(&api, "alice", &["k-1"], body.clone()).await;
        let again = post(&api, "alice", &["k-1"], body.clone()).await;
        assert_eq!(id(&again), id(&first));
        assert_eq!(again.body, first.body);
        assert_eq!(api.names("alice", "?author=alice").await, ["once"]);
        let lines: Vec<Value> = api.get("admin", "/audit?user=alice").await.json();
        assert_eq!(lines.len(), 1, "{lines:?}");

        // Another key, no key and another user's same key make items of their own.
        for (user, keys) in [("alice", &["k-2"][..]), ("alice", &[]), ("carol", &["k-1"])] {
            let other = id(&post(&api, user, keys, body.clone()).await);
            assert_ne!(other, id(&first), "{user} {keys:?}");
        }
        let other = post(&api, "alice", &["k-1"], json!({"name": "another"})).await;
        other.assert_text(StatusCode::CONFLICT, "another body");
        assert_eq!(api.names("alice", "?author=alice").await, ["once"; 3]);

        // It did succeed, whatever has become of the item or of what it took.
        api.delete("alice", &format!("/items/{}", id(&first))).await.assert(StatusCode::OK);
        assert_eq!(id(&post(&api, "alice", &["k-1"], body).await), id(&first));
        assert_eq!(api.names("alice", "?author=alice").await, ["once"; 2]);
    }
}

on_both! {
    async fn requests_at_the_same_time_make_one_item(api: Api) {
        let other = Api::on(&api.database).await;
        let apis = [&api, &other];
        for round in 0..5 {
            let key = format!("round-{round}");
            let keys = [&*key];
            let name = json!({"name": key, "tags": [key]});
            let requests = (0..8).map(|number| post(apis[number % 2], "alice", &keys, name.clone()));
            let ids: Vec<String> = futures_util::future::join_all(requests).await.iter().map(id).collect();
            assert!(ids.iter().all(|other| *other == ids[0]), "{ids:?}");
            assert_eq!(api.names("alice", &format!("?name={key}")).await.len(), 1);
        }
    }
}

on_both! {
    async fn what_was_refused_may_be_sent_again_with_the_same_key(api: Api) {
        let body = json!({"categories": ["not yet"]});
        post(&api, "alice", &["k"], body.clone()).await.assert(StatusCode::BAD_REQUEST);
        post(&api, "alice", &["k"], json!({"protocol": "a: ["})).await.assert(StatusCode::BAD_REQUEST);
        assert_eq!(remembered(&api, None).await, 0);
        api.post("admin", "/categories", &json!({"name": "not yet"})).await.assert(StatusCode::CREATED);
        id(&post(&api, "alice", &["k"], body).await);
    }
}

on_both! {
    async fn a_key_is_one_of_visible_ascii_characters(api: Api) {
        let long = "x".repeat(255);
        for good in ["!", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "~a,b;c=d", &long] {
            id(&post(&api, "alice", &[good], json!({})).await);
        }
        let longer = "x".repeat(256);
        for bad in [&[""][..], &["a b"], &["a\tb"], &["schlüssel"], &[&longer], &["a", "b"], &["a", "a"]] {
            let answer = post(&api, "alice", bad, json!({})).await;
            answer.assert_text(StatusCode::BAD_REQUEST, "`Idempotency-Key`");
        }
        let preflight = api.request(Method::OPTIONS, "/items").send().await.0;
        let allowed = preflight.headers()["access-control-allow-headers"].to_str().unwrap();
        assert!(allowed.contains("Idempotency-Key"), "{allowed}");
    }
}

on_both! {
    async fn keys_are_forgotten_after_a_day(api: Api) {
        let clock = StoppedClock::at("2026-02-03T04:05:06.789Z");
        let api = api.with_clock(&clock).await;
        let old = id(&post(&api, "alice", &["k"], json!({})).await);
        clock.advance(TimeDelta::days(1) - TimeDelta::milliseconds(1));
        assert_eq!(id(&post(&api, "alice", &["k"], json!({})).await), old);
        clock.advance(TimeDelta::milliseconds(1));
        // Another body too: nobody remembers the first one.
        let new = id(&post(&api, "alice", &["k"], json!({"name": "new"})).await);
        assert_ne!(new, old);
        assert_eq!(id(&post(&api, "alice", &["k"], json!({"name": "new"})).await), new);
        // Whoever comes next clears up.
        clock.advance(TimeDelta::days(1));
        post(&api, "carol", &["k"], json!({})).await.assert(StatusCode::CREATED);
        assert_eq!(remembered(&api, Some("alice")).await, 0);
        assert_eq!(remembered(&api, None).await, 1);
    }
}

on_both! {
    async fn a_user_has_a_thousand_keys_at_most(api: Api) {
        let clock = StoppedClock::at("2026-02-03T04:05:06.789Z");
        let api = api.with_clock(&clock).await;
        let db = connect(&api.database).await;
        let time = clock.now() - TimeDelta::hours(1);
        let mut insert = Query::insert();
        insert.into_table("idempotency_keys").columns(["user_name", "key", "body_digest", "item_id", "created_at"]);
        for number in 0..1_050_i64 {
            let time = time + TimeDelta::seconds(number);
            insert.values_panic(["alice".into(), format!("old {number:04}").into(), "".into(), "".into(), time.into()]);
        }
        db.execute(&insert).await.unwrap();
        db.close().await.unwrap();
        id(&post(&api, "carol", &["k"], json!({})).await);
        assert_eq!(remembered(&api, Some("alice")).await, 1_050);
        let new = id(&post(&api, "alice", &["k"], json!({})).await);
        assert_eq!(remembered(&api, Some("alice")).await, 1_000);
        assert_eq!(id(&post(&api, "alice", &["k"], json!({})).await), new, "the newest stay");
        assert_eq!(remembered(&api, None).await, 1_001);
    }
}
