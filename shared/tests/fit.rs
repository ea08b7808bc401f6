//! What holds of every verdict. That OpenPAI refuses what they say it refuses is compared with
//! the stand-in's admission too (`fake-openpai/src/jobs/admission/tests.rs`).
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;

use marketplace_shared::fit::cluster::{Cluster, NodeGpus, Resources, User, VirtualCluster};
use marketplace_shared::fit::{Demand, Outcome, ReasonKind, RoleDemand, Verdict, runs, verdicts};
use proptest::prelude::*;

/// The SKUs there may be; no mixture of two is a third.
const SKUS: [(&str, u64, u64, u64); 3] = [
    ("A", 1, 5, 56_000),
    ("B", 2, 6, 20_000),
    ("C", 0, 1, 10_240),
];

fn sku(index: usize) -> Resources {
    let (_, gpu, cpu, memory) = SKUS[index];
    Resources { gpu, cpu, memory }
}

/// So many cells of each SKU.
fn sum(cells: [u64; 3]) -> Resources {
    (0..3).fold(Resources::default(), |sum, index| Resources {
        gpu: sum.gpu + cells[index] * sku(index).gpu,
        cpu: sum.cpu + cells[index] * sku(index).cpu,
        memory: sum.memory + cells[index] * sku(index).memory,
    })
}

/// A virtual cluster as it really is, which nobody is told.
#[derive(Clone, Debug)]
struct Truth {
    has: [bool; 3],
    total: [u64; 3],
    broken: [u64; 3],
    used: [u64; 3],
    nodes: Vec<(u64, u64)>,
}

impl Truth {
    fn cluster(&self) -> Cluster {
        let skus = |has: [bool; 3]| -> BTreeMap<String, Resources> {
            (0..3)
                .filter(|index| has[*index])
                .map(|index| (SKUS[index].0.to_owned(), sku(index)))
                .collect()
        };
        let of = |count: fn(u64, u64, u64) -> u64| {
            sum(std::array::from_fn(|index| {
                count(self.total[index], self.broken[index], self.used[index])
            }))
        };
        let here = VirtualCluster {
            resources_total: of(|total, _, _| total),
            resources_guaranteed: of(|total, broken, _| total - broken),
            resources_used: of(|_, _, used| used),
            sku_types: Some(skus(self.has)),
            waiting: None,
        };
        let node = |(index, (total, used)): (usize, &(u64, u64))| {
            (
                index.to_string(),
                NodeGpus {
                    gpu_total: *total,
                    gpu_available: total - used,
                },
            )
        };
        Cluster {
            sku_types: skus([true; 3]),
            virtual_clusters: BTreeMap::from([("vc".to_owned(), here)]),
            nodes: self.nodes.iter().enumerate().map(node).collect(),
        }
    }

    /// What the REST server says: the rules of docs/contract.md#2-openpais-rest-server once more
    /// and by what is really there.
    fn refuses(&self, demand: &Demand) -> bool {
        let is_oppo = demand.priority_class.as_deref() == Some("oppo");
        if demand
            .priority_class
            .as_deref()
            .is_some_and(|class| !matches!(class, "prod" | "test" | "oppo"))
        {
            return true;
        }
        let mut sum = 0;
        for role in &demand.roles {
            if role.sku_type.is_some() && role.pinned_cell_id.is_some() {
                return true;
            }
            let named = role
                .sku_type
                .as_ref()
                .map(|name| SKUS.iter().position(|sku| sku.0 == name));
            let cells: Vec<Resources> = match named {
                Some(None) => return true,
                Some(Some(index)) if !self.has[index] && !is_oppo => return true,
                Some(Some(index)) => vec![sku(index)],
                None => (0..3)
                    .filter(|index| is_oppo || self.has[*index])
                    .map(sku)
                    .collect(),
            };
            let least = |of: fn(&Resources) -> u64| cells.iter().map(of).min().unwrap_or(0);
            let mut most = 0;
            for (asked, has) in [
                (role.gpu, least(|cell| cell.gpu)),
                (role.cpu, least(|cell| cell.cpu)),
                (role.memory_mb, least(|cell| cell.memory)),
            ] {
                // Of no SKU at all there is no least one.
                if asked == 0 || cells.is_empty() {
                    continue;
                }
                if has == 0 {
                    return true;
                }
                most = most.max((asked - 1) / has + 1);
            }
            sum += most * role.instances;
        }
        demand.gang && !is_oppo && sum > self.total.iter().sum()
    }
}

fn truth() -> impl Strategy<Value = Truth> {
    let cells = (
        any::<[bool; 3]>(),
        prop::array::uniform3(0..9_u64),
        prop::array::uniform3(0..4_u64),
        prop::array::uniform3(0..9_u64),
    );
    (cells, prop::collection::vec((0..9_u64, 0..9_u64), 0..5)).prop_map(
        |((has, total, broken, used), nodes)| {
            let keep = |cells: [u64; 3]| {
                std::array::from_fn(|index| if has[index] { cells[index] } else { 0 })
            };
            let total: [u64; 3] = keep(total);
            let broken: [u64; 3] = std::array::from_fn(|index| broken[index].min(total[index]));
            Truth {
                has,
                total,
                broken,
                used: std::array::from_fn(|index| used[index].min(total[index] - broken[index])),
                nodes: nodes
                    .into_iter()
                    .map(|(total, used)| (total, used.min(total)))
                    .collect(),
            }
        },
    )
}

