//! Puts access to a storage into a job protocol: as a secret, which OpenPAI
//! fills in inside the running container only, and as a variable that the
//! commands read.

use reqwest::Url;
use serde_json::{Map, Value};

use super::sas::Rights;

/// The secret's key, unless the protocol has one of this name already.
const SECRET: &str = "azureStorageSasUrl";

/// What a job needs: one that has an `output` writes, others only read.
pub fn rights(protocol: &Map<String, Value>) -> Rights {
    let prerequisites = protocol.get("prerequisites").and_then(Value::as_array);
    let is_output =
        |prerequisite: &Value| prerequisite.get("type").and_then(Value::as_str) == Some("output");
    if prerequisites.into_iter().flatten().any(is_output) {
        Rights::ReadWrite
    } else {
        Rights::Read
    }
}

/// Adds the address to the protocol's secrets, and exports it before all
/// commands of every task role. The protocol must be a valid one, and stays
/// one.
pub fn add(protocol: &mut Map<String, Value>, address: &Url) {
    let secrets = protocol.entry("secrets").or_insert(Value::Null);
    if !secrets.is_object() {
        *secrets = Value::Object(Map::new());
    }
    let mut key = SECRET.to_owned();
    if let Some(secrets) = secrets.as_object_mut() {
        for number in 2.. {
            if !secrets.contains_key(&key) {
                break;
            }
            key = format!("{SECRET}{number}");
        }
        secrets.insert(key.clone(), Value::from(address.as_str()));
    }

    let export = export(&key);
    let roles = protocol.get_mut("taskRoles").and_then(Value::as_object_mut);
    for role in roles.into_iter().flat_map(Map::values_mut) {
        prepend(role.get_mut("commands"), &export);
    }
    // These run before the role's own commands.
    let deployments = protocol
        .get_mut("deployments")
        .and_then(Value::as_array_mut);
    let roles = deployments
        .into_iter()
        .flatten()
        .filter_map(|deployment| deployment.get_mut("taskRoles"))
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for role in roles {
        prepend(role.get_mut("preCommands"), &export);
    }
}

/// The command that hands the secret over. OpenPAI escapes what it fills in as if it
/// were HTML, and an address with access has `&` in it: `&amp;` is undone.
fn export(key: &str) -> String {
    format!("{START}{key} %>'{END}")
}

const START: &str = "export AZURE_STORAGE_SAS_URL=\"$(printf %s '<% $secrets.";
const END: &str = r#" | sed 's/&amp;/\&/g')""#;

/// As commands looked before `&amp;` was undone.
const OLD_START: &str = "export AZURE_STORAGE_SAS_URL='<% $secrets.";

/// A protocol that was saved from a job of before has our command already,
/// with a secret that is gone.
fn prepend(commands: Option<&mut Value>, export: &str) {
    let Some(commands) = commands.and_then(Value::as_array_mut) else {
        return;
    };
    commands.retain(|command| !command.as_str().is_some_and(is_export));
    commands.insert(0, Value::from(export));
}

fn is_export(command: &str) -> bool {
    let key = match command.strip_suffix(END) {
        Some(command) => command.strip_prefix(START),
        None => command.strip_prefix(OLD_START),
    };
    let key = key.and_then(|rest| rest.strip_suffix(" %>'"));
    key.and_then(|key| key.strip_prefix(SECRET))
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::protocol;

    use super::*;

    const ADDRESS: &str = "https://acct.example/cont?sp=rl&sig=signed";

    fn granted(text: &str) -> Value {
        let Value::Object(mut protocol) = protocol::to_json(text).unwrap() else {
            panic!("{text}")
        };
        add(&mut protocol, &ADDRESS.parse().unwrap());
        let json = Value::Object(protocol);
        let report = protocol::validate(&json.to_string());
        assert!(report.is_valid(), "{:?}", report.diagnostics);
        json
    }

    const PROTOCOL: &str = "\
protocolVersion: 2
name: smoke
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: 'ubuntu:22.04'}
taskRoles:
  one: &role
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}
    commands: [ls]
  two: *role
