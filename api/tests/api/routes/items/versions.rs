//! What an item's protocol was before it was changed: `/items/{id}/versions`.

use poem::http::{Method, StatusCode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{Answer, Api, PROTOCOL, connect, on_both};

/// A valid protocol that says which one it is.
fn protocol(command: &str) -> String {
    PROTOCOL.replace("echo hello", command)
}

async fn change(api: &Api, user: &str, id: &str, fields: Value) {
    api.put(user, &format!("/items/{id}"), &fields)
        .await
        .assert(StatusCode::OK);
}

async fn versions(api: &Api, user: &str, id: &str) -> Vec<Value> {
    let answer = api.get(user, &format!("/items/{id}/versions")).await;
    answer.assert(StatusCode::OK);
    answer.json()
}

async fn numbers(api: &Api, user: &str, id: &str) -> Vec<i64> {
    let versions = versions(api, user, id).await;
    versions
        .iter()
        .map(|version| version["number"].as_i64().unwrap())
        .collect()
}

async fn text(api: &Api, user: &str, id: &str, number: i32) -> String {
    let answer = api
        .get(user, &format!("/items/{id}/versions/{number}"))
        .await;
    answer.assert(StatusCode::OK);
    let version: Value = answer.json();
    assert_eq!(version["number"], number);
    version["protocol"].as_str().unwrap().to_owned()
}

on_both! {
    async fn each_change_of_a_protocol_makes_one(api: Api) {
        let id = api.create("alice", json!({})).await;
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!(item["version"], Value::Null, "it looks as it did before there were versions");
        assert_eq!(
            versions(&api, "bob", &id).await,
            [json!({
                "number": 1,
                "digest": "sha256:3ed4c33e581e715ab79ed7bd116ffee61b6c75b178d9288bf11a45a4bf998bc4",
                "author": "alice",
                "createdAt": item["createdAt"],
                "note": null,
                "restoredFrom": null,
                "shared": true,
            })]
        );
        assert_eq!(text(&api, "bob", &id, 1).await, PROTOCOL);

        change(&api, "alice", &id, json!({"summary": "other", "versionNote": "not of a protocol"})).await;
        change(&api, "alice", &id, json!({"protocol": PROTOCOL})).await;
        assert_eq!(numbers(&api, "bob", &id).await, [1], "nothing of it is another protocol");

        let second = protocol("echo two");
        change(&api, "alice", &id, json!({"protocol": second, "versionNote": " Says two. "})).await;
        change(&api, "admin", &id, json!({"protocol": protocol("echo three"), "versionNote": " "})).await;
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!(item["version"], 3);
        let found = versions(&api, "bob", &id).await;
        let told: Vec<_> = found
            .iter()
            .map(|version| [&version["number"], &version["author"], &version["note"]])
            .collect();
        assert_eq!(
            json!(told),
            json!([[3, "admin", null], [2, "alice", "Says two."], [1, "alice", null]])
        );
        assert!(found.iter().all(|version| version["protocol"].is_null()), "{found:?}");
        for (number, expected) in [(1, PROTOCOL), (2, &second), (3, &protocol("echo three"))] {
            assert_eq!(text(&api, "bob", &id, number).await, expected);
        }
        // Lists tell it too.
        let items: Vec<Value> = api.get("bob", "/items?author=alice&fields=summary").await.json();
        assert_eq!(items[0]["version"], 3);

        api.delete("alice", &format!("/items/{id}")).await.assert(StatusCode::OK);
        api.get("alice", &format!("/items/{id}/versions"))
            .await
            .assert_text(StatusCode::NOT_FOUND, &id);
    }
}

on_both! {
    async fn what_is_not_there_is_said(api: Api) {
        let id = api.create("alice", json!({})).await;
        for (number, status, part) in [
            ("2", StatusCode::NOT_FOUND, "no version 2"),
            ("0", StatusCode::NOT_FOUND, "no version 0"),
            ("-1", StatusCode::NOT_FOUND, "no version -1"),
            ("two", StatusCode::NOT_FOUND, "nothing at this address"),
            ("99999999999", StatusCode::NOT_FOUND, "nothing at this address"),
        ] {
            let path = format!("/items/{id}/versions/{number}");
            api.get("alice", &path).await.assert_text(status, part);
            api.post("alice", &format!("{path}/restore"), &json!({}))
                .await
                .assert_text(status, part);
        }
        let long = json!({"protocol": protocol("echo x"), "versionNote": "x".repeat(256)});
        api.put("alice", &format!("/items/{id}"), &long)
            .await
            .assert_text(StatusCode::BAD_REQUEST, "`versionNote`");
        assert_eq!(numbers(&api, "alice", &id).await, [1]);
    }
}

on_both! {
    async fn one_is_restored_as_a_new_one(api: Api) {
        let id = api.create("alice", json!({})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo two")})).await;
        let path = format!("/items/{id}/versions/1/restore");
        api.post("bob", &path, &json!({}))
            .await
            .assert_text(StatusCode::FORBIDDEN, "Only its author");
        let stale = api
            .request(Method::POST, &path)
            .header("authorization", format!("Bearer {}", api.openpai.token("alice")))
            .header("if-match", "\"0-0-0-0\"");
        Answer::of(stale.send().await.0)
            .await
            .assert(StatusCode::PRECONDITION_FAILED);
        assert_eq!(numbers(&api, "alice", &id).await, [2, 1]);

        let answer = api.post("alice", &path, &json!({})).await;
        answer.assert_text(StatusCode::OK, "restored");
        let item = api.get("alice", &format!("/items/{id}")).await;
        assert_eq!(item.header("etag"), answer.header("etag"));
        let item: Value = item.json();
        assert_eq!((&item["protocol"], &item["version"]), (&json!(PROTOCOL), &json!(3)));
        let newest = versions(&api, "alice", &id).await.remove(0);
        assert_eq!((&newest["number"], &newest["restoredFrom"]), (&json!(3), &json!(1)));
        // Nothing changes when it is that already.
        api.post("alice", &path, &json!({})).await.assert(StatusCode::OK);
        assert_eq!(numbers(&api, "alice", &id).await, [3, 2, 1]);
    }
}

on_both! {
    async fn what_was_private_then_stays_so(api: Api) {
        let id = api.create("alice", json!({"isPrivate": true})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo secret")})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo shared")})).await;
        let path = format!("/items/{id}/versions");
        api.get("bob", &path).await.assert(StatusCode::FORBIDDEN);
        api.get("bob", &format!("{path}/2")).await.assert(StatusCode::FORBIDDEN);

        change(&api, "alice", &id, json!({"isPublic": true})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo later")})).await;
        for user in ["alice", "admin"] {
            assert_eq!(numbers(&api, user, &id).await, [4, 3, 2, 1], "{user}");
            assert_eq!(text(&api, user, &id, 2).await, protocol("echo secret"));
        }
        assert_eq!(numbers(&api, "bob", &id).await, [4, 3]);
        assert_eq!(text(&api, "bob", &id, 3).await, protocol("echo shared"));
        let hidden = api.get("bob", &format!("{path}/2")).await;
        hidden.assert_text(StatusCode::NOT_FOUND, "no version 2");
        let missing = api.get("bob", &format!("{path}/9")).await;
        assert_eq!(hidden.body.replace('2', "9"), missing.body, "nobody learns that it is there");
    }
}

