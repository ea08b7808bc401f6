use super::*;

const BASE: &str = include_str!("../../tests/mutations/everything.yaml");

fn told(older: &str, newer: &str) -> String {
    compare(older, newer).expect("two mappings").to_string()
}

/// The changes that replacing a piece of the protocol makes.
fn replaced(pieces: &[(&str, &str)]) -> String {
    let mut newer = BASE.to_owned();
    for (old, new) in pieces {
        assert!(newer.contains(old), "{old}");
        newer = newer.replacen(old, new, 1);
    }
    told(BASE, &newer)
}

#[test]
fn what_means_the_same_is_no_change() {
    assert_eq!(told(BASE, BASE), "");
    let spelled = BASE
        .replace("instances: 2", "instances: 0x2 # two")
        .replace("commands: [run, stop]", "commands: [\"run\", 'stop']")
        .replace("{x: 1}", "\n  x: 1.0");
    assert_eq!(told(BASE, &spelled), "");
    let shared = "a: {b: 1, c: 2}\nd: {b: 1, c: 2}\n";
    assert_eq!(told(shared, "a: &a {c: 2, b: 1}\nd: *a\n"), "");
    assert_eq!(told(shared, "a: &a {c: 2, b: 1}\nd: {<<: *a}\n"), "");
    // Known by their names.
    let order = "prerequisites:\n- {type: data, name: a}\n- {type: data, name: b}\n";
    let other = "prerequisites:\n- {type: data, name: b}\n- {type: data, name: a}\n";
    assert_eq!(told(order, other), "");
}

#[test]
fn values_are_told_by_what_they_are() {
    for (old, new, expected) in [
        (
            "uri: example/image",
            "uri: example/image:2.6",
            "~ docker image of prerequisite `image`: example/image → example/image:2.6\n",
        ),
        (
            "uri: [/mnt]",
            "uri: [/mnt, /data]",
            "+ address 2 of prerequisite `set`: /data\n",
        ),
        (
            "gpu: 1, ports",
            "gpu: 4, ports",
            "~ GPUs of task role `one`: 1 → 4\n",
        ),
        (
            "instances: 2",
            "instances: 3",
            "~ instances of task role `one`: 2 → 3\n",
        ),
        (
            "    instances: 2\n",
            "",
            "- instances of task role `one`: 2\n",
        ),
        (
            "{http: 1, ssh: 1}",
            "{http: 2}",
            "~ port `http` of task role `one`: 1 → 2\n- port `ssh` of task role `one`: 1\n",
        ),
        (
            "parameters: {x: 1}",
            "parameters: {x: 2, lr: 0.1}",
            "~ parameter `x`: 1 → 2\n+ parameter `lr`: 0.1\n",
        ),
        (
            "parameters: {x: 1}",
            "parameters: {x: '1'}",
            "~ parameter `x`: 1 → \"1\"\n",
        ),
        ("parameters: {x: 1}\n", "", "- parameter `x`: 1\n"),
        (
            "secrets: {y: 1}",
            "secrets: {y: 2, z: hush}",
            "~ secret `y`: changed\n+ secret `z`\n",
        ),
        (
            "password: p",
            "password: hush",
            "~ registry credential `password` of prerequisite `image`: changed\n",
        ),
        (
            "shmMB: 64",
            "shmMB: 128",
            "~ shared memory (MB) of task role `one`: 64 → 128\n",
        ),
        (
            "[run, stop]",
            "[run, wait, stop]",
            "+ command 2 of task role `one`: wait\n",
        ),
        (
            "[run, stop]",
            "[stop]",
            "- command 1 of task role `one`: run\n",
        ),
        (
            "[run, stop]",
            "[stop, run]",
            "~ command 2 of task role `one`: was number 1\n",
        ),
        (
            "[run, stop]",
            "[run --fast, stop]",
            "~ command 1 of task role `one`: run → run --fast\n",
        ),
        (
            "data: set",
            "data: other",
            "~ reference `data` of task role `one`: set → other\n",
        ),
        (
            "virtualCluster: default",
            "virtualCluster: gpu",
            "~ virtual cluster: default → gpu\n",
        ),
        (
            "extras: {submitFrom: here}",
            "extras: {hivedScheduler: {jobPriorityClass: prod, taskRoles: {one: {skuType: DT}}}}",
            "+ priority class: prod\n+ SKU of task role `one`: DT\n- extra `submitFrom`: here\n",
        ),
        (
            "preCommands: [a]",
            "preCommands: [b]",
            "~ command before role `one` 1 of deployment `fast`: a → b\n",
        ),
        (
            "  - {name: slow, taskRoles: {one: {}}}\n",
            "",
            "- deployment `slow`\n",
        ),
        (
            "  - {name: spare, type: script}\n",
            "  - {name: spare, type: data, uri: [/x]}\n",
            "+ prerequisite `spare`: [\"/x\"]\n- prerequisite `spare`\n",
        ),
        (
            "description: All there is.",
            "description: Nothing.",
            "~ description: All there is. → Nothing.\n",
        ),
    ] {
        assert_eq!(replaced(&[(old, new)]), expected, "{old} -> {new}");
    }
}

