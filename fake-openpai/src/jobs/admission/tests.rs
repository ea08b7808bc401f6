//! `shared::fit` tells people and the marketplace's server what OpenPAI would refuse. Here
//! it meets this crate's own account of the rules, over random clusters and jobs.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::fit::cluster::{Cluster, User as Allowed, VirtualCluster as Shape};
use shared::fit::{Certainty, Demand, Outcome, Reason, ReasonKind, Verdict, runs, verdicts};

use super::{check, leaf_cells};
use crate::hardware::{Cells, Hardware, Machine, Resources, Scheduler, Sku, VirtualCluster};
use crate::jobs::Submission;
use crate::jobs::submission::Role;
use crate::people::User;

/// The virtual clusters that there may be: the user may not use `nlp`.
const NAMES: [&str; 4] = ["default", "vision", "nlp", "batch"];

/// Who submits.
const USER: &str = "carol";

/// No mixture of the first three is another of them; the last is twice the first, so that
/// the sums of a virtual cluster with both do not tell how many cells it has.
const SKUS: [Sku; 4] = [
    sku("A", 1, 5, 56_000),
    sku("B", 2, 6, 20_000),
    sku("C", 0, 1, 10_240),
    sku("AA", 2, 10, 112_000),
];

const fn sku(name: &'static str, gpu: u64, cpu: u64, memory_mb: u64) -> Sku {
    let cell = Resources {
        gpu,
        cpu,
        memory_mb,
    };
    Sku { name, cell }
}

/// Of the cells of one SKU: how many there are, and at most how many are broken and used.
type Numbers = (u64, u64, u64);

/// What there is, of the first so many kinds of SKUs.
fn hardware(kinds: usize) -> impl Strategy<Value = Hardware> {
    let cells = prop::option::of((1..9_u64, 0..9_u64, 0..9_u64));
    let one = prop::collection::vec(cells, kinds);
    let virtual_clusters = prop::collection::vec(prop::option::weighted(0.8, one), NAMES.len());
    let machines = prop::collection::vec((0..9_u64, 0..9_u64), 0..4);
    let scheduler = prop::sample::select(vec![
        Scheduler::Hived,
        Scheduler::Hived,
        Scheduler::Hived,
        Scheduler::Default,
    ]);
    (virtual_clusters, machines, scheduler).prop_map(move |(all, machines, scheduler)| {
        let virtual_cluster = |(name, cells): (&'static str, Vec<Option<Numbers>>)| {
            let cells = SKUS.into_iter().zip(cells);
            let cells = cells.filter_map(|(sku, numbers)| {
                let (all, broken, used) = numbers?;
                let broken = broken.min(all);
                let used = used.min(all - broken);
                Some(Cells {
                    sku,
                    all,
                    broken,
                    used,
                })
            });
            VirtualCluster {
                name,
                cells: cells.collect(),
            }
        };
        let named = NAMES.into_iter().zip(all);
        let machine = |(name, (gpus, used)): (&'static str, (u64, u64))| Machine {
            name,
            gpus,
            used: used.min(gpus),
            broken: 0,
        };
        Hardware {
            scheduler,
            skus: SKUS[..kinds].to_vec(),
            virtual_clusters: named
                .filter_map(|(name, cells)| Some(virtual_cluster((name, cells?))))
                .collect(),
            machines: NAMES.into_iter().zip(machines).map(machine).collect(),
        }
    })
}