on_both! {
    async fn what_a_group_has_read_is_not_shown_to_everybody(api: Api) {
        let id = api.create("alice", json!({"groupList": ["vision"]})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo for us")})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo for all"), "isPublic": true})).await;
        assert_eq!(numbers(&api, "alice", &id).await, [3, 2, 1]);
        assert_eq!(numbers(&api, "bob", &id).await, [3]);
        let path = format!("/items/{id}/versions/2");
        api.get("bob", &path).await.assert(StatusCode::NOT_FOUND);
        change(&api, "alice", &id, json!({"protocol": protocol("echo later")})).await;
        assert_eq!(numbers(&api, "bob", &id).await, [4, 3]);

        let id = api.create("alice", json!({"groupList": ["vision"]})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo for us")})).await;
        change(&api, "alice", &id, json!({"isPrivate": true})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo for all")})).await;
        change(&api, "alice", &id, json!({"isPublic": true})).await;
        assert_eq!(numbers(&api, "bob", &id).await, [3]);
    }
}

on_both! {
    async fn what_waits_for_review_is_not_shown(api: Api) {
        let api = api.with_review().await;
        let id = api.create("alice", json!({})).await;
        let review = async |verdict: &str, body: Value| {
            api.post("admin", &format!("/items/{id}/{verdict}"), &body)
                .await
                .assert(StatusCode::OK);
        };
        review("approve", json!({})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("curl evil")})).await;
        review("reject", json!({"reason": "no"})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo good")})).await;
        review("approve", json!({})).await;
        assert_eq!(numbers(&api, "alice", &id).await, [3, 2, 1]);
        assert_eq!(numbers(&api, "bob", &id).await, [3, 1], "the rejected one was never shared");
        // To restore it is a change like any other.
        api.post("alice", &format!("/items/{id}/versions/2/restore"), &json!({}))
            .await
            .assert(StatusCode::OK);
        api.get("bob", &format!("/items/{id}")).await.assert(StatusCode::FORBIDDEN);
    }
}

