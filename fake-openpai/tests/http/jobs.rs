use fake_openpai::FakeOpenPai;
use reqwest::{Method, StatusCode};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

use crate::{client, error_code, get_as, json_as, start};

async fn jobs(server: &FakeOpenPai, query: &str) -> Vec<Value> {
    let answer = json_as(server, "alice", &format!("/api/v2/jobs?{query}")).await;
    serde_json::from_value(answer).unwrap()
}

#[tokio::test]
async fn every_filter_holds() {
    let server = start().await;
    for (query, field, allowed) in [
        ("username=bob", "username", vec!["bob"]),
        ("username=bob,carol", "username", vec!["bob", "carol"]),
        ("vc=nlp", "virtualCluster", vec!["nlp"]),
        ("state=FAILED", "state", vec!["FAILED"]),
        ("state=RUNNING,WAITING", "state", vec!["RUNNING", "WAITING"]),
    ] {
        let found = jobs(&server, query).await;
        assert!(!found.is_empty(), "{query}");
        for value in &allowed {
            assert!(found.iter().any(|job| job[field] == *value), "{query}");
        }
        for job in found {
            assert!(allowed.contains(&job[field].as_str().unwrap()), "{query}");
        }
    }
    let found = jobs(&server, "keyword=notebook&username=alice&state=RUNNING").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["name"], "notebook_explore");
    assert!(jobs(&server, "username=mallory").await.is_empty());
}

#[tokio::test]
async fn a_page_of_a_sorted_list() {
    let server = start().await;
    let all = jobs(&server, "").await;
    assert_eq!(all.len(), 30);
    assert!(all.is_sorted_by_key(|job| std::cmp::Reverse(job["submissionTime"].as_u64())));

    let page = json_as(
        &server,
        "bob",
        "/api/v2/jobs?offset=5&limit=3&order=submissionTime,DESC&withTotalCount=true",
    )
    .await;
    assert_eq!(page["totalCount"], 30);
    assert_eq!(page["data"].as_array().unwrap()[..], all[5..8]);

    let by_name = jobs(&server, "order=jobName,ASC").await;
    assert!(by_name.is_sorted_by_key(|job| job["name"].as_str()));
    assert!(jobs(&server, "offset=30").await.is_empty());
}

#[tokio::test]
async fn an_order_that_is_not_known_is_newest_first() {
    let server = start().await;
    let newest_first = jobs(&server, "").await;
    for order in ["name", "colour,ASC", "jobName,UP", "name,ASC"] {
        assert_eq!(jobs(&server, &format!("order={order}")).await, newest_first);
    }
    for order in ["totalGpuNumber,DESC", "completionTime,ASC", "retries,DESC"] {
        let field = match order.split(',').next().unwrap() {
            "completionTime" => "completedTime",
            same => same,
        };
        let found = jobs(&server, &format!("order={order}")).await;
        let value = |job: &Value| job[field].as_u64().unwrap_or(u64::MAX);
        if order.ends_with("ASC") {
            assert!(found.is_sorted_by_key(value), "{order}");
        } else {
            assert!(
                found.is_sorted_by_key(|job| std::cmp::Reverse(value(job))),
                "{order}"
            );
        }
    }
}

#[tokio::test]
async fn a_bad_limit_is_refused() {
    let server = start().await;
    for query in ["limit=many", "limit=50001", "offset=-1"] {
        let path = format!("/api/v2/jobs?{query}");
        let answer = get_as(&server, &server.token("bob"), &path).await;
        assert_eq!(error_code(answer, 400).await, "InvalidParametersError");
    }
    assert_eq!(jobs(&server, "limit=50000").await.len(), 30);
}

#[tokio::test]
async fn tags_are_the_owners_to_put_on() {
    let server = start().await;
    let tag = |user: &str, method: Method, tag: &str| {
        client()
            .request(
                method,
                format!("{}/api/v2/jobs/bob~notebook_tokens/tag", server.url()),
            )
            .bearer_auth(server.token(user))
            .json(&serde_json::json!({ "value": tag }))
            .send()
    };
    let refused = tag("alice", Method::PUT, "mine").await.unwrap();
    assert_eq!(error_code(refused, 403).await, "ForbiddenUserError");
    for user in ["bob", "admin"] {
        let done = tag(user, Method::PUT, "good").await.unwrap();
        assert_eq!(done.status(), StatusCode::OK);
    }
    for bad in ["", "a,b", &"x".repeat(513)] {
        let refused = tag("bob", Method::PUT, bad).await.unwrap();
        assert_eq!(error_code(refused, 400).await, "InvalidParametersError");
    }
    let found = jobs(&server, "tagsContain=other,good").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["tags"], serde_json::json!(["good"]));
    assert_eq!(jobs(&server, "tagsNotContain=good").await.len(), 29);
    tag("bob", Method::DELETE, "good").await.unwrap();
    assert!(jobs(&server, "tagsContain=good").await.is_empty());
}

#[tokio::test]
async fn a_job_is_told_in_detail() {
    let server = start().await;
    let job = json_as(&server, "alice", "/api/v2/jobs/bob~notebook_tokens").await;
    assert_eq!(job["jobStatus"]["state"], "RUNNING");
    assert_eq!(
        job["taskRoles"]["lab"]["taskStatuses"][0]["taskState"],
        "RUNNING"
    );
    let row = &jobs(&server, "keyword=notebook_tokens").await[0];
    assert_eq!(job["debugId"], row["debugId"]);
    assert_eq!(row["totalTaskNumber"], 1);
    for path in ["/api/v2/jobs/bob~no", "/api/v2/jobs/no/events"] {
        let answer = get_as(&server, &server.token("bob"), path).await;
        assert_eq!(error_code(answer, 404).await, "NoJobError");
    }
}

#[tokio::test]
async fn times_and_states_fit_together() {
    let server = start().await;
    for job in jobs(&server, "").await {
        let has = |field: &str| job[field].is_number();
        let (launched, ended) = match job["state"].as_str().unwrap() {
            "WAITING" => (false, false),
            "RUNNING" | "STOPPING" => (true, false),
            _ => (true, true),
        };
        assert_eq!(has("launchedTime"), launched, "{job}");
        assert_eq!(has("completedTime"), ended, "{job}");
        assert_eq!(has("appExitCode"), ended, "{job}");
    }
}

#[tokio::test]
async fn every_job_has_its_protocol() {
    let server = start().await;
    let token = server.token("alice");
    for job in jobs(&server, "").await {
        let (user, name) = (&job["username"], job["name"].as_str().unwrap());
        let path = format!("/api/v2/jobs/{}~{name}/config", user.as_str().unwrap());
        let text = get_as(&server, &token, &path).await.text().await.unwrap();
        // What everybody may read has no secrets any more.
        let text = text.replace("secrets: \"******\"", "secrets:\n  notebookToken: x");
        let report = shared::protocol::validate(&text);
        assert_eq!(report.diagnostics, [], "{name}");
        let documents = Yaml::load_from_str(&text).unwrap();
        let at = |key: &str| documents[0].as_mapping_get(key).unwrap();
        assert_eq!(at("name").as_str(), Some(name));
        let cluster = at("defaults").as_mapping_get("virtualCluster").unwrap();
        assert_eq!(cluster.as_str(), job["virtualCluster"].as_str());
    }
    for id in ["alice~nothing", "nothing", "bob~notebook_explore"] {
        let path = format!("/api/v2/jobs/{id}/config");
        let answer = get_as(&server, &token, &path).await;
        assert_eq!(error_code(answer, 404).await, "NoJobConfigError");
    }
}
