//! What OpenPAI refuses, written down a second time: as rules about paths,
//! from the description of the protocol and not from the validator.

use super::value::{Meaning, Value};

/// What must hold of every value at a path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// It is a mapping; OpenPAI takes a date for an empty one.
    Mapping,
    /// It is a mapping with at least one key.
    Keys,
    /// Its keys are `[a-zA-Z_][a-zA-Z0-9_]*`.
    Identifiers,
    /// It has these keys.
    Needs(&'static [&'static str]),
    /// It lacks this key.
    Lacks(&'static str),
    /// It has no keys but these.
    Only(&'static [&'static str]),
    /// It is a list of at least so many.
    List(usize),
    Text,
    /// If it is text, it is `[a-zA-Z0-9_-]+` of at most 255 characters.
    Name,
    OneOf(&'static [&'static str]),
    TextOrNumber,
    Two,
    Whole,
    WholeOrNull,
    /// If it is a number, it is no smaller.
    AtLeast(i64),
    /// No mapping in it, however deep, has a key twice.
    Unique,
}

/// Paths with what must hold there. `*` is every key, `[]` every item, and
/// `[data]` every item whose `type` is that.
pub(crate) const RULES: &[(&str, Rule)] = &[
    ("", Rule::Mapping),
    ("", Rule::Unique),
    (
        "",
        Rule::Needs(&["protocolVersion", "name", "type", "taskRoles"]),
    ),
    (
        "",
        Rule::Only(&[
            "protocolVersion",
            "name",
            "type",
            "taskRoles",
            "version",
            "contributor",
            "description",
            "prerequisites",
            "parameters",
            "secrets",
            "jobRetryCount",
            "deployments",
            "defaults",
            "extras",
        ]),
    ),
    ("protocolVersion", Rule::Two),
    ("name", Rule::Text),
    ("name", Rule::Name),
    ("type", Rule::OneOf(&["job"])),
    ("version", Rule::TextOrNumber),
    ("contributor", Rule::Text),
    ("description", Rule::Text),
    ("parameters", Rule::Mapping),
    ("secrets", Rule::Mapping),
    ("extras", Rule::Mapping),
    ("jobRetryCount", Rule::Whole),
    ("jobRetryCount", Rule::AtLeast(0)),
    ("defaults", Rule::Mapping),
    ("defaults.deployment", Rule::Text),
    ("prerequisites", Rule::List(1)),
    ("prerequisites.[]", Rule::Mapping),
    ("prerequisites.[]", Rule::Needs(&["name", "type"])),
    (
        "prerequisites.[].type",
        Rule::OneOf(&["dockerimage", "data", "script", "output"]),
    ),
    ("prerequisites.[].name", Rule::Text),
    ("prerequisites.[].name", Rule::Name),
    ("prerequisites.[].protocolVersion", Rule::Two),
    ("prerequisites.[].version", Rule::TextOrNumber),
    ("prerequisites.[].contributor", Rule::Text),
    ("prerequisites.[].description", Rule::Text),
    ("prerequisites.[dockerimage]", Rule::Needs(&["uri"])),
    (
        "prerequisites.[dockerimage]",
        Rule::Only(&[
            "name",
            "type",
            "protocolVersion",
            "version",
            "contributor",
            "description",
            "uri",
            "auth",
        ]),
    ),
    ("prerequisites.[dockerimage].uri", Rule::Text),
    ("prerequisites.[dockerimage].auth", Rule::Mapping),
    ("prerequisites.[dockerimage].auth.username", Rule::Text),
    ("prerequisites.[dockerimage].auth.password", Rule::Text),
    ("prerequisites.[dockerimage].auth.registryuri", Rule::Text),
    ("prerequisites.[data].uri", Rule::List(0)),
    ("prerequisites.[data].uri.[]", Rule::Text),
    ("prerequisites.[data].plugin", Rule::Text),
    ("prerequisites.[data].require", Rule::List(0)),
    ("prerequisites.[data].require.[]", Rule::Text),
    ("prerequisites.[script].uri", Rule::Text),
    ("prerequisites.[script].plugin", Rule::Text),
    ("prerequisites.[script].require", Rule::List(0)),
    ("prerequisites.[script].require.[]", Rule::Text),
    ("prerequisites.[output].uri", Rule::Text),
    ("prerequisites.[output].plugin", Rule::Text),
    ("prerequisites.[output].require", Rule::List(0)),
    ("prerequisites.[output].require.[]", Rule::Text),
    ("taskRoles", Rule::Keys),
    ("taskRoles", Rule::Identifiers),
    ("taskRoles.*", Rule::Mapping),
    (
        "taskRoles.*",
        Rule::Needs(&["dockerImage", "resourcePerInstance", "commands"]),
    ),
    (
        "taskRoles.*",
        Rule::Only(&[
            "dockerImage",
            "resourcePerInstance",
            "commands",
            "protocolVersion",
            "instances",
            "completion",
            "taskRetryCount",
            "prerequisites",
            "data",
            "output",
            "script",
            "extraContainerOptions",
        ]),
    ),
    ("taskRoles.*.dockerImage", Rule::Text),
    ("taskRoles.*.data", Rule::Text),
    ("taskRoles.*.output", Rule::Text),
    ("taskRoles.*.script", Rule::Text),
    ("taskRoles.*.protocolVersion", Rule::Two),
    ("taskRoles.*.instances", Rule::Whole),
    ("taskRoles.*.instances", Rule::AtLeast(1)),
    ("taskRoles.*.taskRetryCount", Rule::Whole),
    ("taskRoles.*.prerequisites", Rule::List(0)),
    ("taskRoles.*.prerequisites.[]", Rule::Text),
    ("taskRoles.*.completion", Rule::Mapping),
    (
        "taskRoles.*.completion",
        Rule::Only(&["minFailedInstances", "minSucceededInstances"]),
    ),
    (
        "taskRoles.*.completion.minFailedInstances",
        Rule::WholeOrNull,
    ),
    (
        "taskRoles.*.completion.minSucceededInstances",
        Rule::WholeOrNull,
    ),
    ("taskRoles.*.extraContainerOptions", Rule::Mapping),
    (
        "taskRoles.*.extraContainerOptions",
        Rule::Lacks("additionalProperties"),
    ),
    ("taskRoles.*.extraContainerOptions.shmMB", Rule::Whole),
    ("taskRoles.*.commands", Rule::List(1)),
    ("taskRoles.*.commands.[]", Rule::Text),
    ("taskRoles.*.resourcePerInstance", Rule::Mapping),
    (
        "taskRoles.*.resourcePerInstance",
        Rule::Needs(&["cpu", "memoryMB", "gpu"]),
    ),
    (
        "taskRoles.*.resourcePerInstance",
        Rule::Only(&["cpu", "memoryMB", "gpu", "ports"]),
    ),
    ("taskRoles.*.resourcePerInstance.cpu", Rule::Whole),
    ("taskRoles.*.resourcePerInstance.memoryMB", Rule::Whole),
    ("taskRoles.*.resourcePerInstance.gpu", Rule::Whole),
    ("taskRoles.*.resourcePerInstance.ports", Rule::Keys),
    ("taskRoles.*.resourcePerInstance.ports", Rule::Identifiers),
    ("taskRoles.*.resourcePerInstance.ports.*", Rule::Whole),
    ("deployments", Rule::List(1)),
    ("deployments.[]", Rule::Mapping),
    ("deployments.[]", Rule::Needs(&["name", "taskRoles"])),
    ("deployments.[].name", Rule::Text),
    ("deployments.[].name", Rule::Name),
    ("deployments.[].protocolVersion", Rule::Two),
    ("deployments.[].taskRoles", Rule::Keys),
    ("deployments.[].taskRoles", Rule::Identifiers),
    ("deployments.[].taskRoles.*", Rule::Mapping),
    (
        "deployments.[].taskRoles.*",
        Rule::Only(&["preCommands", "postCommands"]),
    ),
    ("deployments.[].taskRoles.*.preCommands", Rule::List(1)),
    ("deployments.[].taskRoles.*.preCommands.[]", Rule::Text),
    ("deployments.[].taskRoles.*.postCommands", Rule::List(1)),
    ("deployments.[].taskRoles.*.postCommands.[]", Rule::Text),
];

