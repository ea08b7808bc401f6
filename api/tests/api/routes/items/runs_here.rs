//! `GET /items?runsHere=…`, and how many there are of them: `GET /items/facets?count=runsHere`.

use chrono::TimeDelta;
use fake_openpai::Fault;
use futures_util::future::join_all;
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, StoppedClock, connect, on_both};

/// What the stand-in is asked for what the cluster has: two lists of virtual clusters, and
/// SKUs of all of it and of each of four.
const CALLS: usize = 2 + 1 + 4;

/// A protocol of so many instances with so many GPUs each, of any SKU or of this one.
fn protocol(instances: u64, gpu: u64, sku: &str) -> String {
    let placed = match sku {
        "" => String::new(),
        sku => {
            format!("extras: {{hivedScheduler: {{taskRoles: {{main: {{skuType: {sku}}}}}}}}}\n")
        }
    };
    format!(
        "protocolVersion: 2\nname: job\ntype: job\nprerequisites: [{{name: image, type: dockerimage, uri: ubuntu}}]\n\
         taskRoles:\n  main:\n    instances: {instances}\n    dockerImage: image\n    resourcePerInstance: {{cpu: 1, memoryMB: 1024, gpu: {gpu}}}\n    commands: [echo]\n{placed}"
    )
}

async fn create(api: &Api, author: &str, name: &str, protocol: &str) -> String {
    let fields = json!({"name": name, "protocol": protocol, "tags": [format!("of-{author}")]});
    api.create(author, fields).await
}

/// The names of what runs for somebody, in order.
async fn running(api: &Api, user: &str) -> Vec<String> {
    api.names(user, "?runsHere=true&sort=name").await
}

/// How many run for somebody of those that a query finds.
async fn count(api: &Api, user: &str, query: &str) -> Value {
    let answer = api
        .get(user, &format!("/items/facets?count=runsHere&{query}"))
        .await;
    answer.assert(StatusCode::OK);
    answer.json::<Value>()["runsHere"].take()
}

/// How often the stand-in was asked what the cluster has.
fn calls(api: &Api) -> usize {
    let paths = ["/api/v2/virtual-clusters", "/api/v2/cluster/sku-types"];
    paths.map(|path| api.openpai.calls(path)).iter().sum()
}

on_both! {
    /// Alice may submit to `default` (16 of V100) and `vision` (V100 and 2 of A100), bob to
    /// `default` and `nlp` (6 of A100).
    async fn what_runs_depends_on_where_one_may_submit(api: Api) {
        create(&api, "alice", "one", &protocol(1, 1, "")).await;
        create(&api, "alice", "all of default", &protocol(16, 1, "V100")).await;
        create(&api, "alice", "more than there is", &protocol(17, 1, "V100")).await;
        create(&api, "alice", "larger than a node", &protocol(1, 5, "")).await;
        create(&api, "alice", "of A100", &protocol(2, 1, "A100")).await;
        create(&api, "alice", "many of A100", &protocol(3, 1, "A100")).await;
        create(&api, "alice", "of no kind", &protocol(1, 1, "H100")).await;
        create(&api, "bob", "again", &protocol(1, 1, "")).await;
        let data = json!({"name": "data", "type": "data", "protocol": protocol(1, 1, "")});
        api.create("bob", data).await;

        assert_eq!(running(&api, "alice").await, ["again", "all of default", "of A100", "one"]);
        assert_eq!(
            running(&api, "bob").await,
            ["again", "all of default", "many of A100", "of A100", "one"]
        );
        assert_eq!(
            api.names("alice", "?runsHere=false&sort=name").await,
            ["data", "larger than a node", "many of A100", "more than there is", "of no kind"]
        );
        // Its other filters hold too, and pages are counted.
        assert_eq!(api.names("bob", "?runsHere=true&tag=of-bob").await, ["again"]);
        assert_eq!(api.names("bob", "?runsHere=true&keyword=A100&sort=name").await, ["many of A100", "of A100"]);
        let all = api.get("alice", "/items?author=alice&runsHere=true&sort=name&limit=2").await;
        assert_eq!(all.header("x-total-count"), "3");
        for (user, query, number) in [
            ("alice", "author=alice", 3),
            ("bob", "author=alice", 4),
            ("bob", "tag=of-bob", 1),
            ("bob", "author=alice&runsHere=true", 4),
            ("bob", "author=alice&runsHere=false", 0),
            ("alice", "keyword=A100", 1),
            ("alice", "keyword=zzzzzzzz", 0),
        ] {
            assert_eq!(count(&api, user, query).await["count"], number, "{user}: {query}");
        }
        let plain = api.get("alice", "/items/facets").await;
        assert!(plain.json::<Value>().get("runsHere").is_none(), "nobody has asked");
        for query in ["/items?runsHere=yes", "/items/facets?count=stars"] {
            api.get("alice", query).await.assert(StatusCode::BAD_REQUEST);
        }
    }
}

