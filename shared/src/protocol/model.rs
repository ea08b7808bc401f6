//! What can be understood of a protocol, for showing it.

use serde::{Deserialize, Serialize};

use super::schema::RUNTIME_PLUGINS;
use super::yaml::Node;

/// A job protocol as a page shows it. Reading is lenient, for old and invalid
/// protocols are shown too: what is missing or of a wrong type is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// The job's name.
    pub name: Option<String>,
    /// What the job is, in Markdown.
    pub description: Option<String>,
    /// Who wrote it.
    pub contributor: Option<String>,
    /// The version as it is written, number or text.
    pub version: Option<String>,
    /// In the order of the text.
    pub prerequisites: Vec<Prerequisite>,
    /// In the order of the text.
    pub task_roles: Vec<TaskRole>,
    /// Key and value, as a command gets it; values that are no scalars as JSON.
    pub parameters: Vec<(String, String)>,
    /// The keys alone: a secret's value is shown nowhere.
    pub secret_keys: Vec<String>,
    /// The virtual cluster the job asks for.
    pub virtual_cluster: Option<String>,
    /// The name of the deployment that is used unless another is chosen.
    pub default_deployment: Option<String>,
    /// In the order of the text.
    pub deployments: Vec<Deployment>,
    /// The storage configs that the runtime plugin `teamwise_storage` mounts.
    pub storages: Vec<String>,
}

/// Something that task roles need: an image, data, a script or an output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prerequisite {
    /// `dockerimage`, `data`, `script` or `output` when the protocol is valid.
    pub kind: String,
    /// What task roles call it.
    pub name: String,
    /// Where it is: several for data, at most one for the others.
    pub uris: Vec<String>,
    /// Whether it brings credentials for its registry.
    pub has_auth: bool,
}

/// One kind of task of the job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskRole {
    /// The role's key.
    pub name: String,
    /// How many tasks of the role run; OpenPAI's default is 1.
    pub instances: Option<i64>,
    /// The image, with its `uri`.
    pub docker_image: Option<Reference>,
    /// The data it reads.
    pub data: Option<Reference>,
    /// Where it writes.
    pub output: Option<Reference>,
    /// The script it runs.
    pub script: Option<Reference>,
    /// Processor cores per task.
    pub cpu: Option<i64>,
    /// Memory per task, in MB.
    pub memory_mb: Option<i64>,
    /// GPUs per task.
    pub gpu: Option<i64>,
    /// Names of ports, and how many of each a task gets.
    pub ports: Vec<(String, i64)>,
    /// Shared memory per task, in MB.
    pub shm_mb: Option<i64>,
    /// What is run, one command after the other.
    pub commands: Vec<String>,
    /// How often a failed task is run again.
    pub task_retry_count: Option<i64>,
    /// When the job counts as failed or succeeded.
    pub completion: Completion,
}

/// How many tasks of a role decide the job's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// So many failed tasks fail the job.
    pub min_failed_instances: Option<i64>,
    /// So many succeeded tasks make the job a success.
    pub min_succeeded_instances: Option<i64>,
}

/// A name of a prerequisite, and where that is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The name as the role has it.
    pub name: String,
    /// The prerequisite's; empty when there is none of that name and type.
    pub uris: Vec<String>,
}

/// A way to run the job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// What `defaults` calls it.
    pub name: String,
    /// In the order of the text.
    pub roles: Vec<DeploymentRole>,
}

/// What a deployment adds to a task role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeploymentRole {
    /// The role's key.
    pub name: String,
    /// Run before the role's own commands.
    pub pre_commands: Vec<String>,
    /// Run after them.
    pub post_commands: Vec<String>,
}

impl Protocol {
    pub(super) fn read(root: Node<'_>) -> Self {
        let prerequisites: Vec<_> = items(root.get("prerequisites"))
            .map(Prerequisite::read)
            .collect();
        let defaults = root.get("defaults");
        Self {
            name: text(root.get("name")),
            description: text(root.get("description")),
            contributor: text(root.get("contributor")),
            version: text(root.get("version")),
            task_roles: entries(root.get("taskRoles"))
                .map(|(name, role)| TaskRole::read(name, role, &prerequisites))
                .collect(),
            prerequisites,
            parameters: entries(root.get("parameters"))
                .map(|(key, value)| (key.to_owned(), shown(value)))
                .collect(),
            secret_keys: entries(root.get("secrets"))
                .map(|(key, _)| key.to_owned())
                .collect(),
            virtual_cluster: text(defaults.and_then(|defaults| defaults.get("virtualCluster"))),
            default_deployment: text(defaults.and_then(|defaults| defaults.get("deployment"))),
            deployments: items(root.get("deployments"))
                .map(Deployment::read)
                .collect(),
            storages: storages(root),
        }
    }
}

