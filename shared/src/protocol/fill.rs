//! From a template to a job of somebody's: what they are asked for, and what
//! OpenPAI makes of their answers.
//!
//! All of it works on the protocol as JSON ([`to_json`](super::to_json)), which is
//! what `POST /items/{id}/use` answers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::mustache::{self, Kind as Tag};
use super::placeholder::steps;
use super::schema::MAX_NAME;
use super::yaml::{in_javascript, to_yaml};
use crate::{javascript, order};

/// The largest job that OpenPAI takes, in bytes of YAML
/// (docs/contract.md#2-openpais-rest-server).
pub const MAX_JOB: usize = 100 * 1000;

/// The id that a portal's plugin list has for the marketplace, as the guide for admins
/// writes it: OpenPAI's *Clone* of a job that names it leads back there.
pub const SUBMIT_FROM: &str = "marketplace";

/// A protocol as JSON.
pub type Job = Map<String, Value>;

/// What a parameter's default looks like, and so what its value has to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Whole,
    /// Any number.
    Number,
    /// Text of one line or several.
    Text,
    /// A list or a mapping, written as JSON.
    Json,
}

/// Something that a template asks for, with what it brings itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its key in `parameters`.
    pub name: String,
    /// What its default looks like.
    pub kind: Kind,
    /// The default.
    pub default: Value,
}

/// What one task role will really run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The role's name.
    pub role: String,
    /// The address of its image.
    pub image: String,
    /// The commands, joined and filled in as OpenPAI does it. Secrets are still
    /// placeholders: they are filled in inside the running container only.
    pub commands: String,
}

/// What somebody has decided about a job.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// The job's name.
    pub name: String,
    /// Where it runs.
    pub virtual_cluster: String,
    /// The SKU of each task role, under hived; an empty one leaves it to OpenPAI.
    pub skus: Vec<(String, String)>,
    /// Values of parameters, by key.
    pub parameters: Vec<(String, Value)>,
    /// Values of secrets, by path such as `docker.password`.
    pub secrets: Vec<(String, String)>,
    /// The id of the plugin that OpenPAI's *Clone* leads back to.
    pub submit_from: String,
}

/// The parameters of a job, in the order of its keys.
pub fn parameters(job: &Job) -> Vec<Parameter> {
    let all = job.get("parameters").and_then(Value::as_object);
    let parameter = |(name, default): (&String, &Value)| Parameter {
        name: name.clone(),
        kind: Kind::of(default),
        default: default.clone(),
    };
    all.into_iter().flatten().map(parameter).collect()
}

/// The paths of the secrets that a job names, be it that it has values for them or
/// that its texts refer to them. With each, whether it has a value.
pub fn secrets(job: &Job) -> Vec<(String, bool)> {
    let mut found = BTreeSet::new();
    let secrets = job.get("secrets").unwrap_or(&Value::Null);
    leaves(secrets, "", &mut found);
    let mut mentioned = |text: &str| {
        for tag in mustache::read(text).0 {
            if let (Tag::Name, Some(path)) = (tag.kind, tag.content.strip_prefix("$secrets.")) {
                found.insert(steps(path).join("."));
            }
        }
    };
    for (key, value) in job {
        if key != "secrets" {
            texts(value, &mut mentioned);
        }
    }
    let has_value = |path: &str| match find(secrets, &steps(path)) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(_) => true,
    };
    // A mapping is no value, what is in it stands for itself; a list is one as a whole.
    let is_one = |path: &String| {
        let steps = steps(path);
        let above = steps.split_last().map_or(&[][..], |(_, above)| above);
        !matches!(find(secrets, &steps), Some(Value::Object(_)))
            && !matches!(find(secrets, above), Some(Value::Array(_)))
    };
    found
        .into_iter()
        .filter(is_one)
        .map(|path| {
            let has_value = has_value(&path);
            (path, has_value)
        })
        .collect()
}

/// Makes a template into the job that was chosen.
pub fn apply(job: &mut Job, choices: &Choices) {
    job.insert("name".into(), choices.name.clone().into());
    set(
        job,
        &["defaults", "virtualCluster"],
        choices.virtual_cluster.clone().into(),
    );
    for (name, value) in &choices.parameters {
        set(job, &["parameters", name], value.clone());
    }
    for (path, value) in &choices.secrets {
        let steps = steps(path);
        let mut all = vec!["secrets"];
        all.extend(steps.iter().map(String::as_str));
        set(job, &all, value.clone().into());
    }
    for (role, sku) in &choices.skus {
        let path = ["extras", "hivedScheduler", "taskRoles", role, "skuType"];
        if sku.is_empty() {
            let config = job.get_mut("extras").and_then(|extras| {
                extras
                    .get_mut("hivedScheduler")?
                    .get_mut("taskRoles")?
                    .get_mut(role)?
                    .as_object_mut()
            });
            if let Some(config) = config {
                config.remove("skuType");
            }
        } else {
            set(job, &path, sku.clone().into());
        }
    }
    if !choices.submit_from.is_empty() {
        set(
            job,
            &["extras", "submitFrom"],
            choices.submit_from.clone().into(),
        );
    }
}

