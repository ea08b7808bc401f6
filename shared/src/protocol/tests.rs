use super::*;

const VALID: &str = "\
protocolVersion: 2
name: train
type: job
prerequisites:
- {name: image, type: dockerimage, uri: example/image}
- {name: cifar, type: data, uri: [/mnt]}
taskRoles:
  worker:
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1, gpu: 0}
    commands: [run]
";

/// The findings about the valid protocol with one piece replaced, each as its
/// code and path; a warning is marked by `?`.
fn found(piece: &str, replacement: &str) -> Vec<String> {
    assert!(VALID.contains(piece), "{piece}");
    let report = validate(&VALID.replacen(piece, replacement, 1));
    let mark = |severity| {
        if severity == Severity::Warning {
            "?"
        } else {
            ""
        }
    };
    report
        .diagnostics
        .iter()
        .map(|found| format!("{}{} {}", found.code, mark(found.severity), found.path))
        .collect()
}

#[test]
fn what_openpai_takes_passes() {
    let longest = format!("name: {}", "n".repeat(255));
    let table = [
        ("name: train", "name: a-B_9"),
        ("name: train", &*longest),
        ("protocolVersion: 2", "protocolVersion: '2'"),
        ("protocolVersion: 2", "protocolVersion: 2.0"),
        ("type: job", "type: job\nversion: 1.0"),
        ("type: job", "type: job\nversion: latest"),
        ("type: job", "type: job\njobRetryCount: 0"),
        (
            "type: job",
            "type: job\nparameters: {}\nsecrets: {}\nextras: {}\ndefaults: {}",
        ),
        ("type: job", "type : job\ndescription: ''"),
        ("cpu: 1", "cpu: 1.0"),
        ("gpu: 0", "gpu: 0, ports: {_ssh: 1}"),
        ("  worker:", "  _w9:"),
        ("    commands", "    prerequisites: []\n    commands"),
        (
            "    commands",
            "    prerequisites: [image, cifar]\n    data: cifar\n    commands",
        ),
        (
            "    commands",
            "    completion: {minFailedInstances: null, minSucceededInstances: -1}\n    commands",
        ),
        (
            "    commands",
            "    extraContainerOptions: {infiniband: true}\n    commands",
        ),
        ("[run]", "['']"),
        (
            "[run]",
            "['<% $data.uri[0] %> <% $data.uri %> <% other %> <% <% %>']",
        ),
        ("    commands", "    data: cifar\n    commands"),
        ("memoryMB: 1", "memoryMB: 8_192"),
        ("memoryMB: 1", "memoryMB: 0x1F"),
        ("gpu: 0}", "<<: {cpu: 2, gpu: 0}}"),
        (
            "  worker:",
            "  base: &role {dockerImage: image, resourcePerInstance: {cpu: 1, memoryMB: 1, gpu: 0}, commands: [run]}\n  \
             other: {<<: *role, instances: 2}\n  worker:",
        ),
        ("uri: [/mnt]", "uri: []"),
        (", uri: [/mnt]", ""),
        (", uri: [/mnt]", ", anything: [goes]"),
        (
            "type: job",
            "type: job\ndeployments: [{name: b, taskRoles: {worker: {}}, more: 1}]",
        ),
        ("uri: example/image", "uri: example/image, auth: {realm: x}"),
    ];
    for (piece, replacement) in table {
        let unresolved = |found: &String| found.starts_with("unresolved-placeholder? ");
        let found: Vec<_> = found(piece, replacement)
            .into_iter()
            .filter(|found| !unresolved(found))
            .collect();
        assert!(found.is_empty(), "{replacement}: {found:?}");
    }
}

