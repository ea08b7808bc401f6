//! What a job asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::order;
use crate::protocol::yaml::{self, Node};

/// What decides of a protocol where it can run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Demand {
    /// The task roles.
    pub roles: Vec<RoleDemand>,
    /// Whether all tasks start together (`extras.gangAllocation`, unless it is
    /// `false`).
    pub gang: bool,
    /// `extras.hivedScheduler.jobPriorityClass`.
    pub priority_class: Option<String>,
    /// The storages of the runtime plugin `teamwise_storage` and of `extras.storages`.
    pub storages: Vec<String>,
    /// The virtual cluster that it names itself.
    pub virtual_cluster: Option<String>,
}

/// What a task role asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleDemand {
    /// The role's key.
    pub name: String,
    /// How many tasks.
    pub instances: u64,
    /// GPUs of each.
    pub gpu: u64,
    /// Processor cores of each.
    pub cpu: u64,
    /// Memory of each, in MB.
    pub memory_mb: u64,
    /// The SKU that it names.
    pub sku_type: Option<String>,
    /// The pinned cell that it names.
    pub pinned_cell_id: Option<String>,
    /// The affinity group that it is in.
    pub affinity_group: Option<String>,
}

impl Demand {
    /// How many tasks of a role have to fit together for the job to start.
    pub(super) fn at_once(&self, role: &RoleDemand) -> u64 {
        if self.gang {
            role.instances
        } else {
            role.instances.min(1)
        }
    }

    /// Reads it of a protocol, valid or not; `None` if that is no YAML, no mapping,
    /// or has no task roles.
    pub fn read(protocol: &str) -> Option<Self> {
        let document = yaml::parse_leniently(protocol).ok()?;
        let root = document.root();
        let extras = root.get("extras");
        let hived = extras.and_then(|extras| extras.get("hivedScheduler"));
        let roles: Vec<_> = entries(root.get("taskRoles"))
            .map(|(name, role)| {
                let cell = hived.and_then(|hived| hived.get("taskRoles")?.get(name));
                RoleDemand::read(name, role, cell)
            })
            .collect();
        let gang = extras.and_then(|extras| extras.get("gangAllocation"));
        let mut storages = crate::protocol::storages(root);
        storages.extend(
            extras
                .and_then(|extras| extras.get("storages"))
                .into_iter()
                .flat_map(Node::items)
                .filter_map(|storage| {
                    let name = storage.get("name").unwrap_or(storage);
                    name.as_str().map(str::to_owned)
                }),
        );
        order::by(&mut storages, Ord::cmp);
        storages.dedup();
        (!roles.is_empty()).then(|| Self {
            roles,
            gang: gang.and_then(Node::scalar) != Some(yaml::Scalar::Bool(false)),
            priority_class: text(hived.and_then(|hived| hived.get("jobPriorityClass"))),
            storages,
            virtual_cluster: text(
                root.get("defaults")
                    .and_then(|defaults| defaults.get("virtualCluster")),
            ),
        })
    }

    /// What decides where it runs, as a short text that stays the same: many jobs have
    /// the same one. Names of task roles, storages and the virtual cluster are not in it, and
    /// roles that ask for the same are one. `None` if it is longer than [`MAX_TEXT`].
    /// Catalogues keep it, so what is written once must be read for ever.
    pub fn to_text(&self) -> Option<String> {
        let mut instances: BTreeMap<Short, u64> = BTreeMap::new();
        for role in &self.roles {
            let all = instances.entry(role.short(0)).or_default();
            *all = all.saturating_add(role.instances);
        }
        let mut roles: Vec<Short> = instances
            .into_iter()
            .map(|(mut role, instances)| {
                role.0 = instances;
                role
            })
            .collect();
        roles.sort_unstable();
        let text = serde_json::to_string(&(self.gang, &self.priority_class, roles)).ok()?;
        (text.len() <= MAX_TEXT).then_some(text)
    }

    /// Reads such a text; `None` if it is not one.
    pub fn from_text(text: &str) -> Option<Self> {
        let (gang, priority_class, roles): (bool, Option<String>, Vec<Short>) =
            serde_json::from_str(text).ok()?;
        Some(Self {
            roles: roles.into_iter().map(RoleDemand::of_short).collect(),
            gang,
            priority_class,
            ..Self::default()
        })
    }

    /// Whether other jobs may push it aside; quotas do not bind it then.
    pub fn is_opportunistic(&self) -> bool {
        self.priority_class.as_deref() == Some("oppo")
    }
}

/// The longest text that tells what a job asks for, in bytes: some eighty task roles that
/// differ. Of a job with more a catalogue does not say where it runs: a list of what runs here
/// leaves it out, and who opens it is told, for that is found out of the protocol itself.
const MAX_TEXT: usize = 4096;

/// A task role: instances, GPUs, cores, memory, SKU, pinned cell and affinity group.
type Short = (
    u64,
    u64,
    u64,
    u64,
    Option<String>,
    Option<String>,
    Option<String>,
);

impl RoleDemand {
    fn short(&self, instances: u64) -> Short {
        (
            instances,
            self.gpu,
            self.cpu,
            self.memory_mb,
            self.sku_type.clone(),
            self.pinned_cell_id.clone(),
            self.affinity_group.clone(),
        )
    }

    fn of_short(short: Short) -> Self {
        let (instances, gpu, cpu, memory_mb, sku_type, pinned_cell_id, affinity_group) = short;
        Self {
            name: String::new(),
            instances,
            gpu,
            cpu,
            memory_mb,
            sku_type,
            pinned_cell_id,
            affinity_group,
        }
    }

    fn read(name: &str, role: Node<'_>, cell: Option<Node<'_>>) -> Self {
        let resource = |key: &str| {
            let node = role.get("resourcePerInstance")?.get(key)?;
            u64::try_from(node.as_int()?).ok()
        };
        let cell = |key: &str| text(cell.and_then(|cell| cell.get(key)));
        let instances = role.get("instances").and_then(Node::as_int);
        Self {
            name: name.to_owned(),
            instances: instances.map_or(1, |count| u64::try_from(count).unwrap_or(0)),
            gpu: resource("gpu").unwrap_or(0),
            cpu: resource("cpu").unwrap_or(0),
            memory_mb: resource("memoryMB").unwrap_or(0),
            sku_type: cell("skuType"),
            pinned_cell_id: cell("pinnedCellId"),
            affinity_group: cell("affinityGroupName"),
        }
    }
}

fn text(node: Option<Node<'_>>) -> Option<String> {
    node?
        .written()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn entries(node: Option<Node<'_>>) -> impl Iterator<Item = (&str, Node<'_>)> {
    node.into_iter().flat_map(Node::entries)
}