on_both! {
    async fn copies_know_which_one_they_are_of(api: Api) {
        let first = api.create("alice", json!({"name": "first"})).await;
        change(&api, "alice", &first, json!({"protocol": protocol("echo two")})).await;
        let origin = async |id: &str| {
            let item: Value = api.get("bob", &format!("/items/{id}")).await.json();
            item["copiedFrom"].clone()
        };
        let newest = api.create("bob", json!({"copiedFrom": {"id": first}})).await;
        let older = api.create("bob", json!({"copiedFrom": {"id": first, "version": 1}})).await;
        let named = |version: i32, newest: i32| {
            json!({"id": first, "name": "first", "version": version, "newest": newest})
        };
        assert_eq!(origin(&newest).await, named(2, 2));
        assert_eq!(origin(&older).await, named(1, 2));
        change(&api, "alice", &first, json!({"protocol": protocol("echo three")})).await;
        assert_eq!(origin(&newest).await, named(2, 3));
        for version in [0, 4] {
            let fields = json!({"copiedFrom": {"id": first, "version": version}});
            let body = crate::support::new_item("bob", fields);
            api.post("bob", "/items", &body)
                .await
                .assert_text(StatusCode::BAD_REQUEST, "has versions 1 to 3");
        }
    }
}

on_both! {
    async fn a_copy_says_that_it_is_up_to_date_again(api: Api) {
        let first = api.create("alice", json!({"name": "first"})).await;
        let copy = api.create("bob", json!({"copiedFrom": {"id": first}})).await;
        change(&api, "alice", &first, json!({"protocol": protocol("echo two")})).await;
        let path = format!("/items/{copy}");
        change(&api, "bob", &copy, json!({"protocol": protocol("echo two"), "copiedVersion": 2})).await;
        let item: Value = api.get("bob", &path).await.json();
        assert_eq!(item["copiedFrom"]["version"], 2);
        for (fields, part) in [
            (json!({"copiedVersion": 3}), "has versions 1 to 2"),
            (json!({"copiedVersion": 0}), "has versions 1 to 2"),
        ] {
            api.put("bob", &path, &fields)
                .await
                .assert_text(StatusCode::BAD_REQUEST, part);
        }
        api.put("alice", &format!("/items/{first}"), &json!({"copiedVersion": 1}))
            .await
            .assert_text(StatusCode::BAD_REQUEST, "is no copy");
    }
}

