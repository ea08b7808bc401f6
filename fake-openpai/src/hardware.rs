//! What the cluster is made of, as OpenPAI tells it under each of its schedulers
//! (docs/contract.md#2-openpais-rest-server).

use serde_json::{Map, Value, json};

/// Who decides where jobs run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Scheduler {
    /// hived: several virtual clusters, made of cells of some SKUs.
    #[default]
    Hived,
    /// Kubernetes' own: one virtual cluster, `default`, and no SKUs.
    Default,
}

/// What a machine, or a part of one, has to give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resources {
    pub(crate) gpu: u64,
    pub(crate) cpu: u64,
    pub(crate) memory_mb: u64,
}

/// A kind of leaf cell: the least that hived gives away.
#[derive(Debug)]
pub(crate) struct Sku {
    pub(crate) name: &'static str,
    pub(crate) cell: Resources,
}

/// A virtual cluster under hived.
#[derive(Debug)]
pub(crate) struct VirtualCluster {
    name: &'static str,
    cells: &'static [Cells],
}

/// The cells of one SKU that a virtual cluster has.
#[derive(Debug)]
struct Cells {
    sku: &'static Sku,
    all: u64,
    /// Out of order.
    broken: u64,
    used: u64,
}

struct Machine {
    name: &'static str,
    gpus: u64,
    used: u64,
    broken: u64,
}

static V100: Sku = Sku {
    name: "V100",
    cell: resources(1, 8, 57_344),
};
static A100: Sku = Sku {
    name: "A100",
    cell: resources(1, 12, 114_688),
};
static CPU: Sku = Sku {
    name: "CPU",
    cell: resources(0, 4, 16_384),
};

const SKUS: [&Sku; 3] = [&V100, &A100, &CPU];

const VIRTUAL_CLUSTERS: [VirtualCluster; 4] = [
    VirtualCluster {
        name: "default",
        cells: &[cells(&V100, 16, 1, 9)],
    },
    // Of two SKUs: a role that names none is measured by the lesser one.
    VirtualCluster {
        name: "vision",
        cells: &[cells(&V100, 6, 0, 5), cells(&A100, 2, 0, 1)],
    },
    VirtualCluster {
        name: "nlp",
        cells: &[cells(&A100, 6, 0, 2)],
    },
    VirtualCluster {
        name: "batch",
        cells: &[cells(&CPU, 8, 0, 3)],
    },
];

const MACHINES: [Machine; 10] = [
    machine("v100-1", 4, 4, 0),
    machine("v100-2", 4, 4, 0),
    machine("v100-3", 4, 3, 0),
    machine("v100-4", 4, 3, 1),
    machine("v100-5", 4, 0, 0),
    machine("v100-6", 4, 0, 0),
    machine("a100-1", 4, 2, 0),
    machine("a100-2", 4, 1, 0),
    machine("cpu-1", 0, 0, 0),
    machine("cpu-2", 0, 0, 0),
];

const fn resources(gpu: u64, cpu: u64, memory_mb: u64) -> Resources {
    Resources {
        gpu,
        cpu,
        memory_mb,
    }
}

const fn cells(sku: &'static Sku, all: u64, broken: u64, used: u64) -> Cells {
    Cells {
        sku,
        all,
        broken,
        used,
    }
}

const fn machine(name: &'static str, gpus: u64, used: u64, broken: u64) -> Machine {
    Machine {
        name,
        gpus,
        used,
        broken,
    }
}

impl Scheduler {
    /// All virtual clusters, by name.
    pub(crate) fn virtual_clusters(self) -> Value {
        let described = match self {
            Self::Hived => VIRTUAL_CLUSTERS
                .iter()
                .map(|cluster| (cluster.name.to_owned(), describe(cluster.cells)))
                .collect(),
            Self::Default => Map::from_iter([("default".to_owned(), whole())]),
        };
        Value::Object(described)
    }

    /// Whether there is such a virtual cluster.
    pub(crate) fn has_virtual_cluster(self, name: &str) -> bool {
        match self {
            Self::Hived => VirtualCluster::find(name).is_some(),
            Self::Default => name == "default",
        }
    }

