//! `/audit`.

use std::num::NonZero;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use shared::wire::AuditEntry;

use crate::support::{Api, PROTOCOL, StoppedClock, connect, on_both};

/// Lines as `user action kind name details`, the oldest first.
async fn lines(api: &Api, query: &str) -> Vec<String> {
    let answer = api.get("admin", &format!("/audit{query}")).await;
    answer.assert(StatusCode::OK);
    let mut entries: Vec<AuditEntry> = answer.json();
    entries.reverse();
    entries
        .iter()
        .map(|entry| {
            format!(
                "{} {} {} {} {}",
                entry.user,
                entry.action,
                entry.kind,
                entry.target_name.as_deref().unwrap_or("-"),
                entry.details.join("+")
            )
        })
        .collect()
}

on_both! {
    async fn every_change_of_an_item_is_there_and_stays(api: Api) {
        let id = api.create("alice", json!({"name": "first", "tags": ["a"]})).await;
        let path = format!("/items/{id}");
        let made = async |what: &str| {
            let made = api.post("admin", what, &json!({"name": "shelf"})).await;
            made.json::<Value>()["id"].as_str().unwrap().to_owned()
        };
        let (tag, category) = (made("/tags").await, made("/categories").await);
        let change = json!({"name": "second", "isPrivate": true, "tags": ["a"], "protocol": PROTOCOL});
        api.put("alice", &path, &change).await.assert(StatusCode::OK);
        api.put("alice", &path, &change).await.assert(StatusCode::OK);
        api.put("bob", &path, &json!({"name": "third"})).await.assert(StatusCode::FORBIDDEN);
        api.put("alice", &path, &json!({"categories": ["nowhere"]})).await.assert(StatusCode::BAD_REQUEST);
        for _ in 0..2 {
            api.post("alice", &format!("{path}/tag/{tag}"), &Value::Null).await.assert(StatusCode::OK);
            api.post("alice", &format!("{path}/category/{category}"), &Value::Null).await.assert(StatusCode::OK);
        }
        for _ in 0..2 {
            api.delete("alice", &format!("{path}/tag/{tag}")).await.assert(StatusCode::OK);
            api.delete("alice", &format!("{path}/category/{category}")).await.assert(StatusCode::OK);
        }
        api.post("admin", &format!("{path}/reject"), &json!({"reason": "secret reason"})).await.assert(StatusCode::OK);
        api.post("admin", &format!("{path}/approve"), &Value::Null).await.assert(StatusCode::OK);
        api.put("alice", &format!("{path}/star"), &Value::Null).await.assert(StatusCode::OK);
        api.delete("admin", &path).await.assert(StatusCode::OK);

        assert_eq!(lines(&api, &format!("?item={id}")).await, [
            "alice create item first ",
            "alice update item second isPrivate+isPublic+name",
            "alice add-tag item second shelf",
            "alice add-category item second shelf",
            "alice remove-tag item second shelf",
            "alice remove-category item second shelf",
            "admin reject item second reviewNote+status",
            "admin approve item second reviewNote+status",
            "admin delete item second ",
        ]);
        let all = api.get("admin", "/audit?limit=1000").await.body;
        assert!(!all.contains("secret reason") && !all.contains("taskRoles"), "{all}");
    }
}

on_both! {
    async fn tags_and_categories_of_their_own_are_there_too(api: Api) {
        for (path, kind) in [("/tags", "tag"), ("/categories", "category")] {
            let made: Value = api.post("admin", path, &json!({"name": "old"})).await.json();
            let one = format!("{path}/{}", made["id"].as_str().unwrap());
            api.post("admin", path, &json!({"name": "old"})).await.assert(StatusCode::CONFLICT);
            let change = json!({"name": "new", "description": "d"});
            api.put("admin", &one, &change).await.assert(StatusCode::OK);
            api.put("bob", &one, &change).await.assert(StatusCode::FORBIDDEN);
            api.delete("admin", &one).await.assert(StatusCode::OK);
            api.delete("admin", &one).await.assert(StatusCode::NOT_FOUND);
            let found: Vec<String> = lines(&api, "?user=admin").await
                .into_iter().filter(|line| line.contains(&format!(" {kind} "))).collect();
            assert_eq!(found, [
                format!("admin create {kind} old "),
                format!("admin update {kind} new name+description"),
                format!("admin delete {kind} new "),
            ]);
        }
    }
}