#[test]
fn what_openpai_refuses_is_found() {
    let table = [
        ("name: train", "name: a.b", "bad-value name"),
        ("name: train", "name: ''", "bad-value name"),
        ("name: train", "name:", "wrong-type name"),
        (
            "protocolVersion: 2",
            "protocolVersion: '2.0'",
            "bad-value protocolVersion",
        ),
        (
            "type: job",
            "type: job\nversion: true",
            "wrong-type version",
        ),
        (
            "type: job",
            "type: job\njobRetryCount: -1",
            "bad-value jobRetryCount",
        ),
        ("type: job", "type: job\nextras:", "wrong-type extras"),
        (
            "type: job",
            "type: job\ndescription: 1",
            "wrong-type description",
        ),
        ("type: job", "type: job\nsource: x", "unknown-key source"),
        (
            "type: job",
            "type: job\ndeployments: []",
            "empty-list deployments",
        ),
        (
            "type: job",
            "type: job\ndeployments: [{name: a}]",
            "missing-key deployments[0]",
        ),
        (
            "type: job",
            "type: job\ndefaults: {deployment: a}",
            "dangling-reference defaults.deployment",
        ),
        (
            "cpu: 1, ",
            "",
            "missing-key taskRoles.worker.resourcePerInstance",
        ),
        (
            "cpu: 1",
            "cpu: 1.5",
            "wrong-type taskRoles.worker.resourcePerInstance.cpu",
        ),
        (
            "gpu: 0",
            "gpu: 0, ports: {a: '1'}",
            "wrong-type taskRoles.worker.resourcePerInstance.ports.a",
        ),
        (
            "gpu: 0",
            "gpu: 0, disk: 1",
            "unknown-key taskRoles.worker.resourcePerInstance.disk",
        ),
        (
            "gpu: 0",
            "gpu: 0, ports: {tensor-board: 1}",
            "bad-value taskRoles.worker.resourcePerInstance.ports.tensor-board",
        ),
        (
            "gpu: 0",
            "gpu: 0, ports: {8080: 1}",
            "bad-value taskRoles.worker.resourcePerInstance.ports.8080",
        ),
        (
            "cpu: 1",
            "cpu: 9007199254740993",
            "wrong-type taskRoles.worker.resourcePerInstance.cpu",
        ),
        (
            "cpu: 1",
            "cpu: .inf",
            "wrong-type taskRoles.worker.resourcePerInstance.cpu",
        ),
        (
            "type: dockerimage",
            "types: dockerimage",
            "unknown-key prerequisites[0].types",
        ),
        ("type: dockerimage, ", "", "missing-key prerequisites[0]"),
        (
            "type: job",
            "type: job\ndeployments: [{name: d, taskRoles: {}}]",
            "empty-mapping deployments[0].taskRoles",
        ),
        (
            "type: job",
            "type: job\ndeployments: [{name: d, taskRoles: {worker: {commands: [ls]}}}]",
            "unknown-key deployments[0].taskRoles.worker.commands",
        ),
        (
            "type: job",
            "type: job\ndeployments: [{name: d, taskRoles: {my-worker: {}}}]",
            "bad-value deployments[0].taskRoles.my-worker",
        ),
        (
            "type: job",
            "type: job\ndeployments: [{name: d, protocolVersion: 3, taskRoles: {worker: {}}}]",
            "bad-value deployments[0].protocolVersion",
        ),
        ("name: train", "name: 2021-01-01", "wrong-type name"),
        (
            "type: job",
            "type: job\nversion: 2021-01-01",
            "wrong-type version",
        ),
        (
            "[run]",
            "\n    - 12:30:45",
            "wrong-type taskRoles.worker.commands[0]",
        ),
        (
            "type: job",
            "type: job\nhivedScheduler: {}",
            "unknown-key hivedScheduler",
        ),
        (
            "[run]",
            "[date +<%H]",
            "broken-placeholder taskRoles.worker.commands[0]",
        ),
        (
            "[run]",
            "['<%= x %>']",
            "broken-placeholder taskRoles.worker.commands[0]",
        ),
        (
            "[run]",
            "[run, '<%# x %>']",
            "broken-placeholder taskRoles.worker.commands[1]",
        ),
        ("  worker:", "  9w:", "bad-value taskRoles.9w"),
        ("  worker:", "  a-b:", "bad-value taskRoles.a-b"),
        (
            "    commands",
            "    instances: 0\n    commands",
            "bad-value taskRoles.worker.instances",
        ),
        (
            "    commands",
            "    data: image\n    commands",
            "wrong-reference-type taskRoles.worker.data",
        ),
        (
            "    commands",
            "    script: code\n    commands",
            "dangling-reference taskRoles.worker.script",
        ),
        (
            "    commands",
            "    prerequisites: [gone]\n    commands",
            "dangling-reference taskRoles.worker.prerequisites[0]",
        ),
        ("[run]", "[]", "empty-list taskRoles.worker.commands"),
        (
            "[run]",
            "[run, 1]",
            "wrong-type taskRoles.worker.commands[1]",
        ),
        (", uri: example/image", "", "missing-key prerequisites[0]"),
        (
            "uri: example/image",
            "uri: example/image, plugin: x",
            "unknown-key prerequisites[0].plugin",
        ),
        (
            "uri: [/mnt]",
            "require: [1]",
            "wrong-type prerequisites[1].require[0]",
        ),
        (
            "name: cifar, type: data",
            "name: image, type: dockerimage",
            "duplicate-name prerequisites[1].name",
        ),
    ];
    for (piece, replacement, expected) in table {
        let found = found(piece, replacement);
        assert!(
            found.iter().any(|found| found == expected),
            "{replacement}: {found:?}"
        );
    }
}

#[test]
fn references_are_not_blamed_for_prerequisites_that_cannot_be_read() {
    assert_eq!(
        found("type: dockerimage", "type: docker"),
        ["bad-value prerequisites[0].type"]
    );
    assert_eq!(
        found(
            "prerequisites:\n- {name: image, type: dockerimage, uri: example/image}\n- {name: cifar, type: data, uri: [/mnt]}",
            "prerequisites:"
        ),
        ["wrong-type prerequisites"]
    );
}

