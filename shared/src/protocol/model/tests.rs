use super::super::validate;
use super::*;

fn read(text: &str) -> Protocol {
    validate(text).protocol.expect("a mapping")
}

#[test]
fn everything_of_a_valid_protocol_is_there() {
    let protocol = read(include_str!("../../../tests/corpus/valid.yaml"));
    let image = |uri: &str| {
        Some(Reference {
            name: "same".to_owned(),
            uris: vec![uri.to_owned()],
        })
    };
    assert_eq!(protocol.name.as_deref(), Some("everything-1_A"));
    assert_eq!(protocol.version.as_deref(), Some("1.0"));
    assert_eq!(protocol.contributor.as_deref(), Some("somebody"));
    assert_eq!(protocol.description.as_deref(), Some("All there is.\n"));
    assert_eq!(protocol.virtual_cluster.as_deref(), Some("default"));
    assert_eq!(protocol.default_deployment.as_deref(), Some("fast"));
    assert_eq!(protocol.storages, ["shared"]);
    assert_eq!(protocol.secret_keys, ["password"]);
    let parameters = [("epochs", "3"), ("nested", r#"{"list":["a"]}"#)];
    assert_eq!(
        protocol.parameters,
        parameters.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
    let kinds: Vec<_> = protocol
        .prerequisites
        .iter()
        .map(|found| (&*found.kind, found.uris.len(), found.has_auth))
        .collect();
    assert_eq!(
        kinds,
        [
            ("dockerimage", 1, true),
            ("data", 2, false),
            ("script", 1, false),
            ("output", 1, false)
        ]
    );

    let role = &protocol.task_roles[0];
    assert_eq!(role.name, "_worker1");
    assert_eq!(role.docker_image, image("example/image:1"));
    assert_eq!(role.data.as_ref().map(|data| data.uris.len()), Some(2));
    assert_eq!(
        role.script.as_ref().map(|script| &*script.uris[0]),
        Some("https://example.org/code")
    );
    assert_eq!(
        role.output.as_ref().map(|output| &*output.uris[0]),
        Some("/mnt/results")
    );
    assert_eq!(
        [role.instances, role.cpu, role.memory_mb, role.gpu],
        [Some(1), Some(4), Some(8192), Some(0)]
    );
    assert_eq!([role.shm_mb, role.task_retry_count], [Some(64), Some(-2)]);
    assert_eq!(role.ports, [("http".to_owned(), 1)]);
    assert_eq!(role.commands.len(), 2);
    assert_eq!(
        role.completion,
        Completion {
            min_failed_instances: Some(1),
            min_succeeded_instances: None
        }
    );

    let deployed = &protocol.deployments[0].roles[0];
    assert_eq!(
        (
            &*deployed.name,
            &*deployed.pre_commands,
            &*deployed.post_commands
        ),
        (
            "_worker1",
            &["date".to_owned()][..],
            &["date".to_owned()][..]
        )
    );
}

#[test]
fn secrets_stay_secret() {
    let protocol =
        read("secrets: {token: hush}\nprerequisites: [{name: a, auth: {password: hush}}]\n");
    assert!(!format!("{protocol:?}").contains("hush"));
}

#[test]
fn what_can_be_understood_of_a_broken_protocol_is_there() {
    let protocol = read(
        "name: 7\nprerequisites: {a: 1}\ntaskRoles:\n  a: 1\n  b:\n    instances: \"2\"\n    dockerImage: gone\n    \
         commands: one line\n    resourcePerInstance: {cpu: many, gpu: 1, ports: {a: x, b: 2}}\nparameters: [1]\n",
    );
    assert_eq!(protocol.name.as_deref(), Some("7"));
    assert_eq!(
        protocol.task_roles[0],
        TaskRole {
            name: "a".to_owned(),
            ..TaskRole::default()
        }
    );
    let role = &protocol.task_roles[1];
    assert_eq!(
        (role.instances, role.cpu, role.gpu),
        (Some(2), None, Some(1))
    );
    assert_eq!(
        role.docker_image,
        Some(Reference {
            name: "gone".to_owned(),
            uris: Vec::new()
        })
    );
    assert_eq!(
        (&*role.commands, &*role.ports),
        (&["one line".to_owned()][..], &[("b".to_owned(), 2)][..])
    );
    assert!(protocol.parameters.is_empty() && protocol.prerequisites.is_empty());
}

#[test]
fn nothing_is_read_from_what_is_no_mapping() {
    for text in ["", "- a\n", "a: [", "text"] {
        assert!(validate(text).protocol.is_none(), "{text}");
    }
}

#[test]
fn merge_keys_and_numbers_mean_what_they_mean_to_openpai() {
    let protocol = read(
        "prerequisites: [{name: i, type: dockerimage, uri: x}]\ntaskRoles:\n  a: &a {dockerImage: i, commands: [run], \
         resourcePerInstance: &r {cpu: 010, memoryMB: 8_192, gpu: 1}}\n  b: {<<: *a, instances: 2, \
         resourcePerInstance: {<<: *r, gpu: 0b10}}\nparameters: {lr: 1e-3, mode: 0100, run: {<<: {x: 1}, y: 2}}\n",
    );
    let role = &protocol.task_roles[1];
    assert_eq!(
        role.docker_image.as_ref().map(|image| &*image.uris[0]),
        Some("x")
    );
    assert_eq!(role.commands, ["run"]);
    assert_eq!(
        [role.instances, role.cpu, role.memory_mb, role.gpu],
        [Some(2), Some(8), Some(8192), Some(2)]
    );
    let parameters = [("lr", "0.001"), ("mode", "64"), ("run", r#"{"x":1,"y":2}"#)];
    assert_eq!(
        protocol.parameters,
        parameters.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
}
