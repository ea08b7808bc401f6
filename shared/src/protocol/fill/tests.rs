use serde_json::{Value, json};

use super::super::yaml::to_yaml;
use super::super::{to_json, validate};
use super::*;

const TEMPLATE: &str = r#"
protocolVersion: 2
name: train
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: "ubuntu:22.04", auth: {username: me, password: "<% $secrets.registry.password %>"}}
  - {name: set, type: data, uri: ["https://a.example/x", "https://a.example/y"]}
parameters:
  epochs: 3
  rate: 1e-3
  amp: true
  label: "07"
  sizes: [1, 2]
  nested: {a: 1}
  later:
secrets:
  registry:
    password: ""
  token: change-me
taskRoles:
  worker:
    instances: 2
    dockerImage: image
    data: set
    resourcePerInstance: {cpu: 1, memoryMB: 1, gpu: 0}
    commands:
      - "  run <% $parameters.epochs %> <% $parameters.rate %> <% $parameters.amp %>  "
      - "get <% $data.uri[1] %> <% $parameters.label %> <% $parameters.sizes %> <% $parameters.nested %>"
      - "put <% $secrets.token %> <% $secrets.other %> <% $parameters.none %> <% $parameters.later %> <%! gone %>."
deployments:
  - name: here
    taskRoles: {worker: {preCommands: ["before <% $parameters.nested.a %>"], postCommands: [after]}}
defaults: {deployment: here}
"#;

fn template() -> Job {
    match to_json(TEMPLATE).unwrap() {
        Value::Object(job) => job,
        other => panic!("{other}"),
    }
}

#[test]
fn what_a_template_asks_for() {
    let kinds: Vec<_> = parameters(&template())
        .into_iter()
        .map(|one| format!("{} {:?} {}", one.name, one.kind, one.typed()))
        .collect();
    assert_eq!(
        kinds,
        [
            "amp Switch true",
            "epochs Whole 3",
            "label Text 07",
            "later Text ",
            r#"nested Json {"a":1}"#,
            "rate Number 0.001",
            "sizes Json [1,2]",
        ]
    );
    assert_eq!(
        secrets(&template()),
        [
            ("other".into(), false),
            ("registry.password".into(), false),
            ("token".into(), true)
        ]
    );
}

#[test]
fn what_will_really_run() {
    let [run] = &runs(&template())[..] else {
        panic!("one role")
    };
    assert_eq!(
        (run.role.as_str(), run.image.as_str()),
        ("worker", "ubuntu:22.04")
    );
    assert_eq!(
        run.commands,
        "before 1\n\
         run 3 0.001 true\n\
         get https://a.example/y 07 1,2 [object Object]\n\
         put <% $secrets.token %> <% $secrets.other %> <% $parameters.none %> <% $parameters.later %> .\n\
         after"
    );
}

#[test]
fn choices_make_a_job() {
    let mut job = template();
    // By this it is known again when it runs.
    let stamp = json!({"item": "1", "version": 2, "digest": "sha256:0", "use": "0a"});
    job.insert("extras".into(), json!({"marketplace": stamp}));
    assert_eq!(losses(&job), [Loss::Secrets, Loss::Auth]);
    let choices = Choices {
        name: "train_1".into(),
        virtual_cluster: "vision".into(),
        skus: vec![("worker".into(), "V100".into())],
        parameters: vec![("epochs".into(), json!(9)), ("label".into(), json!("8"))],
        secrets: vec![
            ("registry.password".into(), "p: \"q\"".into()),
            ("other".into(), "o\np".into()),
        ],
        submit_from: "marketplace".into(),
    };
    apply(&mut job, &choices);
    assert_eq!(job["name"], "train_1");
    assert_eq!(
        job["defaults"],
        json!({"deployment": "here", "virtualCluster": "vision"})
    );
    assert_eq!(job["parameters"]["epochs"], 9);
    assert_eq!(
        job["secrets"],
        json!({"registry": {"password": "p: \"q\""}, "token": "change-me", "other": "o\np"})
    );
    assert_eq!(
        job["extras"],
        json!({
            "marketplace": stamp,
            "submitFrom": "marketplace",
            "hivedScheduler": {"taskRoles": {"worker": {"skuType": "V100"}}},
        })
    );
    assert!(runs(&job)[0].commands.contains("run 9"));
    assert_eq!(
        losses(&job),
        [Loss::Secrets, Loss::Auth, Loss::VirtualCluster, Loss::Sku]
    );

    // What goes to OpenPAI says the same, and hides its secrets.
    let text = to_yaml(&Value::Object(job.clone()));
    assert_eq!(to_json(&text).unwrap(), Value::Object(job.clone()));
    let report = validate(&text);
    assert!(report.is_valid(), "{:?}", report.diagnostics);
    assert!(
        report
            .diagnostics
            .iter()
            .all(|found| found.code != "exposed-secrets")
    );

    let none = Choices {
        skus: vec![("worker".into(), String::new())],
        ..choices
    };
    apply(&mut job, &none);
    assert_eq!(
        job["extras"]["hivedScheduler"]["taskRoles"]["worker"],
        json!({})
    );
}

#[test]
fn typed_values_are_of_their_kind() {
    for (kind, text, value) in [
        (Kind::Whole, " 12 ", Some(json!(12))),
        (Kind::Whole, "1.5", None),
        (Kind::Whole, "", None),
        (Kind::Number, "1e-3", Some(json!(0.001))),
        (Kind::Number, "inf", None),
        (Kind::Switch, "false", Some(json!(false))),
        (Kind::Switch, "no", None),
        (Kind::Text, " 1 ", Some(json!(" 1 "))),
        (Kind::Json, "[1]", Some(json!([1]))),
        (Kind::Json, "1", None),
        (Kind::Json, "[", None),
    ] {
        assert_eq!(kind.read(text), value, "{kind:?} {text}");
    }
}

#[test]
fn names_are_those_that_openpai_takes() {
    for (name, job) in [
        ("PyTorch on one GPU", "PyTorch-on-one-GPU_1a"),
        ("  ", "job_1a"),
        ("数据", "job_1a"),
        ("a__b.c", "a__b-c_1a"),
    ] {
        assert_eq!(job_name(name, "1a"), job);
        assert!(is_job_name(job));
    }
    assert_eq!(job_name(&"x".repeat(300), "1a").len(), 255);
    for bad in ["", "a b", "a.b", &"x".repeat(256)] {
        assert!(!is_job_name(bad), "{bad}");
    }
}

#[test]
fn hidden_secrets_are_named_again() {
    let kept = "# mine\nname: a\nsecrets: \"******\"\ntaskRoles:\n  w:\n    commands: [\"x <% $secrets.a.b %> <% $secrets.c %>\"]\n";
    assert_eq!(
        from_config(kept),
        "# mine\nname: a\nsecrets:\n  a:\n    b: \"\"\n  c: \"\"\ntaskRoles:\n  w:\n    commands: [\"x <% $secrets.a.b %> <% $secrets.c %>\"]\n"
    );
    assert_eq!(
        from_config("name: a\nsecrets: \"******\"\nx: 1"),
        "name: a\nx: 1"
    );
    assert_eq!(
        from_config("a: [1, 2] # as it is\n"),
        "a: [1, 2] # as it is\n"
    );
    assert_eq!(
        from_config("{\"b\": [1], \"a\": \"x\"}"),
        "a: x\nb:\n  - 1\n"
    );
}