    /// All SKUs, by name: none without hived, which is how clients tell.
    pub(crate) fn sku_types(self) -> Value {
        match self {
            Self::Hived => describe_skus(SKUS.into_iter()),
            Self::Default => json!({}),
        }
    }

    /// The SKUs of a virtual cluster, if hived is there to tell.
    pub(crate) fn sku_types_of(self, virtual_cluster: &str) -> Option<Value> {
        let cluster = match self {
            Self::Hived => VirtualCluster::find(virtual_cluster)?,
            Self::Default => return None,
        };
        Some(describe_skus(cluster.skus()))
    }
}

impl VirtualCluster {
    /// The virtual cluster of that name under hived.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        VIRTUAL_CLUSTERS.iter().find(|cluster| cluster.name == name)
    }

    /// The SKUs that it has cells of.
    pub(crate) fn skus(&self) -> impl Iterator<Item = &'static Sku> {
        self.cells.iter().map(|cells| cells.sku)
    }

    /// How many cells it has, broken ones among them.
    pub(crate) fn quota(&self) -> u64 {
        self.cells.iter().map(|cells| cells.all).sum()
    }
}

impl Sku {
    /// All there are.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        SKUS.into_iter()
    }
}

/// The GPUs of each machine, whoever uses them.
pub(crate) fn nodes() -> Value {
    let node = |machine: &Machine| {
        let available = machine.gpus - machine.used - machine.broken;
        let gpus =
            json!({ "gpuUsed": machine.used, "gpuAvailable": available, "gpuTotal": machine.gpus });
        (machine.name.to_owned(), gpus)
    };
    Value::Object(MACHINES.iter().map(node).collect())
}

fn describe(cells: &[Cells]) -> Value {
    description(
        sum(cells.iter(), |cells| cells.all),
        sum(cells.iter(), |cells| cells.all - cells.broken),
        sum(cells.iter(), |cells| cells.used),
    )
}

/// The one virtual cluster of the default scheduler: every machine.
fn whole() -> Value {
    let cells = || VIRTUAL_CLUSTERS.iter().flat_map(|cluster| cluster.cells);
    description(
        sum(cells(), |cells| cells.all),
        sum(cells(), |cells| cells.all - cells.broken),
        sum(cells(), |cells| cells.used),
    )
}

fn description(total: Resources, healthy: Resources, used: Resources) -> Value {
    let all: u64 = MACHINES.iter().map(|machine| machine.gpus).sum();
    let percent = |gpu| 100 * gpu / all;
    json!({
        "capacity": percent(total.gpu),
        "maxCapacity": percent(total.gpu),
        "usedCapacity": percent(used.gpu),
        "dedicated": false,
        "resourcesUsed": used.to_json(),
        "resourcesGuaranteed": healthy.to_json(),
        "resourcesTotal": total.to_json(),
    })
}

fn sum<'a>(cells: impl Iterator<Item = &'a Cells>, number: impl Fn(&Cells) -> u64) -> Resources {
    cells.fold(Resources::default(), |sum, cells| {
        let (number, cell) = (number(cells), cells.sku.cell);
        resources(
            sum.gpu + number * cell.gpu,
            sum.cpu + number * cell.cpu,
            sum.memory_mb + number * cell.memory_mb,
        )
    })
}

fn describe_skus(skus: impl Iterator<Item = &'static Sku>) -> Value {
    let sku = |sku: &Sku| {
        let Resources {
            gpu,
            cpu,
            memory_mb,
        } = sku.cell;
        let cell = json!({ "cpu": cpu, "memory": memory_mb, "gpu": gpu });
        (sku.name.to_owned(), cell)
    };
    Value::Object(skus.map(sku).collect())
}

impl Resources {
    /// With the names of older versions beside today's.
    fn to_json(self) -> Value {
        let Self {
            gpu,
            cpu,
            memory_mb,
        } = self;
        json!({ "cpu": cpu, "memory": memory_mb, "gpu": gpu, "vCores": cpu, "GPUs": gpu })
    }
}