fn demand() -> impl Strategy<Value = Demand> {
    let sku = prop::option::of(prop::sample::select(vec!["A", "B", "C", "D"]));
    let role = (
        1..5_u64,
        0..5_u64,
        0..12_u64,
        0..80_000_u64,
        sku,
        prop::bool::weighted(0.05),
    );
    let class = prop::option::of(prop::sample::select(vec!["prod", "test", "oppo", "high"]));
    (prop::collection::vec(role, 1..4), any::<bool>(), class).prop_map(|(roles, gang, class)| {
        Demand {
            roles: roles
                .into_iter()
                .enumerate()
                .map(
                    |(index, (instances, gpu, cpu, memory_mb, sku, pinned))| RoleDemand {
                        name: index.to_string(),
                        instances,
                        gpu,
                        cpu,
                        memory_mb,
                        sku_type: sku.map(str::to_owned),
                        pinned_cell_id: pinned.then(|| "cell".to_owned()),
                        affinity_group: None,
                    },
                )
                .collect(),
            gang,
            priority_class: class.map(str::to_owned),
            ..Demand::default()
        }
    })
}

fn verdict(demand: &Demand, cluster: &Cluster) -> Verdict {
    let user = User {
        virtual_clusters: vec!["vc".to_owned()],
        storages: None,
    };
    verdicts(demand, cluster, &user).remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is told to be refused is what the REST server refuses, and the other way
    /// round; what else never runs is larger than what there is.
    #[test]
    fn never_is_what_admission_refuses(truth in truth(), demand in demand()) {
        let verdict = verdict(&demand, &truth.cluster());
        let is_refused = verdict.because.iter().any(|reason| reason.kind.is_refusal());
        prop_assert_eq!(is_refused, truth.refuses(&demand), "{:?}", verdict);
        if is_refused {
            prop_assert_eq!(verdict.outcome, Outcome::Never);
        } else if verdict.outcome == Outcome::Never {
            let is_certain = verdict.because.iter().all(|reason| {
                matches!(reason.kind, ReasonKind::LargerThanAnyNode | ReasonKind::MoreThanThereIs)
                    && reason.asked > reason.have
            });
            prop_assert!(is_certain && !verdict.because.is_empty(), "{:?}", verdict);
        }
        let is_oppo = demand.priority_class.as_deref() == Some("oppo");
        let is_silent = verdict.outcome == Outcome::Now || (is_oppo && truth.nodes.is_empty());
        prop_assert!(is_silent || !verdict.because.is_empty(), "{:?}", verdict);
        prop_assert!(verdict.outcome != Outcome::Now || verdict.because.is_empty());
    }

    /// Whether a job runs is the same by what catalogues keep of job and cluster, unless
    /// the numbers of use tell nothing of the cells.
    #[test]
    fn what_runs_is_told_by_a_short_text_and_by_what_there_is(truth in truth(), demand in demand()) {
        let user = User {
            virtual_clusters: vec!["other".to_owned(), "vc".to_owned()],
            storages: None,
        };
        let (short, whole) = (truth.cluster().without_use(), truth.cluster());
        let read = Demand::from_text(&demand.to_text().unwrap()).unwrap();
        prop_assert_eq!(read.to_text(), demand.to_text());
        let outcome = verdict(&demand, &whole).outcome;
        prop_assert_eq!(runs(&read, &short, &user), outcome >= Outcome::WhenRepaired);
        prop_assert!(!runs(&read, &short, &User::default()));
    }

    /// Where more is free nothing gets worse.
    #[test]
    fn more_that_is_free_is_never_worse(truth in truth(), demand in demand(), less in prop::array::uniform3(0..9_u64), freed in prop::collection::vec(0..9_u64, 5)) {
        let mut freer = truth.clone();
        for (used, less) in freer.used.iter_mut().zip(less) {
            *used = used.saturating_sub(less);
        }
        for ((_, used), freed) in freer.nodes.iter_mut().zip(freed) {
            *used = used.saturating_sub(freed);
        }
        let (before, after) = (verdict(&demand, &truth.cluster()), verdict(&demand, &freer.cluster()));
        prop_assert!(after.outcome >= before.outcome, "{before:?}\n{after:?}");
        let mut repaired = truth.clone();
        repaired.broken = [0; 3];
        prop_assert!(verdict(&demand, &repaired.cluster()).outcome >= before.outcome);
    }

    /// The same for the default scheduler, and the numbers of its verdicts are those
    /// of what was asked.
    #[test]
    fn the_default_scheduler_is_no_worse_with_more(truth in truth(), demand in demand(), less in prop::array::uniform3(0..9_u64)) {
        let cluster = |truth: &Truth| Cluster { sku_types: BTreeMap::new(), ..truth.cluster() };
        let mut freer = truth.clone();
        for (used, less) in freer.used.iter_mut().zip(less) {
            *used = used.saturating_sub(less);
        }
        let (before, after) = (verdict(&demand, &cluster(&truth)), verdict(&demand, &cluster(&freer)));
        prop_assert!(after.outcome >= before.outcome, "{before:?}\n{after:?}");
        prop_assert!(!before.because.iter().any(|reason| reason.kind.is_refusal()));
        prop_assert!(before.because.iter().all(|reason| reason.kind == ReasonKind::Fragmented || reason.asked > reason.have));
    }
}
