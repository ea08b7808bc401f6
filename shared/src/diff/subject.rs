//! What sort of thing stands at a place of a protocol.

use serde::{Deserialize, Serialize};

use crate::protocol::{Path, RUNTIME_PLUGINS};

/// What sort of thing a [`Change`](super::Change) is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Subject {
    /// The job's name.
    JobName,
    /// The protocol's version, as its author counts.
    Version,
    /// Who wrote it.
    Contributor,
    /// What the job is, in words.
    Description,
    /// How often the job is run again.
    JobRetries,
    /// A prerequisite as a whole, by name.
    Prerequisite,
    /// The address of a docker image.
    Image,
    /// The address of data, a script or an output.
    Uri,
    /// Credentials of a docker image's registry; passwords are never shown.
    RegistryAuth,
    /// Another key of a prerequisite.
    PrerequisiteSetting,
    /// A parameter, by name.
    Parameter,
    /// A secret, by name; its value is never shown.
    Secret,
    /// A task role as a whole, by name.
    TaskRole,
    /// How many tasks of a role run.
    Instances,
    /// Processor cores per task.
    Cpu,
    /// Memory per task, in MB.
    Memory,
    /// GPUs per task.
    Gpu,
    /// Ports per task, by name.
    Port,
    /// Shared memory per task, in MB.
    SharedMemory,
    /// A command of a task role.
    Command,
    /// The prerequisite that a role takes for its docker image, data, output or
    /// script, or in its list of prerequisites.
    Reference,
    /// When a role counts as failed or succeeded.
    Completion,
    /// How often a failed task is run again.
    TaskRetries,
    /// Another key of a task role.
    TaskRoleSetting,
    /// A deployment as a whole, by name.
    Deployment,
    /// A command that a deployment runs before those of a task role.
    PreCommand,
    /// A command that a deployment runs after those of a task role.
    PostCommand,
    /// Another key of a deployment.
    DeploymentSetting,
    /// The deployment that is used unless another is chosen.
    DefaultDeployment,
    /// The virtual cluster that the job asks for.
    VirtualCluster,
    /// Another key of `defaults`.
    Default,
    /// The priority class of hived.
    PriorityClass,
    /// The kind of cell that hived gives to a task role.
    Sku,
    /// Another setting of hived.
    Scheduling,
    /// A plugin of OpenPAI's runtime, by name.
    RuntimePlugin,
    /// Another key of `extras`.
    Extra,
    /// Whatever is none of these.
    Other,
}

/// A step from the root of a protocol.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'d> {
    Key(&'d str),
    /// A key that is another one in the newer protocol.
    Renamed(&'d str, &'d str),
    /// An item of a list, by its indices on both sides, and what it is called.
    Item {
        before: Option<usize>,
        after: Option<usize>,
        label: Option<&'d str>,
    },
}

/// A change's sort, what it is part of, and what it is called.
pub(super) struct Named {
    pub(super) subject: Subject,
    pub(super) of: Option<String>,
    pub(super) name: Option<String>,
}

/// What [`keys`] has for an item of a list.
const ITEM: &str = "[]";

/// The steps as keys, those of the newer protocol.
pub(super) fn keys<'d>(steps: &[Step<'d>]) -> Vec<&'d str> {
    let key = |step: &Step<'d>| match step {
        Step::Key(key) | Step::Renamed(_, key) => *key,
        Step::Item { .. } => ITEM,
    };
    steps.iter().map(key).collect()
}

/// Whether a thing is told of by what is in it, even if the other protocol has
/// nothing at its place.
pub(super) fn is_told_by_its_parts(keys: &[&str]) -> bool {
    matches!(
        keys,
        [] | ["parameters"
            | "secrets"
            | "taskRoles"
            | "defaults"
            | "extras"
            | "prerequisites"
            | "deployments"]
            | [
                "taskRoles",
                _,
                "resourcePerInstance" | "completion" | "extraContainerOptions" | "commands"
            ]
            | ["taskRoles", _, "resourcePerInstance", "ports"]
            | ["prerequisites", ITEM, "auth"]
            | ["deployments", ITEM, "taskRoles"]
            | ["deployments", ITEM, "taskRoles", _]
            | [
                "deployments",
                ITEM,
                "taskRoles",
                _,
                "preCommands" | "postCommands"
            ]
            | ["extras", "hivedScheduler", "taskRoles"]
            | ["extras", "hivedScheduler", "taskRoles", _]
            | ["extras", "hivedScheduler" | RUNTIME_PLUGINS]
    )
}

/// Whether the keys of the mapping here are names of task roles.
pub(super) fn is_by_task_role(keys: &[&str]) -> bool {
    matches!(
        keys,
        ["taskRoles"]
            | ["deployments", ITEM, "taskRoles"]
            | ["extras", "hivedScheduler", "taskRoles"]
    )
}

/// Whether the text here names a prerequisite, and of which type if that is known.
pub(super) fn is_reference<'k>(keys: &[&'k str]) -> Option<Option<&'k str>> {
    match keys {
        ["taskRoles", _, "dockerImage"] => Some(Some("dockerimage")),
        ["taskRoles", _, kind @ ("data" | "output" | "script")] => Some(Some(kind)),
        ["taskRoles", _, "prerequisites", ITEM] => Some(None),
        _ => None,
    }
}

