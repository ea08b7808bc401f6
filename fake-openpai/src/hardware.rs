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

/// Everything there is, and who decides what runs on it.
#[derive(Clone, Debug)]
pub(crate) struct Hardware {
    pub(crate) scheduler: Scheduler,
    pub(crate) skus: Vec<Sku>,
    pub(crate) virtual_clusters: Vec<VirtualCluster>,
    pub(crate) machines: Vec<Machine>,
}

/// A kind of leaf cell: the least that hived gives away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sku {
    pub(crate) name: &'static str,
    pub(crate) cell: Resources,
}

/// A virtual cluster under hived.
#[derive(Clone, Debug)]
pub(crate) struct VirtualCluster {
    pub(crate) name: &'static str,
    pub(crate) cells: Vec<Cells>,
}

/// The cells of one SKU that a virtual cluster has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cells {
    pub(crate) sku: Sku,
    pub(crate) all: u64,
    /// Out of order.
    pub(crate) broken: u64,
    pub(crate) used: u64,
}

/// A machine, as its GPUs are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    pub(crate) name: &'static str,
    pub(crate) gpus: u64,
    pub(crate) used: u64,
    pub(crate) broken: u64,
}

const V100: Sku = sku("V100", resources(1, 8, 57_344));
const A100: Sku = sku("A100", resources(1, 12, 114_688));
const CPU: Sku = sku("CPU", resources(0, 4, 16_384));

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

const fn sku(name: &'static str, cell: Resources) -> Sku {
    Sku { name, cell }
}

const fn cells(sku: Sku, all: u64, broken: u64, used: u64) -> Cells {
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

impl Hardware {
    /// What the stand-in has, under one of the schedulers.
    pub(crate) fn sample(scheduler: Scheduler) -> Self {
        let virtual_cluster = |name, cells: &[Cells]| VirtualCluster {
            name,
            cells: cells.to_vec(),
        };
        Self {
            scheduler,
            skus: vec![V100, A100, CPU],
            virtual_clusters: vec![
                virtual_cluster("default", &[cells(V100, 16, 1, 9)]),
                // Of two SKUs: a role that names none is measured by the lesser one.
                virtual_cluster("vision", &[cells(V100, 6, 0, 5), cells(A100, 2, 0, 1)]),
                virtual_cluster("nlp", &[cells(A100, 6, 0, 2)]),
                virtual_cluster("batch", &[cells(CPU, 8, 0, 3)]),
            ],
            machines: MACHINES.to_vec(),
        }
    }

    /// All virtual clusters, by name.
    pub(crate) fn describe_virtual_clusters(&self) -> Value {
        let described = match self.scheduler {
            Scheduler::Hived => {
                let described = self.virtual_clusters.iter();
                let described =
                    described.map(|one| (one.name.to_owned(), self.describe(one.cells.iter())));
                described.collect()
            }
            // The one virtual cluster is every machine.
            Scheduler::Default => {
                let cells = self.virtual_clusters.iter().flat_map(|one| &one.cells);
                Map::from_iter([("default".to_owned(), self.describe(cells))])
            }
        };
        Value::Object(described)
    }

    /// Whether there is such a virtual cluster.
    pub(crate) fn has_virtual_cluster(&self, name: &str) -> bool {
        match self.scheduler {
            Scheduler::Hived => self.virtual_cluster(name).is_some(),
            Scheduler::Default => name == "default",
        }
    }

    /// The virtual cluster of that name under hived.
    pub(crate) fn virtual_cluster(&self, name: &str) -> Option<&VirtualCluster> {
        self.virtual_clusters.iter().find(|one| one.name == name)
    }

    /// All SKUs, by name: none without hived, which is how clients tell.
    pub(crate) fn describe_skus(&self) -> Value {
        match self.scheduler {
            Scheduler::Hived => describe_skus(self.skus.iter()),
            Scheduler::Default => json!({}),
        }
    }

    /// The SKUs of a virtual cluster, if hived is there to tell.
    pub(crate) fn describe_skus_of(&self, virtual_cluster: &str) -> Option<Value> {
        let cluster = match self.scheduler {
            Scheduler::Hived => self.virtual_cluster(virtual_cluster)?,
            Scheduler::Default => return None,
        };
        Some(describe_skus(cluster.skus()))
    }

    /// The GPUs of each machine, whoever uses them.
    pub(crate) fn describe_nodes(&self) -> Value {
        let node = |machine: &Machine| {
            let available = machine.gpus - machine.used - machine.broken;
            let gpus = json!({ "gpuUsed": machine.used, "gpuAvailable": available, "gpuTotal": machine.gpus });
            (machine.name.to_owned(), gpus)
        };
        Value::Object(self.machines.iter().map(node).collect())
    }

    fn describe<'a>(&self, cells: impl Iterator<Item = &'a Cells> + Clone) -> Value {
        let total = sum(cells.clone(), |cells| cells.all);
        let used = sum(cells.clone(), |cells| cells.used);
        let healthy = sum(cells, |cells| cells.all - cells.broken);
        let all: u64 = self.machines.iter().map(|machine| machine.gpus).sum();
        let percent = |gpu| 100 * gpu / all.max(1);
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
}

impl VirtualCluster {
    /// The SKUs that it has cells of.
    pub(crate) fn skus(&self) -> impl Iterator<Item = &Sku> {
        self.cells.iter().map(|cells| &cells.sku)
    }

    /// How many cells it has, broken ones among them.
    pub(crate) fn quota(&self) -> u64 {
        self.cells.iter().map(|cells| cells.all).sum()
    }
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

fn describe_skus<'a>(skus: impl Iterator<Item = &'a Sku>) -> Value {
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
