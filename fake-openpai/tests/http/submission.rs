//! Jobs that are submitted, and what becomes of them.

use fake_openpai::{Change, Config, FakeOpenPai, Limits, Scheduler, State};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{client, error_code, get_as, json_as, start};

/// A protocol with one task role.
fn protocol(name: &str, virtual_cluster: &str, role: &Value, extras: &Value) -> Value {
    let mut protocol = json!({
        "protocolVersion": 2,
        "name": name,
        "type": "job",
        "prerequisites": [{"name": "image", "type": "dockerimage", "uri": "ubuntu"}],
        "taskRoles": {"main": {
            "dockerImage": "image",
            "resourcePerInstance": {"cpu": 4, "memoryMB": 8192, "gpu": 1},
            "commands": ["echo"],
        }},
        "defaults": {"virtualCluster": virtual_cluster},
        "extras": extras,
    });
    for (key, value) in role.as_object().unwrap() {
        protocol["taskRoles"]["main"][key] = value.clone();
    }
    protocol
}

async fn submit(server: &FakeOpenPai, user: &str, protocol: impl ToString) -> Response {
    client()
        .post(format!("{}/api/v2/jobs", server.url()))
        .bearer_auth(server.token(user))
        .header(header::CONTENT_TYPE, "text/yaml")
        .body(protocol.to_string())
        .send()
        .await
        .unwrap()
}

async fn refusal(server: &FakeOpenPai, protocol: impl ToString) -> String {
    let answer = submit(server, "admin", protocol).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "InvalidProtocolError");
    body["message"].as_str().unwrap().to_owned()
}

async fn state(server: &FakeOpenPai, id: &str) -> Value {
    json_as(server, "alice", &format!("/api/v2/jobs/{id}")).await["jobStatus"].take()
}

#[tokio::test]
async fn a_submitted_job_waits_in_the_list() {
    let server = start().await;
    let mine = || protocol("mine", "vision", &json!({"instances": 2}), &json!({}));
    let answer = submit(&server, "alice", mine()).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let newest = json_as(&server, "alice", "/api/v2/jobs?limit=1").await[0].take();
    assert_eq!(newest["name"], "mine");
    assert_eq!(newest["state"], "WAITING");
    assert_eq!(newest["virtualCluster"], "vision");
    assert_eq!(newest["totalGpuNumber"], 2);

    let again = submit(&server, "alice", mine()).await;
    assert_eq!(error_code(again, 409).await, "ConflictJobError");
    for elsewhere in ["vision", "nowhere"] {
        let mine = protocol("mine", elsewhere, &json!({}), &json!({}));
        let answer = submit(&server, "bob", mine).await;
        assert_eq!(error_code(answer, 403).await, "ForbiddenUserError");
    }
}

#[tokio::test]
async fn secrets_are_hidden_only_where_they_stand_in_a_block() {
    let server = start().await;
    let mut shown = protocol("shown", "default", &json!({}), &json!({}));
    shown["secrets"] = json!({"key": "of a sesame"});
    let yaml = "protocolVersion: 2\nname: hidden\ntype: job\nsecrets:\n  key: of a sesame\nprerequisites:\n- {name: image, type: dockerimage, uri: ubuntu}\ntaskRoles:\n  main:\n    dockerImage: image\n    resourcePerInstance: {cpu: 1, memoryMB: 1, gpu: 0}\n    commands: [echo]\n";
    for (text, name, is_shown) in [
        (shown.to_string(), "shown", true),
        (yaml.into(), "hidden", false),
    ] {
        let answer = submit(&server, "alice", text).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let path = format!("/api/v2/jobs/alice~{name}/config");
        let config = get_as(&server, &server.token("bob"), &path).await;
        let config = config.text().await.unwrap();
        assert_eq!(config.contains("sesame"), is_shown, "{config}");
    }
}