#[test]
fn secrets_are_filled_in_where_they_belong() {
    let secret = "<% $secrets.token %>";
    let with_secret = |piece: &str, replacement: &str| {
        found("type: job", "type: job\nsecrets: {token: x}").is_empty()
            && validate(
                &VALID
                    .replacen("type: job", "type: job\nsecrets: {token: x}", 1)
                    .replacen(piece, replacement, 1),
            )
            .diagnostics
            .is_empty()
    };
    assert!(with_secret("[run]", &format!("['{secret}']")));
    assert!(with_secret(
        "uri: example/image",
        &format!("uri: x, auth: {{password: '{secret}'}}")
    ));
    assert!(!with_secret(
        "uri: example/image",
        &format!("uri: 'x{secret}'")
    ));
    assert_eq!(
        found("[run]", &format!("['{secret}']")),
        ["unresolved-placeholder? taskRoles.worker.commands[0]"]
    );
}

#[test]
fn what_openpai_takes_but_nobody_means_gets_a_warning() {
    let table = [
        (
            "[run]",
            "['<%& x %>']",
            "vanishing-placeholder? taskRoles.worker.commands[0]",
        ),
        (
            "[run]",
            "['<%! x %>']",
            "vanishing-placeholder? taskRoles.worker.commands[0]",
        ),
        (
            "[run]",
            "['<% $parameters.o %>']\nparameters: {o: {x: 1}}",
            "wrong-type? taskRoles.worker.commands[0]",
        ),
        (
            "uri: example/image",
            "uri: 'x<% $parameters.x %>'",
            "unresolved-placeholder? prerequisites[0].uri",
        ),
        (
            "uri: example/image",
            "uri: x, auth: {realm: 1}",
            "wrong-type? prerequisites[0].auth.realm",
        ),
        (
            "gpu: 0",
            "gpu: -1",
            "bad-value? taskRoles.worker.resourcePerInstance.gpu",
        ),
        (
            "cpu: 1",
            "cpu: -4",
            "bad-value? taskRoles.worker.resourcePerInstance.cpu",
        ),
        (
            "memoryMB: 1",
            "memoryMB: 0",
            "bad-value? taskRoles.worker.resourcePerInstance.memoryMB",
        ),
        (
            "memoryMB: 1",
            "memoryMB: 0100",
            "misread-value? taskRoles.worker.resourcePerInstance.memoryMB",
        ),
        (
            "type: job",
            "type: job\nparameters: {x: .inf}",
            "misread-value? parameters.x",
        ),
        (
            "type: job",
            "type: job\nversion: .nan",
            "misread-value? version",
        ),
        (
            "type: job",
            "type: job\nextras: 2021-01-01",
            "wrong-type? extras",
        ),
    ];
    for (piece, replacement, expected) in table {
        assert_eq!(found(piece, replacement), [expected], "{replacement}");
    }
}

#[test]
fn secrets_in_clear_are_an_error_that_refuses_nothing() {
    let report = validate(&VALID.replace("type: job", "type: job\n'secrets': {token: x}"));
    let [finding] = &report.diagnostics[..] else {
        panic!("{:?}", report.diagnostics)
    };
    assert_eq!(
        (finding.severity, &*finding.code),
        (Severity::Error, "exposed-secrets")
    );
    assert!(report.is_valid() && !finding.is_refusal());

    for hidden in [
        "secrets: {token: x}",
        "secrets:\n  token: x",
        "secrets: # all of them\n\n\n  token: |\n    x\n    y\n\n",
        "'secrets': {}",
        "secrets:\r\n  a: &a x\r\n  b: *a\r\n",
    ] {
        let text = VALID.replace("type: job", &format!("type: job\n{hidden}"));
        assert_eq!(validate(&text).diagnostics, [], "{hidden}");
    }
    for seen in [
        "secrets : {token: x}",
        "? secrets\n: {token: x}",
        "extras: {x: &x y}\nsecrets: {token: *x}",
        "extras: &x {token: y}\nsecrets:\n  <<: *x",
    ] {
        let text = VALID.replace("type: job", &format!("type: job\n{seen}"));
        let found = validate(&text).diagnostics;
        assert!(
            found.iter().any(|found| found.code == "exposed-secrets"),
            "{seen}: {found:?}"
        );
    }
    let indented = format!(
        " {}\n secrets: {{token: x}}",
        VALID.trim_end().replace('\n', "\n ")
    );
    assert_eq!(validate(&indented).diagnostics[0].code, "exposed-secrets");
}

#[test]
fn warnings_do_not_make_a_protocol_invalid() {
    let report = validate(&VALID.replace("[run]", "['<% $parameters.x %>']"));
    assert!(report.is_valid() && report.errors().count() == 0 && report.diagnostics.len() == 1);
    assert!(to_json(&VALID.replace("[run]", "['<% $parameters.x %>']")).is_ok());
}