on_both! {
    /// The catalogue says nothing of what it has no room to keep; the same role many times takes none.
    async fn many_roles_are_kept_if_they_are_the_same(api: Api) {
        let roles = |memory: &dyn Fn(u64) -> u64| {
            let one = |role| format!("  r{role}: *main\n  s{role}: {{<<: *main, resourcePerInstance: {{cpu: 0, gpu: 0, memoryMB: {}}}}}\n", memory(role));
            let all: String = (0..200).map(one).collect();
            protocol(0, 0, "").replace("  main:\n    instances: 0", "  main: &main\n    instances: 1").replace("cpu: 1", "cpu: 0") + &all
        };
        let gang = "extras: {gangAllocation: false}\n";
        create(&api, "alice", "same", &(roles(&|_| 1) + gang)).await;
        create(&api, "alice", "different", &(roles(&|role| role + 1) + gang)).await;
        assert_eq!(running(&api, "alice").await, ["same"]);
        assert_eq!(api.names("alice", "?runsHere=false").await, ["different"]);
    }
}

on_both! {
    async fn what_is_private_counts_for_its_author_alone(api: Api) {
        let private = |name: &str| json!({"name": name, "isPrivate": true});
        api.create("alice", private("mine")).await;
        api.create("bob", private("theirs")).await;
        api.create("alice", json!({"name": "ours", "groupList": ["vision"]})).await;
        for (user, names) in [
            ("alice", &["mine", "ours"][..]),
            ("bob", &["theirs"]),
            ("carol", &["ours"]),
            ("admin", &["mine", "ours", "theirs"]),
        ] {
            assert_eq!(running(&api, user).await, names, "{user}");
            let number = async |author| count(&api, user, &format!("author={author}")).await["count"].as_u64().unwrap();
            let number = number("alice").await + number("bob").await;
            assert_eq!(usize::try_from(number).unwrap(), names.len(), "{user}");
        }
    }
}

on_both! {
    async fn what_changes_is_judged_anew(api: Api) {
        let id = create(&api, "alice", "job", &protocol(1, 1, "")).await;
        let path = format!("/items/{id}");
        let change = async |fields: Value, runs: bool| {
            api.put("alice", &path, &fields).await.assert(StatusCode::OK);
            let expected: &[&str] = if runs { &["job"] } else { &[] };
            assert_eq!(running(&api, "bob").await, expected, "{fields}");
            let page = api.get("bob", "/items?author=alice&runsHere=true&limit=5").await;
            assert_eq!(page.header("x-total-count"), expected.len().to_string());
            assert_eq!(count(&api, "bob", "author=alice").await["count"], expected.len());
        };
        change(json!({"protocol": protocol(17, 1, "")}), false).await;
        change(json!({"protocol": protocol(15, 1, "")}), true).await;
        change(json!({"summary": "Another text"}), true).await;
        change(json!({"type": "data"}), false).await;
        change(json!({"type": "template"}), true).await;
        change(json!({"protocol": protocol(99, 1, "")}), false).await;
        let restored = api.post("alice", &format!("{path}/versions/1/restore"), &json!({})).await;
        assert!(restored.status.is_success(), "{restored:?}");
        assert_eq!(running(&api, "bob").await, ["job"]);
        api.delete("alice", &path).await.assert(StatusCode::OK);
        assert!(running(&api, "bob").await.is_empty());
    }
}

