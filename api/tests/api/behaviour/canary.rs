//! Official templates are run once a night, one after the other, and say when that went well.

use chrono::{TimeDelta, Timelike};
use fake_openpai::{Change, State};
use marketplace_api::canary::Canary;
use marketplace_api::config::Nightly;
use marketplace_api::openpai::OpenPai;
use marketplace_api::run_watch::RunWatch;
use poem::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use store::clock::Clock;

use crate::support::{Api, StoppedClock, connect, on_both};

async fn canary(api: &Api, clock: &StoppedClock, token: String, hour: u32) -> Canary {
    let store = marketplace_api::startup::open(&api.database).await.unwrap();
    let store = store.with_clock(clock.clock());
    let openpai = OpenPai::new(
        api.openpai.url().to_owned(),
        std::time::Duration::from_secs(1),
    );
    let openpai = openpai.unwrap();
    Canary {
        watch: RunWatch::new(openpai.clone(), store.clone()),
        store,
        openpai,
        token,
        nightly: Some(Nightly {
            virtual_cluster: "default".to_owned(),
            hour,
        }),
    }
}

/// The jobs of runs that have not ended, with their items.
async fn running(api: &Api) -> Vec<(String, String)> {
    let db = connect(&api.database).await;
    let query = "SELECT job_name, item_id FROM runs WHERE ended_at IS NULL";
    let query = sea_orm::Statement::from_string(db.get_database_backend(), query);
    let rows = db.query_all_raw(query).await.unwrap();
    let pair = |row: &sea_orm::QueryResult| {
        (
            row.try_get_by_index(0).unwrap(),
            row.try_get_by_index(1).unwrap(),
        )
    };
    rows.iter().map(pair).collect()
}

async fn item(api: &Api, id: &str) -> Value {
    let answer = api.get("bob", &format!("/items/{id}")).await;
    answer.assert(StatusCode::OK);
    answer.json()
}

on_both! {
    async fn each_official_template_runs_once_a_night(api: Api) {
        let clock = StoppedClock::at(&Clock::system().now().to_rfc3339());
        let began = clock.now();
        let not_official = api.create("alice", json!({"name": "mine"})).await;
        let night = canary(&api, &clock, api.openpai.token("admin"), clock.now().hour()).await;
        let mut passed = Vec::new();
        for _ in 0..20 {
            night.turn().await.unwrap();
            let jobs = running(&api).await;
            assert!(jobs.len() <= 1, "one after the other: {jobs:?}");
            let Some((name, id)) = jobs.into_iter().next() else {
                // It may be one that this cluster refuses, or that wants a secret.
                clock.advance(TimeDelta::minutes(2));
                continue;
            };
            assert_eq!(item(&api, &id).await["canaryPassedAt"], Value::Null);
            if passed.is_empty() {
                clock.advance(TimeDelta::minutes(2));
                night.turn().await.unwrap();
                assert_eq!(running(&api).await, [(name.clone(), id.clone())], "it waits for this one");
            }
            let job = format!("admin~{name}");
            assert!(api.openpai.change_job(&job, &Change::Go(State::Running, None)));
            let fails = passed.is_empty();
            let end = if fails { State::Failed } else { State::Succeeded };
            assert!(api.openpai.change_job(&job, &Change::Go(end, fails.then_some(1))));
            clock.advance(TimeDelta::minutes(2));
            passed.push((id, fails));
        }
        night.turn().await.unwrap();
        assert!(running(&api).await.is_empty());
        assert!(passed.len() > 2, "{passed:?}");
        for (id, failed) in &passed {
            let item = item(&api, id).await;
            assert_eq!(item["canaryPassedAt"] == Value::Null, *failed, "{item}");
            assert_eq!(item["evidence"], Value::Null, "it says nothing of how it went for people");
            assert!(!passed.iter().any(|(other, _)| *other == not_official));
        }
        let mut ids: Vec<_> = passed.iter().map(|(id, _)| id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), passed.len(), "each once");

        // The next night all begin anew; by day none does.
        clock.advance(began + TimeDelta::days(1) - clock.now());
        night.turn().await.unwrap();
        assert_eq!(running(&api).await.len(), 1);
        let by_day = (began + TimeDelta::hours(12)).hour();
        clock.advance(TimeDelta::hours(3));
        let day = canary(&api, &clock, api.openpai.token("admin"), by_day).await;
        day.turn().await.unwrap();
        assert_eq!(running(&api).await.len(), 1);
    }
}

on_both! {
    async fn a_token_that_openpai_does_not_take_is_told(api: Api) {
        let clock = StoppedClock::at(&Clock::system().now().to_rfc3339());
        let canary = canary(&api, &clock, "nonsense".to_owned(), clock.now().hour()).await;
        let error = canary.turn().await.unwrap_err().to_string();
        assert!(error.contains("401"), "{error}");
        assert!(!error.contains("nonsense"));
        assert!(running(&api).await.is_empty());
    }
}
