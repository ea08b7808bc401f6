use fake_openpai::FakeOpenPai;
use reqwest::{Response, StatusCode, header};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

use crate::{client, error_code, get_as, json_as, start};

async fn jobs(server: &FakeOpenPai, query: &str) -> Vec<Value> {
    let answer = json_as(server, "alice", &format!("/api/v2/jobs?{query}")).await;
    serde_json::from_value(answer).unwrap()
}

async fn submit(server: &FakeOpenPai, user: &str, protocol: &'static str) -> Response {
    client()
        .post(format!("{}/api/v2/jobs", server.url()))
        .bearer_auth(server.token(user))
        .header(header::CONTENT_TYPE, "text/yaml")
        .body(protocol)
        .send()
        .await
        .unwrap()
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

    let by_name = jobs(&server, "order=name,ASC").await;
    assert!(by_name.is_sorted_by_key(|job| job["name"].as_str()));
    assert!(jobs(&server, "offset=30").await.is_empty());
}

#[tokio::test]
async fn a_bad_query_is_refused() {
    let server = start().await;
    for query in [
        "limit=many",
        "order=name",
        "order=colour,ASC",
        "order=name,UP",
    ] {
        let path = format!("/api/v2/jobs?{query}");
        let answer = get_as(&server, &server.token("bob"), &path).await;
        assert_eq!(error_code(answer, 400).await, "InvalidParametersError");
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

const PROTOCOL: &str = "name: mine\ntaskRoles: {w: {}}\ndefaults: {virtualCluster: vision}\n";

#[tokio::test]
async fn a_submitted_job_waits_in_the_list() {
    let server = start().await;
    let answer = submit(&server, "alice", PROTOCOL).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let newest = &jobs(&server, "limit=1").await[0];
    assert_eq!(newest["name"], "mine");
    assert_eq!(newest["state"], "WAITING");
    assert_eq!(newest["virtualCluster"], "vision");
    let config = get_as(
        &server,
        &server.token("alice"),
        "/api/v2/jobs/alice~mine/config",
    )
    .await;
    assert_eq!(config.text().await.unwrap(), PROTOCOL);

    let again = submit(&server, "alice", PROTOCOL).await;
    assert_eq!(error_code(again, 409).await, "ConflictJobError");
    let elsewhere = submit(&server, "bob", PROTOCOL).await;
    assert_eq!(error_code(elsewhere, 403).await, "ForbiddenUserError");
}

#[tokio::test]
async fn what_is_no_protocol_is_not_queued() {
    let server = start().await;
    for text in [
        "",
        "[",
        "name: a b\ntaskRoles: {w: {}}",
        "name: a",
        "a: 1\n---\nb: 2",
    ] {
        let answer = submit(&server, "bob", text).await;
        assert_eq!(
            error_code(answer, 400).await,
            "InvalidProtocolError",
            "{text}"
        );
    }
    assert_eq!(jobs(&server, "").await.len(), 30);
}