#[tokio::test]
async fn what_is_no_protocol_is_not_queued() {
    let server = start().await;
    let with = |key: &str, value: Value| {
        let mut protocol = protocol("a", "default", &json!({}), &json!({}));
        protocol[key] = value;
        protocol.to_string()
    };
    for text in [
        String::new(),
        "[".into(),
        "a: 1\n---\nb: 2".into(),
        with("name", "a b".into()),
        with("type", "data".into()),
        with("protocolVersion", 1.into()),
        with("taskRoles", json!({})),
        with("prerequisites", json!([])),
        protocol("a", "default", &json!({"commands": []}), &json!({})).to_string(),
        protocol(
            "a",
            "default",
            &json!({"commands": ["date <%H"]}),
            &json!({}),
        )
        .to_string(),
        protocol("a", "default", &json!({"instances": 0}), &json!({})).to_string(),
    ] {
        refusal(&server, text).await;
    }
    let as_json = client()
        .post(format!("{}/api/v2/jobs", server.url()))
        .bearer_auth(server.token("bob"))
        .json(&protocol("a", "default", &json!({}), &json!({})))
        .send()
        .await
        .unwrap();
    assert_eq!(error_code(as_json, 400).await, "InvalidProtocolError");
    let large = submit(&server, "bob", "#".repeat(100 * 1024 + 1)).await;
    assert_eq!(error_code(large, 413).await, "UnknownError");
    assert_eq!(
        json_as(&server, "bob", "/api/v2/jobs")
            .await
            .as_array()
            .unwrap()
            .len(),
        30
    );
}