/// A rule in words, and whether a document keeps it.
type Sentence = (&'static str, fn(&Value) -> bool);

/// What no path can say.
pub(crate) const SENTENCES: &[Sentence] = &[
    ("prerequisites of a type differ in name", |document| {
        let prerequisites = document.get("prerequisites").map_or(&[][..], Value::items);
        let named: Vec<_> = prerequisites
            .iter()
            .filter_map(|one| Some((one.get("type")?.as_text()?, one.get("name")?.as_text()?)))
            .collect();
        are_different(&named)
    }),
    ("deployments differ in name", |document| {
        let deployments = document.get("deployments").map_or(&[][..], Value::items);
        let named: Vec<_> = deployments
            .iter()
            .filter_map(|one| one.get("name")?.as_text())
            .collect();
        are_different(&named)
    }),
    ("the docker image is one", |document| {
        names_one(document, "dockerImage", "dockerimage")
    }),
    ("the data are", |document| {
        names_one(document, "data", "data")
    }),
    ("the output is", |document| {
        names_one(document, "output", "output")
    }),
    ("the script is", |document| {
        names_one(document, "script", "script")
    }),
    ("a role's prerequisites are", |document| {
        roles(document).all(|(_, role)| {
            let names = role.get("prerequisites").map_or(&[][..], Value::items);
            names
                .iter()
                .filter_map(Value::as_text)
                .all(|name| has_prerequisite(document, None, name))
        })
    }),
    ("the default deployment is one", |document| {
        let name = document
            .get("defaults")
            .and_then(|defaults| defaults.get("deployment")?.as_text());
        let deployments = document.get("deployments").map_or(&[][..], Value::items);
        name.is_none_or(|name| {
            deployments
                .iter()
                .any(|one| one.get("name").and_then(Value::as_text) == Some(name))
        })
    }),
    ("mustache reads the commands", |document| {
        roles(document).all(|(name, role)| is_readable(&commands(document, name, role)))
    }),
    ("mustache reads the credentials", |document| {
        let prerequisites = document.get("prerequisites").map_or(&[][..], Value::items);
        prerequisites
            .iter()
            .filter(|one| one.get("type").and_then(Value::as_text) == Some("dockerimage"))
            .flat_map(|one| one.get("auth").map_or(&[][..], Value::entries))
            .filter_map(|(_, value)| value.as_text())
            .all(is_readable)
    }),
];

/// How many rules and sentences there are.
pub(crate) const COUNT: usize = RULES.len() + SENTENCES.len();

/// The rules and sentences, by number, that a document breaks.
pub(crate) fn broken(document: &Value) -> Vec<usize> {
    let rules = RULES.iter().map(|(path, rule)| {
        let mut found = Vec::new();
        let path: Vec<_> = path.split('.').filter(|step| !step.is_empty()).collect();
        select(document, &path, &mut found);
        found.into_iter().all(|value| holds(*rule, value))
    });
    let sentences = SENTENCES.iter().map(|(_, holds)| holds(document));
    let numbered = rules.chain(sentences).enumerate();
    numbered
        .filter(|(_, holds)| !holds)
        .map(|(number, _)| number)
        .collect()
}

pub(crate) fn name(number: usize) -> String {
    match RULES.get(number) {
        Some((path, rule)) => format!("{path} {rule:?}"),
        None => SENTENCES[number - RULES.len()].0.to_owned(),
    }
}

fn select<'v>(value: &'v Value, path: &[&str], found: &mut Vec<&'v Value>) {
    let Some((step, rest)) = path.split_first() else {
        return found.push(value);
    };
    match step
        .strip_prefix('[')
        .and_then(|step| step.strip_suffix(']'))
    {
        Some(kind) => value
            .items()
            .iter()
            .filter(|item| {
                kind.is_empty() || item.get("type").and_then(Value::as_text) == Some(kind)
            })
            .for_each(|item| select(item, rest, found)),
        None => value
            .entries()
            .iter()
            .filter(|(key, _)| *step == "*" || key == step)
            .for_each(|(_, value)| select(value, rest, found)),
    }
}