/// What sort of thing stands there; `is_image` says of a prerequisite whether
/// it is a docker image.
pub(super) fn named(steps: &[Step<'_>], is_image: bool) -> Named {
    let keys = keys(steps);
    let label = |index: usize| match steps.get(index) {
        Some(Step::Item {
            label: Some(label), ..
        }) => Some((*label).to_owned()),
        _ => None,
    };
    let plain = |subject| Named {
        subject,
        of: None,
        name: None,
    };
    let called = |subject, of: Option<String>, name: Option<&str>| Named {
        subject,
        of,
        name: name.map(str::to_owned),
    };
    let within = |subject, of: &str| called(subject, Some(of.to_owned()), None);
    match keys[..] {
        ["name"] => plain(Subject::JobName),
        ["version"] => plain(Subject::Version),
        ["contributor"] => plain(Subject::Contributor),
        ["description"] => plain(Subject::Description),
        ["jobRetryCount"] => plain(Subject::JobRetries),
        ["prerequisites"] => plain(Subject::Prerequisite),
        ["prerequisites", ITEM] => called(Subject::Prerequisite, None, label(1).as_deref()),
        ["prerequisites", ITEM, "uri", ..] if is_image => called(Subject::Image, label(1), None),
        ["prerequisites", ITEM, "uri", ..] => called(Subject::Uri, label(1), None),
        ["prerequisites", ITEM, "auth", key, ..] => {
            called(Subject::RegistryAuth, label(1), Some(key))
        }
        ["prerequisites", ITEM, "auth"] => called(Subject::RegistryAuth, label(1), None),
        ["prerequisites", ITEM, ref key @ ..] => {
            called(Subject::PrerequisiteSetting, label(1), key.first().copied())
        }
        ["parameters", ref name @ ..] => called(Subject::Parameter, None, name.first().copied()),
        ["secrets", ref name @ ..] => called(Subject::Secret, None, name.first().copied()),
        ["taskRoles"] => plain(Subject::TaskRole),
        ["taskRoles", role] => called(Subject::TaskRole, None, Some(role)),
        ["taskRoles", role, ref rest @ ..] => match rest {
            ["instances"] => within(Subject::Instances, role),
            ["resourcePerInstance", "cpu"] => within(Subject::Cpu, role),
            ["resourcePerInstance", "memoryMB"] => within(Subject::Memory, role),
            ["resourcePerInstance", "gpu"] => within(Subject::Gpu, role),
            ["resourcePerInstance", "ports", port @ ..] => {
                called(Subject::Port, Some(role.to_owned()), port.first().copied())
            }
            ["extraContainerOptions", "shmMB"] => within(Subject::SharedMemory, role),
            ["commands", ..] => within(Subject::Command, role),
            [
                kind @ ("dockerImage" | "data" | "output" | "script" | "prerequisites"),
                ..,
            ] => called(Subject::Reference, Some(role.to_owned()), Some(kind)),
            ["completion", key @ ..] => called(
                Subject::Completion,
                Some(role.to_owned()),
                key.first().copied(),
            ),
            ["taskRetryCount"] => within(Subject::TaskRetries, role),
            _ => called(
                Subject::TaskRoleSetting,
                Some(role.to_owned()),
                rest.last().filter(|last| **last != ITEM).copied(),
            ),
        },
        ["deployments"] => plain(Subject::Deployment),
        ["deployments", ITEM] => called(Subject::Deployment, None, label(1).as_deref()),
        ["deployments", ITEM, "taskRoles", role, "preCommands", ..] => {
            called(Subject::PreCommand, label(1), Some(role))
        }
        ["deployments", ITEM, "taskRoles", role, "postCommands", ..] => {
            called(Subject::PostCommand, label(1), Some(role))
        }
        ["deployments", ITEM, "taskRoles", role, ..] => {
            called(Subject::DeploymentSetting, label(1), Some(role))
        }
        ["deployments", ITEM, ref key @ ..] => {
            called(Subject::DeploymentSetting, label(1), key.first().copied())
        }
        ["defaults", "deployment"] => plain(Subject::DefaultDeployment),
        ["defaults", "virtualCluster"] => plain(Subject::VirtualCluster),
        ["defaults", ref key @ ..] => called(Subject::Default, None, key.first().copied()),
        ["extras", "hivedScheduler", "jobPriorityClass"] => plain(Subject::PriorityClass),
        ["extras", "hivedScheduler", "taskRoles", role, "skuType"] => within(Subject::Sku, role),
        ["extras", "hivedScheduler", "taskRoles", role, ref key @ ..] => called(
            Subject::Scheduling,
            Some(role.to_owned()),
            key.first().copied(),
        ),
        ["extras", "hivedScheduler", ref key @ ..] => {
            called(Subject::Scheduling, None, key.first().copied())
        }
        ["extras", RUNTIME_PLUGINS] => plain(Subject::RuntimePlugin),
        ["extras", RUNTIME_PLUGINS, ITEM] => {
            called(Subject::RuntimePlugin, None, label(2).as_deref())
        }
        ["extras", RUNTIME_PLUGINS, ITEM, ref rest @ ..] => called(
            Subject::RuntimePlugin,
            label(2),
            rest.iter().rev().find(|key| **key != ITEM).copied(),
        ),
        ["extras", ref key @ ..] => called(Subject::Extra, None, key.first().copied()),
        ref key => called(Subject::Other, None, key.first().copied()),
    }
}

/// Where the steps lead, in words as those of a finding.
pub(super) fn path(steps: &[Step<'_>], is_older: bool) -> String {
    fn walk(steps: &[Step<'_>], is_older: bool, parent: Path<'_>) -> String {
        let Some((step, rest)) = steps.split_first() else {
            return parent.to_string();
        };
        let next = match step {
            Step::Key(key) => parent.key(key),
            Step::Renamed(old, new) => parent.key(if is_older { old } else { new }),
            Step::Item { before, after, .. } => {
                let index = if is_older {
                    before.or(*after)
                } else {
                    after.or(*before)
                };
                parent.index(index.unwrap_or_default())
            }
        };
        walk(rest, is_older, next)
    }
    walk(steps, is_older, Path::Root)
}