impl Prerequisite {
    fn read(node: Node<'_>) -> Self {
        Self {
            kind: text(node.get("type")).unwrap_or_default(),
            name: text(node.get("name")).unwrap_or_default(),
            uris: texts(node.get("uri")),
            has_auth: node
                .get("auth")
                .is_some_and(|auth| auth.entries().len() > 0),
        }
    }
}

impl TaskRole {
    fn read(name: &str, node: Node<'_>, prerequisites: &[Prerequisite]) -> Self {
        let reference = |key: &str, kind: &str| {
            let name = text(node.get(key))?;
            let named = prerequisites
                .iter()
                .find(|found| found.name == name && found.kind == kind);
            Some(Reference {
                uris: named.map(|found| found.uris.clone()).unwrap_or_default(),
                name,
            })
        };
        let at = |outer: &str, key: &str| node.get(outer).and_then(|outer| outer.get(key));
        Self {
            name: name.to_owned(),
            instances: int(node.get("instances")),
            docker_image: reference("dockerImage", "dockerimage"),
            data: reference("data", "data"),
            output: reference("output", "output"),
            script: reference("script", "script"),
            cpu: int(at("resourcePerInstance", "cpu")),
            memory_mb: int(at("resourcePerInstance", "memoryMB")),
            gpu: int(at("resourcePerInstance", "gpu")),
            ports: entries(at("resourcePerInstance", "ports"))
                .filter_map(|(port, count)| Some((port.to_owned(), int(Some(count))?)))
                .collect(),
            shm_mb: int(at("extraContainerOptions", "shmMB")),
            commands: texts(node.get("commands")),
            task_retry_count: int(node.get("taskRetryCount")),
            completion: Completion {
                min_failed_instances: int(at("completion", "minFailedInstances")),
                min_succeeded_instances: int(at("completion", "minSucceededInstances")),
            },
        }
    }
}

impl Deployment {
    fn read(node: Node<'_>) -> Self {
        let role = |(name, role): (&str, Node<'_>)| DeploymentRole {
            name: name.to_owned(),
            pre_commands: texts(role.get("preCommands")),
            post_commands: texts(role.get("postCommands")),
        };
        Self {
            name: text(node.get("name")).unwrap_or_default(),
            roles: entries(node.get("taskRoles")).map(role).collect(),
        }
    }
}

/// The storages that the runtime plugin `teamwise_storage` mounts.
pub(crate) fn storages(root: Node<'_>) -> Vec<String> {
    items(
        root.get("extras")
            .and_then(|extras| extras.get(RUNTIME_PLUGINS)),
    )
    .filter(|plugin| plugin.get("plugin").and_then(Node::as_str) == Some("teamwise_storage"))
    .flat_map(|plugin| {
        texts(
            plugin
                .get("parameters")
                .and_then(|parameters| parameters.get("storageConfigNames")),
        )
    })
    .collect()
}

fn items(node: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    node.into_iter().flat_map(Node::items)
}

fn entries(node: Option<Node<'_>>) -> impl Iterator<Item = (&str, Node<'_>)> {
    node.into_iter().flat_map(Node::entries)
}

fn text(node: Option<Node<'_>>) -> Option<String> {
    node?.written().map(str::to_owned)
}

/// A list of texts; a single text counts as a list of one.
fn texts(node: Option<Node<'_>>) -> Vec<String> {
    text(node)
        .into_iter()
        .chain(items(node).filter_map(|item| text(Some(item))))
        .collect()
}

/// A whole number, even one in quotes.
fn int(node: Option<Node<'_>>) -> Option<i64> {
    let node = node?;
    node.as_int().or_else(|| node.as_str()?.trim().parse().ok())
}

fn shown(value: Node<'_>) -> String {
    value
        .printed()
        .unwrap_or_else(|| value.to_json().to_string())
}

#[cfg(test)]
mod tests;
