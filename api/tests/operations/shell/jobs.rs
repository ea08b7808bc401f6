//! `fit` and `submit`.

use std::time::Duration;

use fake_openpai::{Fault, Limits};
use serde_json::{Value, json};

use super::{PROTOCOL, Shell};

impl Shell {
    /// What OpenPAI says at a path below `/api/v2/jobs`.
    async fn job(&self, path: &str) -> (u16, String) {
        let url = format!("{}/api/v2/jobs{path}", self.openpai.url());
        let request = reqwest::Client::new().get(url);
        let answer = request
            .bearer_auth(self.openpai.token("alice"))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// How often an item was used.
    async fn uses(&self, id: &str) -> i64 {
        let item = self
            .call("alice", "GET", &format!("/items/{id}"), Value::Null)
            .await;
        item["useNumber"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn where_a_job_runs_is_told_with_reasons() {
    let shell = Shell::new().await;
    let mut story = Vec::new();
    for (gpus, code) in [(1, 0), (8, 0), (40, 1)] {
        let text = PROTOCOL.replace(
            "    dockerImage",
            &format!("    instances: {gpus}\n    dockerImage"),
        );
        shell.write("job.yaml", &text);
        let said = shell.run("alice", &["fit", "job.yaml"]).await;
        story.push(format!("# {gpus}\n{}", said.ok(code)));
    }
    insta::assert_snapshot!("fit", story.concat());
    let said = shell
        .run("alice", &["fit", "--virtual-cluster", "batch", "job.yaml"])
        .await;
    assert!(
        said.ok(1)
            .starts_with("batch: not allowed, certain\n  You may not"),
        "{said:?}"
    );

    let id = shell.item("bob", "job", json!({})).await;
    let said = shell
        .run("alice", &["fit", "--json", &format!("item:{id}@1")])
        .await;
    said.ok(0);
    let found = said.json();
    let of = |name: &str| {
        let all = found.as_array().unwrap().iter();
        all.map(|one| (&one["virtualCluster"], &one["outcome"]))
            .find(|(one, _)| *one == name)
            .map(|(_, outcome)| outcome.clone())
    };
    assert_eq!(of("default"), Some(json!("now")));
    assert_eq!(of("nlp"), None, "not hers");

    shell.write("text", "a: b");
    shell
        .run("alice", &["fit", "text"])
        .await
        .failed(1, "text is no job protocol");
    shell
        .run("alice", &["fit", "nothing"])
        .await
        .failed(2, "cannot read nothing");
    shell
        .run("alice", &["fit", "item:nothing"])
        .await
        .failed(1, "There is no item");
    let said = shell
        .run_with(&[("MARKETPLACE_TOKEN", "x")], &["fit", "text"])
        .await;
    said.failed(
        2,
        "nothing says where OpenPAI is: set IDP_URL, or give --idp-url",
    );
    let said = shell
        .run_with(
            &[("MARKETPLACE_TOKEN", "x"), ("IDP_URL", shell.openpai.url())],
            &["fit", "job.yaml"],
        )
        .await;
    said.failed(
        1,
        "OpenPAI answered 401 Unauthorized: The token is not valid",
    );
    let limits = Limits {
        requests_per_minute: 0,
        ..Limits::default()
    };
    shell.openpai.set_limits(limits);
    let said = shell.run("alice", &["fit", "job.yaml"]).await;
    said.failed(1, "OpenPAI answered 429 Too Many Requests");
    said.failed(1, "You have asked too often: try again in ");
}

#[tokio::test]
async fn a_file_becomes_a_job() {
    let shell = Shell::new().await;
    shell.write("job.yaml", PROTOCOL);
    shell.write("token", "hunter&2\n");
    let submit = |more: &[&'static str]| [&["submit", "job.yaml"], more].concat();
    let all = [
        "--name=first",
        "--set",
        "epochs=20",
        "--set=rate=1e-3",
        "--virtual-cluster=vision",
        "--sku",
        "main=A100",
        "--secret-file",
        "token=token",
    ];
    let said = shell
        .run("alice", &[&submit(&["--dry-run"])[..], &all].concat())
        .await;
    insta::assert_snapshot!("submit_dry_run", said.ok(0));
    assert_eq!(shell.job("/alice~first").await.0, 404);
    // That wants nobody, and no token.
    shell.run_with(&[], &submit(&["--dry-run"])).await.ok(0);
    let said = shell.run("alice", &submit(&["--dry-run", "--json"])).await;
    said.ok(0);
    assert_eq!(said.json()["parameters"]["epochs"], 10);

    let said = shell.run("alice", &[&submit(&[])[..], &all].concat()).await;
    assert_eq!(
        (said.ok(0), &*said.error),
        (
            "first\n",
            "warning: everybody on this machine can read token: chmod 600 token\n"
        )
    );
    let (_, job) = shell.job("/alice~first").await;
    let job: Value = serde_json::from_str(&job).unwrap();
    assert_eq!(job["jobStatus"]["virtualCluster"], "vision");
    let (_, config) = shell.job("/alice~first/config").await;
    for part in [
        "epochs: 20",
        "rate: 0.001",
        "submitFrom: marketplace",
        "skuType: A100",
    ] {
        assert!(config.contains(part), "{config}");
    }

    let said = shell
        .run("alice", &submit(&["--json", "--secret-file=token=token"]))
        .await;
    said.ok(0);
    let said = said.json();
    assert_eq!(
        (&said["user"], &said["virtualCluster"]),
        (&json!("alice"), &json!("default"))
    );
    let name = said["name"].as_str().unwrap();
    assert!(
        name.starts_with("smoke_") && name.len() == "smoke_".len() + 6,
        "{name}"
    );
    assert_eq!(shell.job(&format!("/alice~{name}")).await.0, 200);

    // Nothing of a secret is shown, whatever is wrong.
    for (more, code, part) in [
        (&["--name=first"][..], 1, "409 Conflict"),
        (
            &["--virtual-cluster=nlp"],
            1,
            "choose another --virtual-cluster",
        ),
        (&["--name=a b"], 2, "--name is no name of a job"),
        (
            &["--set=epochs=hunter"],
            2,
            "`epochs` has to be a whole number",
        ),
        (
            &["--set=epoch=1"],
            2,
            "there is no parameter `epoch`, but: epochs, rate",
        ),
        (&["--set=epochs"], 2, "--set wants a name"),
        (&["--sku=worker=A100"], 2, "there is no task role `worker`"),
        (
            &["--secret-env=key=KEY"],
            2,
            "the job names no secret `key`",
        ),
        (&["--sku=main=A100"], 1, "400 Bad Request"),
    ] {
        let more = [&submit(&["--secret-file=token=token"])[..], more].concat();
        let said = shell.run("alice", &more).await;
        said.failed(code, part);
        assert!(!format!("{said:?}").contains("hunter"), "{said:?}");
    }
    shell
        .run("alice", &submit(&[]))
        .await
        .failed(2, "the job needs the secrets token: give --secret-file");
    let said = shell
        .run("alice", &submit(&["--secret-env=token=NOTHING"]))
        .await;
    said.failed(2, "NOTHING is not set");
    shell.write("job.yaml", &PROTOCOL.replace("commands", "comands"));
    let said = shell.run("alice", &submit(&[])).await;
    assert!(said.ok(1).contains("did you mean `commands`?"), "{said:?}");
    assert!(said.out.contains("--> job.yaml:18:5"), "{said:?}");
    let said = shell.run("alice", &submit(&["--json"])).await;
    said.ok(1);
    assert_eq!(said.json()["diagnostics"][0]["start"]["line"], 18);
}

#[tokio::test]
async fn an_item_becomes_a_job_and_counts_as_used() {
    let shell = Shell::new().await;
    let id = shell.item("bob", "A job of Bob's", json!({})).await;
    let source = format!("item:{id}");
    let said = shell.run("alice", &["submit", "--dry-run", &source]).await;
    said.ok(0);
    let said = shell.run("alice", &["submit", &source]).await;
    said.failed(2, "the job needs the secrets token");
    assert_eq!(shell.uses(&id).await, 0);

    let token = shell.openpai.token("alice");
    let settings = [
        ("MARKETPLACE_API_URL", &*shell.server.url),
        ("IDP_URL", shell.openpai.url()),
        ("MARKETPLACE_TOKEN", &token),
        ("HF_TOKEN", "hunter2"),
    ];
    let submit = ["submit", "--secret-env", "token=HF_TOKEN", &source];
    let said = shell.run_with(&settings, &submit).await;
    let name = said.ok(0).trim();
    assert!(name.starts_with("A-job-of-Bob-s_"), "{name}");
    assert_eq!(shell.uses(&id).await, 1);
    // By its stamp the marketplace knows the job again.
    let (_, config) = shell.job(&format!("/alice~{name}/config")).await;
    let config = shared::protocol::to_json(&config).unwrap();
    let stamp = &config["extras"]["marketplace"];
    assert_eq!((&stamp["item"], &stamp["version"]), (&json!(id), &json!(1)));

    let body = json!({ "deprecation": { "reason": "Too old." } });
    shell
        .call("bob", "PUT", &format!("/items/{id}"), body)
        .await;
    let said = shell.run_with(&settings, &submit).await;
    said.ok(0);
    assert_eq!(said.error, "warning: the item is deprecated: Too old.\n");
    let said = shell
        .run_with(&settings, &["submit", &format!("{source}@1")])
        .await;
    said.failed(2, "the newest version is what is submitted");
    assert_eq!(shell.uses(&id).await, 2);
    let body = json!({ "reason": "It does harm." });
    shell
        .call("admin", "POST", &format!("/items/{id}/quarantine"), body)
        .await;
    let said = shell.run_with(&settings, &submit).await;
    said.failed(1, "403 Forbidden");
}

#[tokio::test]
async fn an_answer_that_gets_lost_is_looked_for() {
    let shell = Shell::new().await;
    shell.write("job.yaml", PROTOCOL);
    shell.write("token", "x");
    let submit = |name: &'static str| {
        [
            "submit",
            "job.yaml",
            "--secret-file=token=token",
            "--name",
            name,
        ]
    };
    shell.run("alice", &submit("there")).await.ok(0);
    shell.openpai.set_fault("/api/v2/jobs", Fault::Status(502));
    // Those below it are answered.
    shell
        .openpai
        .set_fault("/api/v2/jobs/", Fault::Delay(Duration::ZERO));
    assert_eq!(shell.run("alice", &submit("there")).await.ok(0), "there\n");
    let said = shell.run("alice", &submit("lost")).await;
    said.failed(1, "OpenPAI answered 502 Bad Gateway");
    said.failed(1, "Look at your jobs before you submit it once more");
    shell.openpai.clear_faults();
    let limits = Limits {
        submissions_per_hour: 0,
        ..Limits::default()
    };
    shell.openpai.set_limits(limits);
    shell
        .run("alice", &submit("late"))
        .await
        .failed(1, "429 Too Many Requests");
}