/// What the portal's submit page drops of a job
/// (docs/contract.md#1-the-portal-and-pluginjs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The values of secrets.
    Secrets,
    /// The credentials for a registry.
    Auth,
    /// The virtual cluster: the job goes to `default`.
    VirtualCluster,
    /// The SKUs of task roles, under hived.
    Sku,
}

/// What would matter of this job if it went through the submit page.
pub fn losses(job: &Job) -> Vec<Loss> {
    let is_filled = |value: Option<&Value>| {
        value
            .and_then(Value::as_object)
            .is_some_and(|entries| !entries.is_empty())
    };
    let prerequisites = job.get("prerequisites").and_then(Value::as_array);
    let virtual_cluster = job
        .get("defaults")
        .and_then(|defaults| defaults.get("virtualCluster")?.as_str());
    let roles = job
        .get("extras")
        .and_then(|extras| extras.get("hivedScheduler")?.get("taskRoles")?.as_object());
    let mut has_sku = roles
        .into_iter()
        .flat_map(Map::values)
        .map(|role| role.get("skuType"));
    let all = [
        (Loss::Secrets, is_filled(job.get("secrets"))),
        (
            Loss::Auth,
            prerequisites
                .into_iter()
                .flatten()
                .any(|one| is_filled(one.get("auth"))),
        ),
        (
            Loss::VirtualCluster,
            virtual_cluster.is_some_and(|name| name != "default"),
        ),
        (
            Loss::Sku,
            has_sku.any(|sku| sku.is_some_and(|sku| !sku.is_null())),
        ),
    ];
    all.into_iter()
        .filter(|(_, is_lost)| *is_lost)
        .map(|(loss, _)| loss)
        .collect()
}

/// What each task role runs, once OpenPAI has filled in what it fills in.
pub fn runs(job: &Job) -> Vec<Run> {
    let roles = job.get("taskRoles").and_then(Value::as_object);
    let run = |(name, role): (&String, &Value)| {
        let image = prerequisite(job, "dockerimage", role.get("dockerImage"));
        Run {
            role: name.clone(),
            image: image
                .and_then(|image| image.get("uri")?.as_str())
                .unwrap_or_default()
                .to_owned(),
            commands: fill(&commands(job, name, role), job, role),
        }
    };
    roles.into_iter().flatten().map(run).collect()
}

/// What a job runs, as one text: the image and commands of each task role, before anything is
/// filled in. What somebody decides about a job (its name, parameters, secrets, where it runs
/// and with how much) leaves it as it is, and so does the portal's submit page.
pub fn what_runs(job: &Job) -> String {
    let roles = job.get("taskRoles").and_then(Value::as_object);
    let mut all: Vec<_> = roles
        .into_iter()
        .flatten()
        .map(|(name, role)| {
            let image = prerequisite(job, "dockerimage", role.get("dockerImage"));
            let image = image.and_then(|image| image.get("uri")?.as_str());
            let commands = commands(job, name, role);
            let lines = commands.lines().map(str::trim);
            let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
            json!([name, image.map(str::trim), lines]).to_string()
        })
        .collect();
    order::by(&mut all, Ord::cmp);
    all.join("\n")
}

/// What OpenPAI answers for a job's protocol, as people read it: JSON becomes YAML.
pub(super) fn readable(text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => to_yaml(&value),
        _ => text.to_owned(),
    }
}

/// A protocol that OpenPAI has kept of a job, as one can start from it: it hides the
/// values of secrets, so their names stand there with nothing in them. What people
/// read badly, JSON, becomes YAML.
pub fn from_config(text: &str) -> String {
    /// What OpenPAI leaves of a block of secrets.
    const HIDDEN: &str = "secrets: \"******\"";
    let text = readable(text);
    let is_hidden = |line: &str| line.trim_end() == HIDDEN;
    if !text.lines().any(is_hidden) {
        return text;
    }
    let named = match super::to_json(&text) {
        Ok(Value::Object(job)) => secrets(&job),
        _ => Vec::new(),
    };
    let mut block = Job::new();
    for (path, _) in &named {
        let steps = steps(path);
        let mut all = vec!["secrets"];
        all.extend(steps.iter().map(String::as_str));
        set(&mut block, &all, "".into());
    }
    let block = if named.is_empty() {
        String::new()
    } else {
        to_yaml(&Value::Object(block))
    };
    text.split_inclusive('\n')
        .map(|line| {
            if is_hidden(line) {
                block.as_str()
            } else {
                line
            }
        })
        .collect()
}

