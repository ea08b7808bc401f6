//! What OpenPAI reads of a protocol when it takes a job.

use saphyr::{LoadableYamlNode, Yaml};

/// A protocol that was submitted.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) name: String,
    pub(crate) virtual_cluster: String,
    pub(super) roles: Vec<Role>,
    pub(super) priority: Option<String>,
    /// Whether all tasks start together or none.
    pub(super) gang: bool,
    /// Those of `extras.storages`, by name.
    pub(super) storages: Vec<String>,
}

/// A task role.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) instances: u64,
    pub(super) gpu: u64,
    pub(super) cpu: u64,
    pub(super) memory_mb: u64,
    pub(super) sku: Option<String>,
    pub(super) pinned_cell: Option<String>,
    pub(super) affinity_group: Option<String>,
}

impl Submission {
    /// Reads YAML or JSON. Else: why OpenPAI would not take it.
    ///
    /// Not every rule of OpenPAI's schema is here, only what tests of clients
    /// meet.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let documents =
            Yaml::load_from_str(text).map_err(|error| format!("This is not YAML: {error}."))?;
        let [document] = documents.as_slice() else {
            return Err("Send exactly one document.".into());
        };
        if !is_two(document.as_mapping_get("protocolVersion")) {
            return Err("`protocolVersion` must be 2.".into());
        }
        if text_at(document, "type") != Some("job") {
            return Err("`type` must be `job`.".into());
        }
        let name = text_at(document, "name")
            .filter(|name| is_name(name))
            .ok_or("`name` must be of letters, digits, _ and -.")?;
        let extras = document.as_mapping_get("extras");
        let hived = extras.and_then(|extras| extras.as_mapping_get("hivedScheduler"));
        let roles = document
            .as_mapping_get("taskRoles")
            .and_then(Yaml::as_mapping)
            .filter(|roles| !roles.is_empty())
            .ok_or("`taskRoles` is missing.")?;
        let roles = roles.iter().map(|(name, role)| {
            Role::read(name.as_str().unwrap_or_default(), role, document, hived)
        });
        let gang = extras.and_then(|extras| extras.as_mapping_get("gangAllocation"));
        Ok(Self {
            name: name.to_owned(),
            virtual_cluster: document
                .as_mapping_get("defaults")
                .and_then(|defaults| text_at(defaults, "virtualCluster"))
                .unwrap_or("default")
                .to_owned(),
            roles: roles.collect::<Result<_, _>>()?,
            priority: hived
                .and_then(|hived| text_at(hived, "jobPriorityClass"))
                .map(str::to_owned),
            gang: gang.and_then(Yaml::as_bool) != Some(false),
            storages: extras
                .map_or(&[][..], |extras| list_at(extras, "storages"))
                .iter()
                .filter_map(|storage| text_at(storage, "name"))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// How many tasks, and how many GPUs they have together.
    pub(super) fn totals(&self) -> (u64, u64) {
        self.roles.iter().fold((0, 0), |(tasks, gpus), role| {
            (tasks + role.instances, gpus + role.instances * role.gpu)
        })
    }
}

impl Role {
    fn read(
        name: &str,
        role: &Yaml<'_>,
        document: &Yaml<'_>,
        hived: Option<&Yaml<'_>>,
    ) -> Result<Self, String> {
        let image = text_at(role, "dockerImage");
        let has_image = list_at(document, "prerequisites").iter().any(|one| {
            text_at(one, "type") == Some("dockerimage") && text_at(one, "name") == image
        });
        if image.is_none() || !has_image {
            return Err(format!(
                "The docker image of task role {name} does not exist."
            ));
        }
        let commands: Vec<_> = list_at(role, "commands").iter().map(Yaml::as_str).collect();
        if commands.is_empty() || commands.contains(&None) {
            return Err(format!(
                "`commands` of task role {name} must be a list of texts."
            ));
        }
        if commands.iter().flatten().any(|command| is_open(command)) {
            return Err(format!("A `<%` in task role {name} is not closed."));
        }
        let resources = role.as_mapping_get("resourcePerInstance");
        let asked = |key: &str| {
            resources
                .and_then(|resources| whole(resources.as_mapping_get(key)))
                .ok_or_else(|| format!("`{key}` of task role {name} must be a whole number."))
        };
        let instances = match role.as_mapping_get("instances") {
            None => 1,
            given => whole(given)
                .filter(|number| *number > 0)
                .ok_or_else(|| format!("`instances` of task role {name} must be 1 or more."))?,
        };
        let own = hived
            .and_then(|hived| hived.as_mapping_get("taskRoles"))
            .and_then(|roles| roles.as_mapping_get(name));
        let text = |key| own.and_then(|own| text_at(own, key)).map(str::to_owned);
        Ok(Self {
            name: name.to_owned(),
            instances,
            gpu: asked("gpu")?,
            cpu: asked("cpu")?,
            memory_mb: asked("memoryMB")?,
            sku: text("skuType"),
            pinned_cell: text("pinnedCellId"),
            affinity_group: text("affinityGroupName"),
        })
    }
}

/// The protocol as OpenPAI keeps it, for everybody to read: without secrets, as
/// far as a line that begins with `secrets:` shows where they are.
pub(super) fn without_secrets(text: &str) -> String {
    let mut lines = text.split_inclusive('\n').peekable();
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        if line.starts_with("secrets:") {
            kept.push_str("secrets: \"******\"\n");
            let begins_word = |line: &&str| {
                line.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')
            };
            while lines.next_if(|line| !begins_word(line)).is_some() {}
            // Only the first such line counts.
            kept.extend(lines.by_ref());
        } else {
            kept.push_str(line);
        }
    }
    kept
}

fn list_at<'a, 'y>(mapping: &'a Yaml<'y>, key: &str) -> &'a [Yaml<'y>] {
    mapping
        .as_mapping_get(key)
        .and_then(Yaml::as_sequence)
        .map_or(&[], Vec::as_slice)
}

fn text_at<'a>(mapping: &'a Yaml<'_>, key: &str) -> Option<&'a str> {
    mapping.as_mapping_get(key).and_then(Yaml::as_str)
}

fn whole(value: Option<&Yaml<'_>>) -> Option<u64> {
    u64::try_from(value?.as_integer()?).ok()
}

fn is_two(version: Option<&Yaml<'_>>) -> bool {
    version.is_some_and(|version| version.as_integer() == Some(2) || version.as_str() == Some("2"))
}

/// Whether mustache could not read it.
fn is_open(command: &str) -> bool {
    command
        .rsplit_once("<%")
        .is_some_and(|(_, rest)| !rest.contains("%>"))
}

fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn only_a_block_of_secrets_is_hidden() {
        for (given, kept) in [
            (
                "name: a\nsecrets:\n  x: y\n\n  # z\nb: c\n",
                "name: a\nsecrets: \"******\"\nb: c\n",
            ),
            ("secrets:\n  x: y", "secrets: \"******\"\n"),
            ("secrets: {x: y}\nb: c", "secrets: \"******\"\nb: c"),
            (
                "{\"secrets\": {\"x\": \"y\"}}",
                "{\"secrets\": {\"x\": \"y\"}}",
            ),
            (" secrets:\n  x: y\n", " secrets:\n  x: y\n"),
        ] {
            assert_eq!(without_secrets(given), kept);
        }
    }
}