fn holds(rule: Rule, value: &Value) -> bool {
    let is_identifier = |key: &str| {
        let begins_well = !key.starts_with(|first: char| first.is_ascii_digit());
        begins_well && !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match (rule, value) {
        (Rule::Mapping, value) => {
            matches!(value, Value::Mapping(_) | Value::Scalar(_, Meaning::Date))
        }
        (Rule::Keys, value) => !value.entries().is_empty(),
        (Rule::Identifiers, value) => value.entries().iter().all(|(key, _)| is_identifier(key)),
        (Rule::Needs(keys), Value::Mapping(_) | Value::Scalar(_, Meaning::Date)) => {
            keys.iter().all(|key| value.get(key).is_some())
        }
        (Rule::Lacks(key), value) => value.get(key).is_none(),
        (Rule::Only(keys), value) => value
            .entries()
            .iter()
            .all(|(key, _)| keys.contains(&key.as_str())),
        (Rule::List(least), value) => matches!(value, Value::List(items) if items.len() >= least),
        (Rule::Text, value) => value.as_text().is_some(),
        (Rule::Name, value) => value.as_text().is_none_or(|name| {
            let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
            (1..=255).contains(&name.len()) && name.chars().all(is_allowed)
        }),
        (Rule::OneOf(words), value) => value.as_text().is_some_and(|word| words.contains(&word)),
        (Rule::TextOrNumber, value) => matches!(
            value,
            Value::Scalar(_, Meaning::Text(_) | Meaning::Whole(_) | Meaning::Number)
        ),
        (Rule::Two, value) => {
            value.as_text() == Some("2") || matches!(value, Value::Scalar(_, Meaning::Whole(2)))
        }
        (Rule::Whole, value) => matches!(value, Value::Scalar(_, Meaning::Whole(_))),
        (Rule::WholeOrNull, value) => {
            matches!(value, Value::Scalar(_, Meaning::Whole(_) | Meaning::Null))
        }
        (Rule::AtLeast(least), Value::Scalar(_, Meaning::Whole(number))) => *number >= least,
        (Rule::Unique, value) => {
            let keys: Vec<_> = value.entries().iter().map(|(key, _)| key).collect();
            are_different(&keys)
                && value.items().iter().all(|value| holds(rule, value))
                && value.entries().iter().all(|(_, value)| holds(rule, value))
        }
        _ => true,
    }
}

fn are_different<T: PartialEq>(all: &[T]) -> bool {
    all.iter()
        .enumerate()
        .all(|(index, one)| !all[..index].contains(one))
}

fn roles(document: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let roles = document.get("taskRoles").map_or(&[][..], Value::entries);
    roles.iter().map(|(name, role)| (name.as_str(), role))
}

fn has_prerequisite(document: &Value, kind: Option<&str>, name: &str) -> bool {
    let prerequisites = document.get("prerequisites").map_or(&[][..], Value::items);
    let text = |one: &Value, key: &str| one.get(key).and_then(Value::as_text).map(str::to_owned);
    prerequisites.iter().any(|one| {
        let is_of_kind = kind.is_none_or(|kind| text(one, "type").as_deref() == Some(kind));
        is_of_kind && text(one, "name").as_deref() == Some(name)
    })
}

fn names_one(document: &Value, key: &str, kind: &str) -> bool {
    roles(document)
        .filter_map(|(_, role)| role.get(key)?.as_text())
        .all(|name| has_prerequisite(document, Some(kind), name))
}

/// A role's commands, between those of the default deployment.
fn commands(document: &Value, name: &str, role: &Value) -> String {
    let chosen = document
        .get("defaults")
        .and_then(|defaults| defaults.get("deployment")?.as_text());
    let deployments = document.get("deployments").map_or(&[][..], Value::items);
    let deployed = deployments
        .iter()
        .find(|one| chosen.is_some() && one.get("name").and_then(Value::as_text) == chosen)
        .and_then(|one| one.get("taskRoles")?.get(name));
    let parts = [
        (deployed, "preCommands"),
        (Some(role), "commands"),
        (deployed, "postCommands"),
    ];
    let texts = parts
        .into_iter()
        .filter_map(|(from, key)| from?.get(key))
        .flat_map(Value::items);
    texts
        .filter_map(Value::as_text)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether mustache reads a text in which no section ends, and nothing but
/// the mutations' own `<%=` stands.
fn is_readable(text: &str) -> bool {
    let has_odd_tags = ["<%=", "<%#", "<%^", "<%/"]
        .iter()
        .any(|tag| text.contains(tag));
    let is_closed = text
        .rfind("<%")
        .is_none_or(|open| text[open..].contains("%>"));
    !has_odd_tags && is_closed
}