/// A name for a job, of those that OpenPAI takes: what is in the way of a name becomes
/// `-`, and `suffix` sets it apart from others.
pub fn job_name(name: &str, suffix: &str) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            letter
        } else {
            '-'
        }
    };
    let plain: String = name.trim().chars().map(letter).collect();
    let mut stem = plain.trim_matches('-').to_owned();
    while stem.contains("--") {
        stem = stem.replace("--", "-");
    }
    if stem.is_empty() {
        "job".clone_into(&mut stem);
    }
    stem.truncate(MAX_NAME.saturating_sub(suffix.len() + 1));
    format!("{stem}_{suffix}")
}

/// Whether OpenPAI takes this as a job's name.
pub fn is_job_name(name: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_letter)
}

impl Kind {
    fn of(default: &Value) -> Self {
        match default {
            Value::Bool(_) => Self::Switch,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Whole,
            Value::String(_) | Value::Null => Self::Text,
            Value::Array(_) | Value::Object(_) => Self::Json,
        }
    }

    /// The value that somebody has typed, if it is one of this kind.
    pub fn read(self, text: &str) -> Option<Value> {
        let typed = text.trim();
        match self {
            Self::Text => Some(text.into()),
            Self::Switch => typed.parse::<bool>().ok().map(Value::from),
            Self::Whole => typed.parse::<i64>().ok().map(Value::from),
            Self::Number => {
                let number = javascript::number(typed).filter(|number| number.is_finite());
                number.map(Value::from)
            }
            Self::Json => serde_json::from_str(typed)
                .ok()
                .filter(|value: &Value| value.is_array() || value.is_object()),
        }
    }
}

impl Parameter {
    /// The default as somebody would type it.
    pub fn typed(&self) -> String {
        match &self.default {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// The commands as OpenPAI joins them, with those of the default deployment around.
fn commands(job: &Job, name: &str, role: &Value) -> String {
    let chosen = job
        .get("defaults")
        .and_then(|defaults| defaults.get("deployment"));
    let deployments = job.get("deployments").and_then(Value::as_array);
    let around = deployments
        .into_iter()
        .flatten()
        .find(|one| chosen.is_some() && one.get("name") == chosen)
        .and_then(|one| one.get("taskRoles")?.get(name));
    let around = |key| around.and_then(|around| around.get(key));
    let all = [
        around("preCommands"),
        role.get("commands"),
        around("postCommands"),
    ];
    let lines = all
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_str)
        .map(str::trim);
    lines.collect::<Vec<_>>().join("\n")
}

/// Fills in what OpenPAI fills in when a job is submitted.
fn fill(text: &str, job: &Job, role: &Value) -> String {
    let mut out = String::new();
    let mut rest = 0;
    for tag in mustache::read(text).0 {
        out.push_str(&text[rest..tag.start]);
        rest = tag.end;
        if tag.kind == Tag::Name {
            match lookup(tag.content, job, role) {
                Some(value) => out.push_str(&printed(value)),
                None => out.push_str(&text[tag.start..tag.end]),
            }
        }
    }
    out.push_str(&text[rest..]);
    out.trim().to_owned()
}

fn lookup<'j>(expression: &str, job: &'j Job, role: &Value) -> Option<&'j Value> {
    let steps = steps(expression.strip_prefix('$')?);
    let (root, steps) = steps.split_first()?;
    let start = match root.as_str() {
        "parameters" => job.get("parameters")?,
        "data" | "script" | "output" => prerequisite(job, root, role.get(root))?,
        _ => return None,
    };
    find(start, steps).filter(|value| !value.is_null())
}

fn prerequisite<'j>(job: &'j Job, kind: &str, name: Option<&Value>) -> Option<&'j Value> {
    let all = job.get("prerequisites")?.as_array()?;
    let is_it = |one: &&Value| {
        one.get("type").and_then(Value::as_str) == Some(kind)
            && name.is_some()
            && one.get("name") == name
    };
    all.iter().find(is_it)
}

fn find<'v>(start: &'v Value, steps: &[String]) -> Option<&'v Value> {
    steps.iter().try_fold(start, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// The text that JavaScript makes of a value.
fn printed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => in_javascript(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(printed).collect::<Vec<_>>().join(","),
        Value::Object(_) => "[object Object]".to_owned(),
    }
}

fn leaves(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Value::Object(entries) = value {
        for (key, value) in entries {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            leaves(value, &path, found);
        }
    } else if !path.is_empty() {
        found.insert(path.to_owned());
    }
}

fn texts(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, see)),
        Value::Object(entries) => entries.values().for_each(|value| texts(value, see)),
        _ => {}
    }
}

/// Puts a value at a path, making the mappings on the way.
fn set(job: &mut Job, path: &[&str], value: Value) {
    let Some((last, way)) = path.split_last() else {
        return;
    };
    let mut at = job;
    for step in way {
        let next = at.entry(*step).or_insert_with(|| json!({}));
        if !next.is_object() {
            *next = json!({});
        }
        let Value::Object(entries) = next else {
            return;
        };
        at = entries;
    }
    at.insert((*last).to_owned(), value);
}

#[cfg(test)]
mod tests;