";

    #[test]
    fn every_role_gets_the_variable_and_the_secret_stays_one() {
        let protocol = granted(PROTOCOL);
        assert_eq!(protocol["secrets"], json!({"azureStorageSasUrl": ADDRESS}));
        let commands = json!([export(SECRET), "ls"]);
        for role in ["one", "two"] {
            assert_eq!(protocol["taskRoles"][role]["commands"], commands);
        }
        assert_eq!(protocol.to_string().matches("signed").count(), 1);
    }

    /// OpenPAI's runtime fills secrets in by a template engine for HTML.
    #[test]
    fn the_address_arrives_whole_however_it_is_filled_in() {
        for filled_in in [ADDRESS.to_owned(), ADDRESS.replace('&', "&amp;")] {
            let command = export(SECRET).replace("<% $secrets.azureStorageSasUrl %>", &filled_in);
            let script = format!("{command}\nprintf %s \"$AZURE_STORAGE_SAS_URL\"");
            let output = std::process::Command::new("sh")
                .args(["-c", &script])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), ADDRESS);
        }
    }

    #[test]
    fn secrets_that_are_there_stay() {
        let text =
            format!("{PROTOCOL}secrets: {{azureStorageSasUrl: mine, azureStorageSasUrl2: too}}\n");
        let text = text.replace("[ls]", "[\"echo '<% $secrets.azureStorageSasUrl %>'\"]");
        let protocol = granted(&text);
        assert_eq!(protocol["secrets"]["azureStorageSasUrl"], "mine");
        assert_eq!(protocol["secrets"]["azureStorageSasUrl3"], ADDRESS);
        let commands = &protocol["taskRoles"]["one"]["commands"];
        assert_eq!(commands[0], export("azureStorageSasUrl3"));
        assert_eq!(commands[1], "echo '<% $secrets.azureStorageSasUrl %>'");
        assert_eq!(
            granted(&format!("{PROTOCOL}secrets:\n"))["secrets"]
                .as_object()
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn commands_of_deployments_have_the_variable_too() {
        let text = format!(
            "{PROTOCOL}deployments:\n  - name: d\n    taskRoles:\n      one: {{preCommands: [a], postCommands: [b]}}\n\
             defaults: {{deployment: d}}\n"
        );
        let protocol = granted(&text);
        let role = &protocol["deployments"][0]["taskRoles"]["one"];
        assert_eq!(role["preCommands"].as_array().unwrap().len(), 2);
        assert_eq!(role["postCommands"], json!(["b"]));
    }

    #[test]
    fn what_was_granted_before_is_replaced() {
        let saved = granted(PROTOCOL);
        let mut without_secrets = saved.clone();
        without_secrets.as_object_mut().unwrap().remove("secrets");
        assert_eq!(granted(&without_secrets.to_string()), saved);

        let old = "export AZURE_STORAGE_SAS_URL='<% $secrets.azureStorageSasUrl2 %>'";
        let replaced = granted(&PROTOCOL.replace("[ls]", &format!("[\"{old}\", ls]")));
        assert_eq!(replaced, saved);

        let more = "export AZURE_STORAGE_SAS_URL='<% $secrets.azureStorageSasUrl %>' && ls";
        let kept = granted(&PROTOCOL.replace("[ls]", &format!("[\"{more}\"]")));
        assert_eq!(kept["taskRoles"]["one"]["commands"][1], more);
    }

    #[test]
    fn an_output_wants_to_be_written() {
        let rights_of = |text: &str| rights(protocol::to_json(text).unwrap().as_object().unwrap());
        assert_eq!(rights_of(PROTOCOL), Rights::Read);
        let output = "  - {name: model, type: output, uri: models}\ntaskRoles:";
        assert_eq!(
            rights_of(&PROTOCOL.replace("taskRoles:", output)),
            Rights::ReadWrite
        );
    }
}