on_both! {
    /// Rows that an older server has written, or of before this was kept.
    async fn what_nobody_has_looked_at_is_looked_at_when_a_server_starts(api: Api) {
        let id = create(&api, "alice", "old", &protocol(1, 1, "")).await;
        create(&api, "alice", "invalid", &protocol(1, 1, "")).await;
        let db = connect(&api.database).await;
        for change in [
            "UPDATE items SET demand = NULL, demand_code = NULL",
            "UPDATE items SET protocol_valid = false WHERE name = 'invalid'",
        ] {
            sea_orm::ConnectionTrait::execute_unprepared(&db, change).await.unwrap();
        }
        assert!(running(&api, "alice").await.is_empty());
        let next = Api::on(&api.database).await;
        assert_eq!(running(&next, "alice").await, ["old"], "{id}");
    }
}

on_both! {
    async fn openpai_is_asked_once_a_minute_for_all(api: Api) {
        let clock = StoppedClock::at("2024-05-06T07:08:09.010Z");
        let api = api.with_clock(&clock).await;
        create(&api, "alice", "job", &protocol(1, 1, "")).await;
        let all = join_all((0..10).map(|_| running(&api, "alice"))).await;
        assert!(all.iter().all(|names| names == &["job"]), "{all:?}");
        assert_eq!(calls(&api), CALLS, "they wait for one of them");
        assert_eq!(running(&api, "bob").await, ["job"]);
        assert_eq!(count(&api, "bob", "").await["asOf"], "2024-05-06T07:08:09.010Z");
        api.names("bob", "").await;
        clock.advance(TimeDelta::seconds(59));
        running(&api, "carol").await;
        assert_eq!(calls(&api), CALLS);
        clock.advance(TimeDelta::seconds(1));
        running(&api, "bob").await;
        assert_eq!(calls(&api), 2 * CALLS);
        assert_eq!(count(&api, "bob", "").await["asOf"], "2024-05-06T07:09:09.010Z");
    }
}

on_both! {
    async fn what_was_known_counts_while_openpai_is_away(api: Api) {
        let clock = StoppedClock::at("2024-05-06T07:08:09.010Z");
        let api = api.with_clock(&clock).await;
        create(&api, "alice", "job", &protocol(1, 1, "")).await;
        api.openpai.set_fault("/api/v2/virtual-clusters", Fault::Status(500));
        // Nothing is known: said, and no wrong list.
        let refused = api.get("alice", "/items?runsHere=true").await;
        refused.assert_text(StatusCode::SERVICE_UNAVAILABLE, "it is not known which items run here");
        assert_eq!(refused.header("retry-after"), "5");
        assert_eq!(count(&api, "alice", "").await, Value::Null);
        api.get("alice", "/items/facets?runsHere=true").await.assert(StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(api.names("alice", "").await, ["job"]);
        let asked = calls(&api);
        assert!(asked <= 3, "{asked}: nobody asks again for a while");

        // It is there again, and is asked after a while.
        api.openpai.clear_faults();
        api.get("alice", "/items?runsHere=true").await.assert(StatusCode::SERVICE_UNAVAILABLE);
        clock.advance(TimeDelta::seconds(10));
        assert_eq!(running(&api, "alice").await, ["job"]);
        let before = calls(&api);

        api.openpai.set_fault("/api/v2/cluster/sku-types", Fault::Garbage);
        clock.advance(TimeDelta::hours(1));
        assert_eq!(running(&api, "alice").await, ["job"]);
        assert_eq!(running(&api, "bob").await, ["job"]);
        assert!(calls(&api) <= before + 3, "the first who came has asked");
        let known = count(&api, "alice", "author=alice").await;
        assert_eq!(known, json!({"count": 1, "asOf": "2024-05-06T07:08:19.010Z"}));
        clock.advance(TimeDelta::hours(24));
        api.get("alice", "/items?runsHere=true").await.assert(StatusCode::SERVICE_UNAVAILABLE);
    }
}

on_both! {
    /// All machines are `default`, and SKUs count for nothing.
    async fn the_default_scheduler_goes_by_what_there_is(api: Api) {
        let api = api.with_default_scheduler().await;
        for (name, protocol) in [
            ("all", protocol(30, 1, "")),
            ("more", protocol(31, 1, "")),
            ("of no kind", protocol(1, 1, "H100")),
            ("larger than a node", protocol(1, 5, "")),
        ] {
            create(&api, "alice", name, &protocol).await;
        }
        for user in ["alice", "bob"] {
            assert_eq!(running(&api, user).await, ["all", "of no kind"], "{user}");
        }
        assert_eq!(calls(&api), 3, "there are no SKUs of virtual clusters to ask for");
    }
}