prop_compose! {
    /// A task role, and what hived is told of it.
    fn role()(
        instances in 1..6_u64,
        gpu in 0..6_u64,
        cpu in 0..14_u64,
        memory in 0..90_000_u64,
        sku in prop::option::weighted(0.6, prop::sample::select(vec!["A", "B", "C", "AA", "X"])),
        is_pinned in prop::bool::weighted(0.1),
        group in prop::option::weighted(0.3, prop::sample::select(vec!["g", "h"])),
    ) -> (Value, Value) {
        let role = json!({
            "instances": instances,
            "dockerImage": "image",
            "resourcePerInstance": {"gpu": gpu, "cpu": cpu, "memoryMB": memory},
            "commands": ["true"],
        });
        let mut placed = json!({"skuType": sku, "affinityGroupName": group});
        if is_pinned {
            placed["pinnedCellId"] = json!("cell");
        }
        let placed = placed.as_object().into_iter().flatten();
        let placed = placed.filter(|(_, value)| !value.is_null());
        (role, placed.map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}

prop_compose! {
    /// A protocol, as it is submitted.
    fn job()(
        roles in prop::collection::vec(role(), 1..4),
        class in prop::option::of(prop::sample::select(vec!["prod", "test", "oppo", "high"])),
        gang in prop::option::of(any::<bool>()),
        virtual_cluster in prop::sample::select(vec!["default", "default", "vision", "batch", "nlp", "nowhere"]),
        storages in prop::sample::subsequence(vec!["team-data", "other"], 0..=1),
    ) -> String {
        let names = ["first", "second", "third"];
        let (roles, placed): (Vec<Value>, Vec<Value>) = roles.into_iter().unzip();
        let by_name = |values: Vec<Value>| -> Value {
            names.iter().map(|name| (*name).to_owned()).zip(values).collect()
        };
        let mut hived = json!({"taskRoles": by_name(placed)});
        if let Some(class) = class {
            hived["jobPriorityClass"] = json!(class);
        }
        let storages: Vec<Value> = storages.iter().map(|name| json!({"name": name})).collect();
        let mut extras = json!({"hivedScheduler": hived, "storages": storages});
        if let Some(gang) = gang {
            extras["gangAllocation"] = json!(gang);
        }
        json!({
            "protocolVersion": 2,
            "name": "job",
            "type": "job",
            "prerequisites": [{"name": "image", "type": "dockerimage", "uri": "ubuntu"}],
            "taskRoles": by_name(roles),
            "defaults": {"virtualCluster": virtual_cluster},
            "extras": extras,
        })
        .to_string()
    }
}

/// The cluster as OpenPAI's answers tell of it.
fn told(hardware: &Hardware) -> Cluster {
    let all = hardware.describe_virtual_clusters();
    let mut virtual_clusters: BTreeMap<String, Shape> = serde_json::from_value(all).unwrap();
    for (name, shape) in &mut virtual_clusters {
        let own = hardware.describe_skus_of(name);
        shape.sku_types = own.map(|own| serde_json::from_value(own).unwrap());
    }
    Cluster {
        sku_types: serde_json::from_value(hardware.describe_skus()).unwrap(),
        virtual_clusters,
        nodes: serde_json::from_value(hardware.describe_nodes()).unwrap(),
    }
}

/// What is said of the job in the virtual cluster that it names.
fn verdict(protocol: &str, user: &User, hardware: &Hardware) -> Verdict {
    let allowed: Allowed = serde_json::from_value(user.to_json(hardware)).unwrap();
    let storages = user.storages.iter().map(|&name| name.to_owned()).collect();
    let allowed = Allowed {
        storages: Some(storages),
        ..allowed
    };
    let demand = Demand::read(protocol).unwrap();
    let name = demand.virtual_cluster.clone().unwrap();
    let all = verdicts(&demand, &told(hardware), &allowed);
    all.into_iter()
        .find(|verdict| verdict.virtual_cluster == name)
        .unwrap()
}

/// Whether it says that OpenPAI refuses the job.
fn says_refused(verdict: &Verdict) -> bool {
    let reasons = &verdict.because;
    matches!(verdict.outcome, Outcome::NotAllowed | Outcome::Never)
        && reasons.iter().any(|reason| reason.kind.is_refusal())
}

/// Whether hived could place the job on so many cells of each SKU, or one task of each role
/// where they need not start together. Roles of a group that name no SKU get one together, and
/// so do those of a pinned cell; a job that names no group is one. All other tasks are placed
/// by themselves.
fn has_room(job: &Submission, hardware: &Hardware, there: fn(&Cells) -> u64) -> bool {
    let here = hardware.virtual_cluster(&job.virtual_cluster).unwrap();
    let own: Vec<&Sku> = here.cells.iter().map(|cells| &cells.sku).collect();
    let all: Vec<&Sku> = hardware.skus.iter().collect();
    let has_groups = job.roles.iter().any(|role| role.affinity_group.is_some());
    let tasks = |role: &Role| if job.gang { role.instances } else { 1 };
    let mut left: Vec<u64> = here.cells.iter().map(there).collect();
    // Of what has to be of one SKU, its cells by what it is; each other task.
    let mut together: BTreeMap<[Option<&str>; 2], u64> = BTreeMap::new();
    let mut single = Vec::new();
    for role in &job.roles {
        let cells = leaf_cells(role, job, &all, &own).unwrap();
        let sum = tasks(role) * cells;
        let place = [role.affinity_group.as_deref(), role.pinned_cell.as_deref()];
        if !job.gang {
            let fits = |(sku, left): (&&Sku, &u64)| {
                role.sku.as_deref().is_none_or(|named| sku.name == named) && sum <= *left
            };
            if !own.iter().zip(&left).any(fits) {
                return false;
            }
        } else if let Some(named) = role.sku.as_deref() {
            let sku = own.iter().position(|sku| sku.name == named).unwrap();
            match left[sku].checked_sub(sum) {
                Some(rest) => left[sku] = rest,
                None => return false,
            }
        } else if has_groups && place == [None, None] {
            single.extend(vec![cells; usize::try_from(role.instances).unwrap()]);
        } else {
            *together.entry(place).or_default() += sum;
        }
    }
    single.sort_unstable();
    single.extend(together.into_values());
    single.retain(|cells| *cells > 0);
    place_all(&mut single, &mut left)
}

/// Whether each finds room in one place, the last first.
fn place_all(sizes: &mut Vec<u64>, left: &mut [u64]) -> bool {
    let Some(size) = sizes.pop() else {
        return true;
    };
    let found = (0..left.len()).any(|place| {
        // The same place again.
        if left[..place].contains(&left[place]) || left[place] < size {
            return false;
        }
        left[place] -= size;
        let found = place_all(sizes, left);
        left[place] += size;
        found
    });
    sizes.push(size);
    found
}

/// Of a job that is taken: whether its verdict must speak of cells.
fn is_by_cells(job: &Submission, hardware: &Hardware, verdict: &Verdict) -> bool {
    let here = hardware.virtual_cluster(&job.virtual_cluster);
    let is_too_large = |reason: &Reason| reason.kind == ReasonKind::LargerThanAnyNode;
    hardware.scheduler == Scheduler::Hived
        && job.priority.as_deref() != Some("oppo")
        && here.is_some_and(|here| !here.cells.is_empty())
        && !verdict.because.iter().any(is_too_large)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_to_be_refused_is_what_is_refused(hardware in hardware(3), job in job()) {
        let user = User::find(USER).unwrap();
        let submission = Submission::read(&job).unwrap();
        let verdict = verdict(&job, user, &hardware);
        let answer = check(&submission, user, &hardware);
        prop_assert_eq!(says_refused(&verdict), answer.is_err(), "{:?}\n{:?}", answer, verdict);
        prop_assert!(!says_refused(&verdict) || verdict.certainty == Certainty::Exact);
    }

    /// Where the sums do not tell how many cells there are, whether they are too few is
    /// all that is not said.
    #[test]
    fn nothing_is_wrongly_said_to_be_refused(hardware in hardware(4), job in job()) {
        let user = User::find(USER).unwrap();
        let submission = Submission::read(&job).unwrap();
        let verdict = verdict(&job, user, &hardware);
        let answer = check(&submission, user, &hardware);
        if says_refused(&verdict) {
            prop_assert!(answer.is_err(), "{verdict:?}");
        } else if let Err(refusal) = answer {
            prop_assert!(format!("{refusal:?}").contains("SKUs, the virtual cluster"), "{refusal:?}\n{verdict:?}");
        }
    }

    /// hived gets as many cells as the server has counted, of whichever SKU.
    #[test]
    fn what_is_taken_has_room_as_it_is_said(hardware in hardware(3), job in job()) {
        let user = User::find(USER).unwrap();
        let submission = Submission::read(&job).unwrap();
        let verdict = verdict(&job, user, &hardware);
        if check(&submission, user, &hardware).is_ok() && is_by_cells(&submission, &hardware, &verdict) {
            let has_room = |there| has_room(&submission, &hardware, there);
            let (ever, healthy) = (has_room(|cells| cells.all), has_room(|cells| cells.all - cells.broken));
            let free = has_room(|cells| cells.all - cells.broken - cells.used);
            prop_assert_eq!(verdict.outcome == Outcome::Never, !ever, "{:?}", verdict);
            prop_assert_eq!(verdict.outcome == Outcome::WhenRepaired, ever && !healthy, "{:?}", verdict);
            // Without gang one role is enough.
            prop_assert!(verdict.outcome != Outcome::Now || free || !submission.gang, "{verdict:?}");
        }
    }

    /// Where the sums do not tell how many cells there are, it is no more than likely.
    #[test]
    fn what_has_room_is_never_said_to_have_none(hardware in hardware(4), job in job()) {
        let user = User::find(USER).unwrap();
        let submission = Submission::read(&job).unwrap();
        let verdict = verdict(&job, user, &hardware);
        if check(&submission, user, &hardware).is_ok()
            && is_by_cells(&submission, &hardware, &verdict)
            && has_room(&submission, &hardware, |cells| cells.all)
        {
            prop_assert!(verdict.outcome != Outcome::Never, "{verdict:?}");
        }
    }

    /// What a catalogue keeps of a job is enough, and says so in as many words however often
    /// it has the same roles.
    #[test]
    fn what_is_kept_of_a_job_runs_where_the_job_does(hardware in hardware(4), job in job()) {
        let told = told(&hardware);
        let mut demand = Demand::read(&job).unwrap();
        let again = demand.roles.clone();
        demand.roles.extend(again);
        let kept = Demand::from_text(&demand.to_text().unwrap()).unwrap();
        prop_assert!(kept.roles.len() <= demand.roles.len() / 2);
        for name in NAMES {
            let user = Allowed { virtual_clusters: vec![name.to_owned()], storages: None };
            let kept_runs = runs(&kept, &told, &user);
            demand.storages.clear();
            prop_assert_eq!(kept_runs, runs(&demand, &told, &user), "{}: {:?}", name, kept);
        }
    }
}