on_both! {
    async fn storages_are_there_without_their_secrets(api: Api) {
        let body = json!({
            "storageAccount": "acct", "containerName": "cont",
            "connectionStrings": ["AccountKey=secret"], "tokens": ["sig=secret"],
        });
        let made: Value = api.post("admin", "/storages/blobs", &body).await.json();
        let one = format!("/storages/blobs/{}", made["id"].as_str().unwrap());
        let change = json!({"connectionStrings": ["AccountKey=other secret"], "containerName": "new"});
        api.put("admin", &one, &change).await.assert(StatusCode::OK);
        api.delete("admin", &one).await.assert(StatusCode::OK);
        let found: Vec<String> =
            lines(&api, "").await.into_iter().filter(|line| line.contains(" storage ")).collect();
        assert_eq!(found, [
            "admin create storage acct/cont ",
            "admin update storage acct/new containerName+connectionStrings",
            "admin delete storage acct/new ",
        ]);
        let all = api.get("admin", "/audit?limit=1000").await.body;
        assert!(!all.contains("secret") && !all.contains("sig="), "{all}");
    }
}

on_both! {
    async fn filters_and_pages(api: Api) {
        for (author, name) in [("alice", "1"), ("bob", "2"), ("alice", "3")] {
            let id = api.create(author, json!({"name": name})).await;
            api.put(author, &format!("/items/{id}"), &json!({"summary": name})).await.assert(StatusCode::OK);
        }
        let page = api.get("admin", "/audit?user=alice&limit=2&offset=1").await;
        assert_eq!(page.header("x-total-count"), "4");
        let names: Vec<String> = page.json::<Vec<AuditEntry>>().into_iter().map(|e| format!("{} {}", e.action, e.target_name.unwrap())).collect();
        assert_eq!(names, ["create 3", "update 1"]);

        assert_eq!(lines(&api, "?user=bob&action=update").await, ["bob update item 2 summary"]);
        assert_eq!(lines(&api, "?user=bob&action=&item=").await.len(), 2);
        let second: Vec<AuditEntry> = api.get("admin", "/audit?user=bob&action=create").await.json();
        let at = &second[0].at;
        let before = lines(&api, &format!("?user=alice&until={at}")).await.len();
        let after = lines(&api, &format!("?user=alice&since={at}")).await.len();
        assert_eq!(before + after, 4);
        assert!(lines(&api, "?user=alice&since=2999-01-01T00:00:00Z").await.is_empty());
        assert_eq!(lines(&api, "?user=alice&until=2999-01-01T00:00:00%2B08:00").await.len(), 4);
    }
}

on_both! {
    async fn only_admins_read_it_and_nonsense_is_400(api: Api) {
        api.get("alice", "/audit").await.assert_text(StatusCode::FORBIDDEN, "admins");
        api.get("", "/audit").await.assert(StatusCode::UNAUTHORIZED);
        for query in ["limit=1001", "limit=-1", "limit=x", "offset=-1", "offset=99999999999999999999", "action=use", "since=yesterday", "until=1"] {
            api.get("admin", &format!("/audit?{query}")).await.assert(StatusCode::BAD_REQUEST);
        }
        api.get("admin", "/audit?offset=9223372036854775807&limit=1000").await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn old_lines_go_away_by_the_clock_and_young_ones_stay(api: Api) {
        let id = api.create("alice", json!({"name": "young"})).await;
        let db = connect(&api.database).await;
        let count = async |which: &str| {
            let sql = format!("SELECT COUNT(*) FROM audit WHERE {which}");
            let sql = Statement::from_string(db.get_database_backend(), sql);
            let row = db.query_one_raw(sql).await.unwrap().unwrap();
            row.try_get_by_index::<i64>(0).unwrap()
        };
        // More than are removed at a time.
        for day in 1..=13 {
            let line = format!("('2024-01-{day:02}T03:04:05.006+00:00', 'bob', 'update', 'item', 'old', NULL, '[]')");
            let lines = vec![line; 100].join(", ");
            db.execute_unprepared(&format!(
                "INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details) VALUES {lines}"
            ))
            .await
            .unwrap();
        }
        let young = count("target_id <> 'old'").await;
        // The day on which lines of the 11th turn 400 days old: they are older by the hours
        // of that day.
        let clock = StoppedClock::at("2025-02-14T12:00:00Z");
        let store = marketplace_api::startup::open(&api.database).await.unwrap();
        let store = store.with_clock(clock.clock());
        let days = NonZero::new(400).unwrap();
        let settled = async |wanted: i64| {
            let deadline = Instant::now() + Duration::from_secs(20);
            while count("target_id = 'old'").await != wanted {
                assert!(Instant::now() < deadline, "{} lines", count("target_id = 'old'").await);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let task = store.start_audit_retention(days);
        settled(200).await;
        assert_eq!(count("at < '2024-01-12T00:00:00+00:00'").await, 0);
        drop(task);
        // Readers and writers have every connection they want meanwhile.
        clock.advance(TimeDelta::days(10));
        let task = store.start_audit_retention(days);
        let lines: Vec<Value> = api.get("admin", &format!("/audit?item={id}")).await.json();
        assert_eq!(lines[0]["action"], "create");
        settled(0).await;
        assert_eq!(count("target_id <> 'old'").await, young);
        // It ends with the server.
        drop(task);
        tokio::time::timeout(Duration::from_secs(5), store.close()).await.unwrap().unwrap();
    }
}