/// Bytes that the versions of an item take in the database.
async fn stored(api: &Api) -> i64 {
    let db = connect(&api.database).await;
    let sql = "SELECT CAST(SUM(length(data)) AS bigint) FROM versions";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

on_both! {
    /// 100 changes of a protocol of 30 kB take less room than four copies of it, and the
    /// oldest of very many are not kept.
    async fn they_take_as_much_room_as_changes(api: Api) {
        use std::fmt::Write as _;

        // Words that do not compress to nothing.
        let mut words = String::new();
        let mut state = 1_u32;
        while words.len() < 30_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let _ = writeln!(words, "# step {} of {}", state >> 8, state % 97);
        }
        let at = |change: usize| {
            let lines: Vec<String> = words
                .lines()
                .enumerate()
                .map(|(line, text)| {
                    // Every change is of one line, and stays.
                    let changes = (change + 400 - line % 400) / 400 + usize::from(line % 400 < change % 400);
                    format!("{text} {changes}")
                })
                .collect();
            format!("{}\n{PROTOCOL}", lines.join("\n"))
        };
        let id = api.create("alice", json!({"protocol": at(0)})).await;
        for number in 1..=100 {
            change(&api, "alice", &id, json!({"protocol": at(number)})).await;
        }
        let bytes = stored(&api).await;
        assert!(bytes < 120_000, "{bytes} bytes for 100 changes");
        for number in [0, 31, 32, 33, 64, 100] {
            let version = i32::try_from(number + 1).unwrap();
            assert_eq!(text(&api, "bob", &id, version).await, at(number), "{number}");
        }
    }
}

on_both! {
    async fn a_text_that_an_older_server_wrote_is_one_too(api: Api) {
        let id = api.create("alice", json!({})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo two")})).await;
        // Such a server knows of no versions.
        let db = connect(&api.database).await;
        let older = protocol("echo older");
        let sql = format!("UPDATE items SET protocol = '{older}' WHERE id = '{id}'");
        db.execute_unprepared(&sql).await.unwrap();
        change(&api, "alice", &id, json!({"protocol": protocol("echo four")})).await;
        assert_eq!(numbers(&api, "alice", &id).await, [4, 3, 2, 1]);
        for (number, command) in [(2, "echo two"), (3, "echo older"), (4, "echo four")] {
            assert_eq!(text(&api, "alice", &id, number).await, protocol(command));
        }
        let item: Value = api.get("alice", &format!("/items/{id}")).await.json();
        assert_eq!(item["version"], 4);
    }
}

on_both! {
    async fn one_that_cannot_be_read_is_said_and_others_can(api: Api) {
        let id = api.create("alice", json!({})).await;
        change(&api, "alice", &id, json!({"protocol": protocol("echo two")})).await;
        let db = connect(&api.database).await;
        db.execute_unprepared("UPDATE versions SET bytes = 3 WHERE number = 2")
            .await
            .unwrap();
        let path = format!("/items/{id}/versions");
        api.get("alice", &format!("{path}/2"))
            .await
            .assert_text(StatusCode::INTERNAL_SERVER_ERROR, "log");
        assert_eq!(text(&api, "alice", &id, 1).await, PROTOCOL);
        assert_eq!(numbers(&api, "alice", &id).await, [2, 1]);
    }
}

on_both! {
    async fn only_so_many_are_kept(api: Api) {
        let id = api.create("alice", json!({})).await;
        for number in 2..=566 {
            change(&api, "alice", &id, json!({"protocol": protocol(&format!("echo {number}"))})).await;
        }
        let kept = numbers(&api, "alice", &id).await;
        assert_eq!((kept[0], kept.len(), kept.last()), (566, 502, Some(&65)));
        for number in [65, 96, 97, 566] {
            assert_eq!(text(&api, "alice", &id, number).await, protocol(&format!("echo {number}")));
        }
        api.get("alice", &format!("/items/{id}/versions/64"))
            .await
            .assert_text(StatusCode::NOT_FOUND, "not kept any more");
    }
}