/// Each rule of docs/contract.md#2-openpais-rest-server, and next to it what is just admitted.
#[tokio::test]
async fn hived_admits_what_its_cells_can_take() {
    let server = start().await;
    let asks = |gpu: u64, cpu: u64, memory: u64| json!({"resourcePerInstance": {"gpu": gpu, "cpu": cpu, "memoryMB": memory}});
    let hived = |own: Value, class: &str| json!({"hivedScheduler": {"jobPriorityClass": class, "taskRoles": {"main": own}}});
    let none = json!({});
    let sku = |sku: &str| hived(json!({"skuType": sku}), "prod");
    let many = json!({"instances": 17});
    for (index, (vc, role, extras, refused)) in [
        ("default", json!({}), none.clone(), None),
        ("default", json!({}), sku("V100"), None),
        ("default", json!({}), sku("H100"), Some("unknown skuType")),
        ("default", json!({}), sku("A100"), Some("does not have")),
        (
            "default",
            json!({}),
            hived(json!({"skuType": "A100"}), "oppo"),
            None,
        ),
        (
            "default",
            json!({}),
            hived(json!({"skuType": "V100", "pinnedCellId": "x"}), "test"),
            Some("both"),
        ),
        (
            "default",
            json!({}),
            hived(json!({}), "urgent"),
            Some("jobPriorityClass"),
        ),
        ("batch", json!({}), none.clone(), Some("asks for GPU")),
        ("batch", asks(0, 4, 1), none.clone(), None),
        // Two cells for 9 CPUs, so 9 instances are 18 cells.
        (
            "default",
            json!({"instances": 9, "resourcePerInstance": {"gpu": 1, "cpu": 9, "memoryMB": 1}}),
            none.clone(),
            Some("18 SKUs"),
        ),
        (
            "default",
            json!({"instances": 8, "resourcePerInstance": {"gpu": 1, "cpu": 9, "memoryMB": 1}}),
            none.clone(),
            None,
        ),
        // The broken cell counts: 16 are enough for 16.
        ("default", json!({"instances": 16}), none.clone(), None),
        ("default", many.clone(), none.clone(), Some("17 SKUs")),
        (
            "default",
            many.clone(),
            json!({"gangAllocation": false}),
            None,
        ),
        (
            "default",
            many.clone(),
            hived(json!({}), "oppo"),
            Some("asks for GPU"),
        ),
        // Who may be pushed aside has no quota and any SKU, but no other rights.
        (
            "default",
            many.clone(),
            hived(json!({"skuType": "V100"}), "oppo"),
            None,
        ),
        (
            "batch",
            many.clone(),
            hived(json!({"skuType": "A100"}), "oppo"),
            None,
        ),
        (
            "default",
            json!({}),
            hived(json!({"skuType": "H100"}), "oppo"),
            Some("unknown skuType"),
        ),
        (
            "default",
            json!({}),
            hived(json!({"skuType": "CPU"}), "oppo"),
            Some("asks for GPU"),
        ),
        (
            "default",
            json!({}),
            hived(json!({"skuType": "V100", "pinnedCellId": "x"}), "oppo"),
            Some("both"),
        ),
        ("default", asks(0, 999, 1), hived(json!({}), "oppo"), None),
        // Other priorities have a quota, and so has who says what is so anyway.
        (
            "default",
            many.clone(),
            hived(json!({}), "prod"),
            Some("17 SKUs"),
        ),
        (
            "default",
            many.clone(),
            hived(json!({}), "test"),
            Some("17 SKUs"),
        ),
        (
            "default",
            many,
            json!({"gangAllocation": true}),
            Some("17 SKUs"),
        ),
        // A pinned cell alone is measured like any.
        (
            "default",
            json!({}),
            hived(json!({"pinnedCellId": "x"}), "prod"),
            None,
        ),
        // Memory alone decides, too, and what is not asked for does not matter.
        ("batch", asks(0, 0, 8 * 16_384), none.clone(), None),
        (
            "batch",
            asks(0, 0, 8 * 16_384 + 1),
            none.clone(),
            Some("9 SKUs"),
        ),
        // skuNum does not count.
        (
            "default",
            json!({}),
            hived(json!({"skuType": "V100", "skuNum": 99}), "prod"),
            None,
        ),
        // Without a skuType the lesser of V100 and A100 measures: 8 CPUs a cell.
        ("vision", asks(1, 12, 1), none.clone(), None),
        (
            "vision",
            json!({"instances": 5, "resourcePerInstance": {"gpu": 1, "cpu": 12, "memoryMB": 1}}),
            none.clone(),
            Some("10 SKUs"),
        ),
        (
            "vision",
            json!({"instances": 5, "resourcePerInstance": {"gpu": 1, "cpu": 12, "memoryMB": 1}}),
            sku("A100"),
            None,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let job = protocol(&format!("job{index}"), vc, &role, &extras);
        if let Some(part) = refused {
            let message = refusal(&server, &job).await;
            assert!(message.contains(part), "{job}: {message}");
        } else {
            let answer = submit(&server, "admin", &job).await;
            let status = answer.status();
            assert_eq!(
                status,
                StatusCode::ACCEPTED,
                "{job}: {:?}",
                answer.text().await
            );
        }
    }
}

#[tokio::test]
async fn the_roles_of_an_affinity_group_agree() {
    let server = start().await;
    let extras = |sku: &str| {
        let own = |sku: &str| json!({"affinityGroupName": "together", "skuType": sku});
        json!({"hivedScheduler": {"taskRoles": {"main": own("V100"), "other": own(sku)}}})
    };
    let job = |name: &str, sku: &str| {
        let mut job = protocol(name, "vision", &json!({}), &extras(sku));
        job["taskRoles"]["other"] = job["taskRoles"]["main"].clone();
        job
    };
    let message = refusal(&server, job("a", "A100")).await;
    assert!(message.contains("group together"), "{message}");
    let answer = submit(&server, "admin", job("b", "V100")).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_storage_is_one_of_the_users() {
    let server = start().await;
    let extras = json!({"storages": [{"name": "team-data"}]});
    let job = protocol("a", "default", &json!({}), &extras);
    let answer = submit(&server, "bob", &job).await;
    assert_eq!(error_code(answer, 404).await, "NoStorageError");
    let answer = submit(&server, "carol", &job).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn the_default_scheduler_asks_for_no_skus() {
    let server = FakeOpenPai::start(Config {
        scheduler: Scheduler::Default,
        ..Config::default()
    })
    .await
    .unwrap();
    let extras = json!({"hivedScheduler": {"taskRoles": {"main": {"skuType": "H100"}}}});
    let role = json!({"instances": 99});
    let answer = submit(&server, "bob", protocol("a", "default", &role, &extras)).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let answer = submit(&server, "bob", protocol("b", "nlp", &role, &extras)).await;
    assert_eq!(error_code(answer, 403).await, "ForbiddenUserError");
}

#[tokio::test]
async fn submissions_are_counted_by_user() {
    let server = start().await;
    server.set_limits(Limits {
        submissions_per_hour: 1,
        ..Limits::default()
    });
    for (user, name, status) in [("alice", "a", 202), ("alice", "b", 429), ("bob", "a", 202)] {
        let job = protocol(name, "default", &json!({}), &json!({}));
        assert_eq!(submit(&server, user, job).await.status(), status);
    }
}

#[tokio::test]
async fn a_job_moves_when_it_is_told_to() {
    let server = start().await;
    let id = "alice~mine";
    submit(
        &server,
        "alice",
        protocol("mine", "vision", &json!({}), &json!({})),
    )
    .await;
    let warning = Change::Warn("FailedScheduling".into(), "0/10 nodes are available".into());
    assert!(server.change_job(id, &warning));
    assert!(server.change_job(id, &warning));
    let events = json_as(
        &server,
        "alice",
        "/api/v2/jobs/alice~mine/events?type=Warning",
    )
    .await;
    assert_eq!(events["totalCount"], 1);
    assert_eq!(events["data"][0]["count"], 2);
    assert_eq!(events["data"][0]["reason"], "FailedScheduling");
    let none = json_as(
        &server,
        "alice",
        "/api/v2/jobs/alice~mine/events?type=Normal",
    )
    .await;
    assert_eq!(none, json!({"totalCount": 0, "data": []}));

    assert_eq!(state(&server, id).await["launchedTime"], Value::Null);
    assert!(server.change_job(id, &Change::Go(State::Running, None)));
    let running = state(&server, id).await;
    assert_eq!(running["state"], "RUNNING");
    assert!(running["launchedTime"].is_number());

    // Preempted, and back again.
    assert!(server.change_job(id, &Change::Go(State::Waiting, None)));
    assert_eq!(state(&server, id).await["retries"], 1);
    assert!(server.change_job(id, &Change::Go(State::Failed, Some(254))));
    let failed = state(&server, id).await;
    assert_eq!(
        (&failed["state"], &failed["appExitCode"]),
        (&json!("FAILED"), &json!(254))
    );
    assert_eq!(failed["appExitSpec"]["type"], "USER_FAILURE");
    assert!(
        !server.change_job(id, &Change::Go(State::Running, None)),
        "it has ended"
    );
    assert!(!server.change_job("alice~no", &warning));
}

#[tokio::test]
async fn jobs_move_over_http_too() {
    let server = start().await;
    let put = |id: &'static str, body: Value| {
        client()
            .put(format!("{}/__jobs/{id}", server.url()))
            .json(&body)
            .send()
    };
    let id = "alice~image-training_lr01";
    let moved = put(id, json!({"state": "RUNNING"})).await.unwrap();
    assert_eq!(moved.status(), StatusCode::NO_CONTENT);
    let both = json!({"state": "FAILED", "exitCode": -1200, "warning": {"reason": "Evicted", "message": "no memory"}});
    assert_eq!(
        put(id, both).await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(state(&server, id).await["appExitCode"], -1200);
    for (id, body, status) in [
        (id, json!({"state": "RUNNING"}), 400),
        (id, json!({}), 400),
        ("alice~no", json!({"state": "RUNNING"}), 404),
    ] {
        assert_eq!(put(id, body).await.unwrap().status(), status);
    }
}