#[test]
fn new_names_are_recognized() {
    let role = [("  two:\n", "  worker:\n")];
    assert_eq!(replaced(&role), "~ task role `worker`: was `two`\n");
    let more = [
        ("  two:\n", "  worker:\n"),
        (
            "memoryMB: 64, gpu: 1}\n    commands: [run]",
            "memoryMB: 64, gpu: 2}\n    commands: [run]",
        ),
    ];
    assert_eq!(
        replaced(&more),
        "~ task role `worker`: was `two`\n~ GPUs of task role `worker`: 1 → 2\n"
    );
    let everywhere = [
        ("  one:\n", "  worker:\n"),
        ("{one: {preCommands", "{worker: {preCommands"),
        ("taskRoles: {one: {}}", "taskRoles: {worker: {}}"),
    ];
    assert_eq!(replaced(&everywhere), "~ task role `worker`: was `one`\n");
    let image = BASE
        .replace("name: image", "name: torch")
        .replace("dockerImage: image", "dockerImage: torch")
        .replace("[image]", "[torch]");
    assert_eq!(told(BASE, &image), "~ prerequisite `torch`: was `image`\n");
    assert_eq!(
        replaced(&[("{name: slow", "{name: steady")]),
        "~ deployment `steady`: was `slow`\n"
    );
    // Another role altogether.
    let other = [
        ("  two:\n", "  ps:\n"),
        ("    commands: [run]\n", "    commands: [serve]\n"),
    ];
    assert_eq!(replaced(&other), "+ task role `ps`\n- task role `two`\n");
}

#[test]
fn of_long_texts_the_difference_is_shown() {
    let text = |middle: &str| {
        format!(
            "taskRoles:\n  a:\n    commands:\n    - |\n      first\n      {middle}\n      last\n"
        )
    };
    assert_eq!(
        told(&text("old"), &text("new\n      newer")),
        "~ command 1 of task role `a`, from line 2\n    - old\n    + new\n    + newer\n"
    );
    let long = |end: &str| format!("parameters: {{x: \"{}{end}\"}}", "a".repeat(5000));
    let diff = compare(&long("b"), &long("c")).expect("two mappings");
    let (before, after) = (
        diff.changes[0].before.clone(),
        diff.changes[0].after.clone(),
    );
    assert!(before.is_some_and(|text| text.starts_with('…') && text.ends_with("ab")));
    assert!(after.is_some_and(|text| text.ends_with("ac") && text.chars().count() <= MAX_SHOWN));
    let ends = "parameters: {x: \"a\\nb\"}";
    assert_eq!(
        told(ends, &ends.replace('b', "b\\n")),
        "~ parameter `x`: \"a\\nb\" → \"a\\nb\\n\"\n"
    );
}

#[test]
fn plugins_run_in_their_order() {
    let plugins = |names: [&str; 2]| {
        let plugin = |name: &str| format!("    - {{plugin: {name}, parameters: {{a: 1}}}}\n");
        format!(
            "extras:\n  com.microsoft.pai.runtimeplugin:\n{}",
            names.map(plugin).concat()
        )
    };
    let older = plugins(["ssh", "tensorboard"]);
    assert_eq!(
        told(&older, &plugins(["tensorboard", "ssh"])),
        "~ runtime plugin `ssh`: was number 1\n"
    );
    assert_eq!(
        told(&older, &older.replacen("a: 1", "a: 2", 1)),
        "~ runtime plugin `a` of plugin `ssh`: 1 → 2\n"
    );
}

#[test]
fn a_change_travels_as_json() {
    let newer = BASE.replace("gpu: 1, ports", "gpu: 4, ports");
    let diff = compare(BASE, &newer).expect("two mappings");
    let json = serde_json::to_value(&diff).expect("JSON");
    assert_eq!(
        json,
        serde_json::json!({"changes": [{
            "kind": "changed", "subject": "gpu", "of": "one",
            "path": "taskRoles.one.resourcePerInstance.gpu", "before": "1", "after": "4",
        }], "leftOut": 0})
    );
    assert_eq!(serde_json::from_value::<Diff>(json).expect("a diff"), diff);
}

#[test]
fn what_cannot_be_read_is_named() {
    let told = |older, newer| compare(older, newer).expect_err("unreadable").to_string();
    assert!(told("a: [", "a: 1").starts_with("the older protocol cannot be read: line 1"));
    assert_eq!(told("a: 1", "[a]"), "the newer protocol is no mapping");
}

#[test]
fn what_is_told_is_bounded() {
    let commands = |word: &str| {
        let line = |n: usize| format!("    - {word}{n}\n");
        let lines: String = (0..20_000).map(line).collect();
        format!("taskRoles:\n  a:\n    commands:\n{lines}")
    };
    let diff = compare(&commands("a"), &commands("b")).expect("two mappings");
    assert_eq!(diff.changes.len(), MAX_CHANGES);
    assert_eq!(diff.left_out, 20_000 - 500);
}
