use serde_json::json;

use super::cluster::{Cluster, User};
use super::*;

/// A cluster with hived as OpenPAI's answers show it: `gpu` has four cells of DT, one
/// of them broken and one used; `mixed` two of DT and three of CPU.
fn hived() -> Cluster {
    let skus = json!({"DT": {"cpu": 5, "memory": 56_334, "gpu": 1}, "CPU": {"cpu": 1, "memory": 10_240, "gpu": 0}});
    let cells = |dt: u64, cpu: u64| {
        let (cores, memory) = (5 * dt + cpu, 56_334 * dt + 10_240 * cpu);
        json!({"cpu": cores, "memory": memory, "gpu": dt, "vCores": cores, "GPUs": dt})
    };
    serde_json::from_value(json!({
        "skuTypes": skus,
        "virtualClusters": {
            "gpu": {
                "capacity": 40, "usedCapacity": 10.0, "dedicated": false,
                "resourcesTotal": cells(4, 0), "resourcesGuaranteed": cells(3, 0), "resourcesUsed": cells(1, 0),
                "skuTypes": {"DT": skus["DT"]}, "waiting": {"jobs": 2, "gpus": 6},
            },
            "mixed": {
                "resourcesTotal": cells(2, 3), "resourcesGuaranteed": cells(2, 3), "resourcesUsed": cells(0, 0),
                "skuTypes": skus,
            },
        },
        "nodes": {
            "a": {"gpuUsed": 0, "gpuAvailable": 2, "gpuTotal": 4},
            "b": {"gpuUsed": 0, "gpuAvailable": 1, "gpuTotal": 2},
        },
    }))
    .expect("a cluster")
}

/// A cluster with the default scheduler: 8 GPUs, 4 of them broken, 2 used.
fn plain() -> Cluster {
    serde_json::from_value(json!({
        "skuTypes": {},
        "virtualClusters": {"default": {
            "resourcesTotal": {"cpu": 32, "memory": 64_000, "gpu": 8},
            "resourcesGuaranteed": {"cpu": 16, "memory": 32_000, "gpu": 4},
            "resourcesUsed": {"cpu": "4", "memory": 8000.0, "gpu": 2},
        }},
        "nodes": {"a": {"gpuAvailable": 1, "gpuTotal": 4}, "b": {"gpuAvailable": 1, "gpuTotal": 4}},
    }))
    .expect("a cluster")
}

fn user() -> User {
    serde_json::from_value(json!({"username": "alice", "virtualCluster": ["default", "gpu", "mixed"], "storages": ["nfs"]}))
        .expect("a user")
}

fn job(roles: &str, extras: &str) -> Demand {
    Demand::read(&format!("taskRoles: {roles}\nextras: {extras}\n")).expect("task roles")
}

/// A role with so many instances, GPUs, cores and MB.
fn role(instances: u64, gpu: u64, cpu: u64, memory: u64) -> String {
    format!(
        "{{a: {{instances: {instances}, resourcePerInstance: {{gpu: {gpu}, cpu: {cpu}, memoryMB: {memory}}}}}}}"
    )
}

/// The verdict of one virtual cluster in short: outcome, certainty, and each reason
/// with its numbers.
fn said(demand: &Demand, cluster: &Cluster, name: &str) -> String {
    let all = verdicts(demand, cluster, &user());
    let verdict = all
        .into_iter()
        .find(|verdict| verdict.virtual_cluster == name)
        .expect("a verdict");
    let reasons = verdict.because.iter().map(|reason| {
        let json = serde_json::to_value(reason).expect("JSON");
        let part = |key: &str| match &json[key] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => format!(" {text}"),
            other => format!(" {other}"),
        };
        format!(
            "; {}",
            ["kind", "role", "name", "dimension", "asked", "have"]
                .map(part)
                .concat()
                .trim()
        )
    });
    let outcome = serde_json::to_value((verdict.outcome, verdict.certainty)).expect("JSON");
    let ahead = verdict.ahead.map_or(String::new(), |ahead| {
        format!("; behind {} jobs, {} GPUs", ahead.jobs, ahead.gpus)
    });
    format!(
        "{} {}{}{ahead}",
        outcome[0].as_str().expect("a word"),
        outcome[1].as_str().expect("a word"),
        reasons.collect::<String>()
    )
}

/// Checks rows of a table: the virtual cluster; instances, GPUs, cores and MB of the one
/// role; extras; and what is [`said`].
fn check(cluster: &Cluster, table: &str) {
    let rows = table.lines().map(str::trim);
    for row in rows.filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [name, numbers, extras, expected] = cells[..] else {
            panic!("four cells: {row}");
        };
        let numbers: Vec<u64> = numbers
            .split(' ')
            .map(|number| number.parse().expect("a number"))
            .collect();
        let [instances, gpu, cpu, memory] = numbers[..] else {
            panic!("four numbers: {row}");
        };
        let demand = job(&role(instances, gpu, cpu, memory), extras);
        assert_eq!(said(&demand, cluster, name), expected, "{row}");
    }
}

#[test]
fn hived_takes_what_its_cells_hold() {
    let cluster = hived();
    check(&cluster, "
        gpu     | 1 1 5 56334 | {}                       | now likely
        gpu     | 2 1 1 1     | {}                       | now likely
        gpu     | 3 1 1 1     | {}                       | when-idle likely; more-than-is-free DT cells 3 2; behind 2 jobs, 6 GPUs
        gpu     | 4 1 1 1     | {}                       | when-repaired likely; more-than-is-healthy DT cells 4 3; behind 2 jobs, 6 GPUs
        gpu     | 5 1 1 1     | {}                       | never exact; quota-exceeded cells 5 4
        # The largest of the dimensions counts.
        gpu     | 1 1 11 1    | {}                       | when-idle likely; more-than-is-free DT cells 3 2; behind 2 jobs, 6 GPUs
        gpu     | 1 0 0 56335 | {}                       | now likely
        # Two DT are free, and no node has them both.
        gpu     | 1 2 1 1     | {}                       | now likely
        gpu     | 1 3 1 1     | {gangAllocation: false}  | when-idle likely; more-than-is-free DT cells 3 2; behind 2 jobs, 6 GPUs
        gpu     | 9 1 1 1     | {gangAllocation: false}  | now likely
        gpu     | 1 5 1 1     | {gangAllocation: false}  | never exact; larger-than-any-node a gpu 5 4
        gpu     | 9 1 60 1    | {gangAllocation: false}  | never exact; more-than-there-is DT cells 12 4
        # Of the SKUs of `mixed` the least counts where a role names none.
        mixed   | 1 1 1 1     | {}                       | never exact; not-in-sku a gpu 1 0
        mixed   | 5 0 1 1     | {}                       | never exact; more-than-there-is CPU cells 5 3
        mixed   | 3 0 1 1     | {}                       | now likely
        # hived gets as many cells of either SKU as the least of them would have to be.
        mixed   | 1 0 3 1     | {}                       | now likely
        mixed   | 1 0 4 1     | {}                       | never exact; more-than-there-is CPU cells 4 3
        mixed   | 1 0 6 1     | {}                       | never exact; quota-exceeded cells 6 5
        mixed   | 9 0 3 1     | {gangAllocation: false}  | now likely
        mixed   | 1 0 4 1     | {gangAllocation: false}  | never exact; more-than-there-is CPU cells 4 3
        mixed   | 2 1 1 1     | {hivedScheduler: {taskRoles: {a: {skuType: DT}}}} | now likely
        mixed   | 3 1 1 1     | {hivedScheduler: {taskRoles: {a: {skuType: DT}}}} | never exact; more-than-there-is DT cells 3 2
        gpu     | 1 0 1 1     | {hivedScheduler: {taskRoles: {a: {skuType: CPU}}}} | never exact; sku-elsewhere a CPU
        gpu     | 1 0 1 1     | {hivedScheduler: {taskRoles: {a: {skuType: V100}}}} | never exact; unknown-sku a V100
        mixed   | 1 1 1 1     | {hivedScheduler: {taskRoles: {a: {skuType: CPU}}}} | never exact; not-in-sku a CPU gpu 1 0
        gpu     | 1 1 1 1     | {hivedScheduler: {taskRoles: {a: {skuType: DT, pinnedCellId: x}}}} | never exact; sku-and-pinned-cell a
        gpu     | 1 1 1 1     | {hivedScheduler: {jobPriorityClass: high}} | never exact; bad-priority-class high
        gpu     | 1 1 1 1     | {hivedScheduler: {jobPriorityClass: prod}} | now likely
        # The server does not look at `skuNum`.
        gpu     | 1 1 1 1     | {hivedScheduler: {taskRoles: {a: {skuType: DT, skuNum: 9}}}} | now likely
        # Whoever may be pushed aside has no quota, and takes what is free anywhere.
        mixed   | 3 1 1 1     | {hivedScheduler: {jobPriorityClass: oppo, taskRoles: {a: {skuType: DT}}}} | now likely
        gpu     | 1 0 1 1     | {hivedScheduler: {jobPriorityClass: oppo, taskRoles: {a: {skuType: CPU}}}} | now likely
        gpu     | 2 2 1 1     | {hivedScheduler: {jobPriorityClass: oppo, taskRoles: {a: {skuType: DT}}}} | when-idle likely; more-than-is-free gpu 4 3; behind 2 jobs, 6 GPUs
        gpu     | 1 3 1 1     | {hivedScheduler: {jobPriorityClass: oppo, taskRoles: {a: {skuType: DT}}}} | when-idle likely; fragmented gpu 3 2; behind 2 jobs, 6 GPUs
        gpu     | 9 1 1 1     | {hivedScheduler: {jobPriorityClass: oppo, taskRoles: {a: {skuType: DT}}}} | never exact; more-than-there-is gpu 9 6
        gpu     | 1 1 1 1     | {hivedScheduler: {jobPriorityClass: oppo}} | never exact; not-in-sku a gpu 1 0
        gpu     | 1 1 1 1     | {storages: [{name: nfs}]} | now likely
        gpu     | 1 1 1 1     | {storages: [{name: other}]} | never exact; no-storage other
        default | 1 1 1 1     | {}                       | never exact; no-virtual-cluster default
    ");
    let groups = "{hivedScheduler: {taskRoles: {a: {affinityGroupName: g, skuType: DT}, b: {affinityGroupName: g}}}}";
    let roles = "{a: {resourcePerInstance: {gpu: 1, cpu: 1, memoryMB: 1}}, b: {resourcePerInstance: {gpu: 1, cpu: 1, memoryMB: 1}}}";
    assert_eq!(
        said(&job(roles, groups), &cluster, "gpu"),
        "never exact; affinity-group-disagrees b g"
    );
}

/// hived gives one SKU to an affinity group, and without groups to the whole job.
#[test]
fn roles_that_name_no_sku_have_one_together() {
    let cluster = hived();
    let small = "resourcePerInstance: {gpu: 0, cpu: 1, memoryMB: 1}";
    let roles = format!("{{a: {{instances: 3, {small}}}, b: {{instances: 2, {small}}}}}");
    let placed = |placed: &str| {
        let extras = format!("{{hivedScheduler: {{taskRoles: {placed}}}}}");
        said(&job(&roles, &extras), &cluster, "mixed")
    };
    let too_many = "never exact; more-than-there-is CPU cells 5 3";
    assert_eq!(placed("{}"), too_many);
    let one = "{a: {affinityGroupName: g}, b: {affinityGroupName: g}}";
    assert_eq!(placed(one), too_many);
    let two = "{a: {affinityGroupName: g}, b: {affinityGroupName: h}}";
    assert_eq!(placed(two), "now likely");
    // Whether the others get its SKU too is not known, so it is not said to be too much.
    assert_eq!(placed("{b: {skuType: DT}}"), "now likely");
    assert_eq!(
        placed("{a: {skuType: DT}}"),
        "never exact; more-than-there-is DT cells 3 2"
    );
    // Of roles without a group, where there are groups, each task is placed by itself.
    let small = "resourcePerInstance: {gpu: 0, cpu: 1, memoryMB: 1}";
    let mixed = job(
        &format!("{{a: {{instances: 4, {small}}}, b: {{{small}}}}}"),
        "{hivedScheduler: {taskRoles: {b: {affinityGroupName: g}}}}",
    );
    assert_eq!(said(&mixed, &cluster, "mixed"), "now likely");
}

/// Where groups could have their cells in many ways, a way is found that is not the first.
#[test]
fn a_way_is_found_where_there_are_many() {
    let skus =
        json!({"A": {"cpu": 1, "memory": 100, "gpu": 0}, "B": {"cpu": 1, "memory": 300, "gpu": 1}});
    let cluster = |healthy: u64| -> Cluster {
        let cells = |each: u64| json!({"cpu": 2 * each, "memory": 400 * each, "gpu": each});
        let here = json!({"resourcesTotal": cells(10), "resourcesGuaranteed": cells(healthy), "resourcesUsed": cells(0), "skuTypes": skus});
        let nodes = json!({"n": {"gpuUsed": 0, "gpuAvailable": 10, "gpuTotal": 10}});
        let cluster = json!({"skuTypes": skus, "virtualClusters": {"gpu": here}, "nodes": nodes});
        serde_json::from_value(cluster).expect("a cluster")
    };
    let of_cores = |cores: &[u64]| {
        let group = |index| format!("r{index}: {{affinityGroupName: g{index}}}");
        let groups: Vec<String> = (0..cores.len()).map(group).collect();
        let groups = groups.join(", ");
        let role = |(index, cores)| {
            format!("r{index}: {{resourcePerInstance: {{gpu: 0, cpu: {cores}, memoryMB: 0}}}}")
        };
        let roles: Vec<String> = cores.iter().enumerate().map(role).collect();
        let extras = format!("{{hivedScheduler: {{taskRoles: {{{groups}}}}}}}");
        job(&format!("{{{}}}", roles.join(", ")), &extras)
    };
    let nothing = [0; 7];
    // 4 + 3 + 3 of each SKU: whoever begins with 4 + 4 does not see that at once.
    let tight = of_cores(&[&[4, 4, 3, 3, 3, 3], &nothing[..]].concat());
    assert_eq!(said(&tight, &cluster(10), "gpu"), "now likely");
    let few = of_cores(&[4, 4, 3, 3, 3, 3]);
    assert_eq!(said(&few, &cluster(10), "gpu"), "now likely");
    let loose = of_cores(&[&[4, 4, 3, 3, 3, 2], &nothing[..]].concat());
    assert_eq!(said(&loose, &cluster(10), "gpu"), "now likely");
    assert!(said(&tight, &cluster(9), "gpu").starts_with("when-repaired likely"));
}

/// Which SKU each group gets is tried out while there are few ways. Beyond that, what fits in
/// none of them is not told from what would.
#[test]
fn of_too_many_ways_only_what_is_sure_is_said() {
    let said = |groups: u64, cells: u64, [dt, cpu]: [u64; 2], used: u64| {
        let mut cluster = hived();
        let here = cluster.virtual_clusters.get_mut("mixed").expect("it is");
        let sum = |dt: u64, cpu: u64| super::cluster::Resources {
            gpu: dt,
            cpu: 5 * dt + cpu,
            memory: 56_334 * dt + 10_240 * cpu,
        };
        here.resources_total = sum(dt, cpu);
        here.resources_guaranteed = here.resources_total;
        here.resources_used = sum(used, used);
        let of = |what: &str| {
            let one = |group| format!("r{group}: {}", what.replace(": N", &format!(": g{group}")));
            let all: Vec<String> = (0..groups).map(one).collect();
            format!("{{{}}}", all.join(", "))
        };
        let roles = of(&format!("{{resourcePerInstance: {{cpu: {cells}}}}}"));
        let groups = of("{affinityGroupName: N}");
        let extras = format!("{{hivedScheduler: {{taskRoles: {groups}}}}}");
        said(&job(&roles, &extras), &cluster, "mixed")
    };
    // All of them find room, if not of the first SKU alone.
    assert_eq!(said(13, 1, [8, 8], 0), "now likely");
    assert_eq!(said(300, 1, [150, 150], 0), "now likely");
    // More than there is of all SKUs together, whichever way.
    assert_eq!(
        said(13, 1, [8, 8], 4),
        "when-idle likely; more-than-is-free DT cells 13 4"
    );
    assert_eq!(
        said(41, 1, [20, 20], 0),
        "never exact; quota-exceeded cells 41 40"
    );
    // 19 and 21 cells, and pairs of them: there are 524,288 ways to find out.
    assert_eq!(said(20, 2, [19, 21], 0), "when-idle unknown");
}

/// The cores of a task may want cells whose GPUs it never asked for.
#[test]
fn gpus_of_a_task_are_those_of_its_cells() {
    let mut cluster = hived();
    let node = cluster.nodes.get_mut("a").expect("it is there");
    node.gpu_available = 1;
    let demand = job(&role(1, 1, 10, 1), "{}");
    assert_eq!(
        said(&demand, &cluster, "gpu"),
        "when-idle likely; fragmented gpu 2 1; behind 2 jobs, 6 GPUs"
    );
}

/// The server measures a role that names no SKU by the least of those that there are: of
/// none it refuses nothing, and the job would wait for ever.
#[test]
fn without_any_sku_nothing_is_refused_and_nothing_runs() {
    let mut cluster = hived();
    let empty = json!({"skuTypes": {}});
    let empty = serde_json::from_value(empty).expect("a virtual cluster");
    cluster.virtual_clusters.insert("mixed".to_owned(), empty);
    let said = |roles: &str| said(&job(roles, "{}"), &cluster, "mixed");
    assert_eq!(
        said(&role(2, 1, 1, 1)),
        "never exact; more-than-there-is gpu 2 0; more-than-there-is cpu 2 0; more-than-there-is memory 2 0"
    );
}

#[test]
fn what_cannot_be_told_apart_is_said_to_be_unknown() {
    let mut cluster = hived();
    let gpu = cluster
        .virtual_clusters
        .get_mut("gpu")
        .expect("it is there");
    gpu.sku_types = None;
    // Both SKUs may be there: by the sums there are no cells of CPU, but its cells
    // might be pinned elsewhere.
    let demand = job(
        &role(3, 1, 1, 1),
        "{hivedScheduler: {taskRoles: {a: {skuType: DT}}}}",
    );
    assert_eq!(
        said(&demand, &cluster, "gpu"),
        "when-idle unknown; more-than-is-free DT cells 3 2; behind 2 jobs, 6 GPUs"
    );
    assert_eq!(
        said(&job(&role(1, 1, 1, 1), "{}"), &cluster, "gpu"),
        "never likely; not-in-sku a gpu 1 0"
    );
    // By the cells of CPU it is four, which may be one by those of its own.
    assert_eq!(
        said(&job(&role(1, 0, 4, 1), "{}"), &cluster, "gpu"),
        "when-repaired unknown; more-than-is-healthy DT cells 4 3; behind 2 jobs, 6 GPUs"
    );
    assert_eq!(
        said(
            &job(&role(2, 0, 60, 1), "{gangAllocation: false}"),
            &cluster,
            "gpu"
        ),
        "never likely; more-than-there-is DT cells 60 4"
    );
    let gpu = cluster
        .virtual_clusters
        .get_mut("gpu")
        .expect("it is there");
    gpu.resources_total.memory += 1;
    // Three cells, with all that is in them.
    assert_eq!(
        said(&demand, &cluster, "gpu"),
        "when-idle unknown; more-than-is-free gpu 3 2; more-than-is-free cpu 15 10; \
         more-than-is-free memory 169002 112668; behind 2 jobs, 6 GPUs"
    );
    cluster.nodes.clear();
    let two = job(
        &role(2, 1, 1, 1),
        "{hivedScheduler: {taskRoles: {a: {skuType: DT}}}}",
    );
    assert_eq!(said(&two, &cluster, "gpu"), "now unknown");
}

#[test]
fn the_default_scheduler_goes_by_sums_and_nodes() {
    let cluster = plain();
    check(&cluster, "
        default | 1 1 4 1000  | {}                       | now likely
        default | 2 1 4 1000  | {}                       | now likely
        default | 1 2 4 1000  | {}                       | when-idle likely; fragmented gpu 2 1
        default | 3 1 4 1000  | {}                       | when-idle likely; more-than-is-free gpu 3 2
        default | 1 0 13 1000 | {}                       | when-idle likely; more-than-is-free cpu 13 12
        default | 5 1 1 1     | {}                       | when-repaired likely; more-than-is-healthy gpu 5 4
        default | 1 1 17 1    | {}                       | when-repaired likely; more-than-is-healthy cpu 17 16
        default | 9 1 1 1     | {}                       | never exact; more-than-there-is gpu 9 8
        default | 1 1 1 64001 | {}                       | never exact; more-than-there-is memory 64001 64000
        default | 1 5 1 1     | {}                       | never exact; larger-than-any-node a gpu 5 4
        default | 9 1 1 1     | {gangAllocation: false}  | now likely
        default | 9 2 1 1     | {gangAllocation: false}  | when-idle likely; fragmented gpu 2 1
        default | 1 1 1 1     | {storages: [{name: other}]} | never exact; no-storage other
    ");
    assert_eq!(
        said(&job(&role(1, 1, 1, 1), "{}"), &cluster, "gpu"),
        "never exact; no-virtual-cluster gpu"
    );
    let stranger = User::default();
    let verdict = &verdicts(&job(&role(1, 1, 1, 1), "{}"), &cluster, &stranger)[0];
    assert_eq!(
        (verdict.outcome, verdict.because[0].kind),
        (Outcome::NotAllowed, ReasonKind::NotAllowed)
    );
}

#[test]
fn a_demand_is_read_of_a_protocol() {
    let demand =
        Demand::read(include_str!("../../tests/mutations/everything.yaml")).expect("task roles");
    assert_eq!(
        (demand.roles.len(), demand.roles[0].instances, demand.gang),
        (2, 2, true)
    );
    assert_eq!(demand.virtual_cluster.as_deref(), Some("default"));
    assert_eq!(Demand::read("[a]"), None);
    assert_eq!(Demand::read("a: ["), None);
    let storages = "taskRoles: {a: {}}\nextras: {com.microsoft.pai.runtimeplugin: [{plugin: teamwise_storage, parameters: {storageConfigNames: [nfs, blob]}}]}";
    assert_eq!(
        Demand::read(storages).expect("a role").storages,
        ["blob", "nfs"]
    );
}

/// Catalogues hold such texts.
#[test]
fn a_demand_is_kept_as_a_short_text() {
    let roles = "{b: {instances: 2, resourcePerInstance: {gpu: 1, cpu: 2, memoryMB: 3}}, a: {}}";
    let extras = "{gangAllocation: false, hivedScheduler: {jobPriorityClass: oppo, taskRoles: {b: {skuType: DT, affinityGroupName: g}}}}";
    let text = r#"[false,"oppo",[[1,0,0,0,null,null,null],[2,1,2,3,"DT",null,"g"]]]"#;
    assert_eq!(job(roles, extras).to_text().as_deref(), Some(text));
    let read = Demand::from_text(text).expect("a demand");
    assert_eq!(read.to_text().as_deref(), Some(text));
    assert_eq!(Demand::from_text("[]"), None);
}

/// What is told of a job does not depend on whether a catalogue has room for what it asks.
#[test]
fn what_is_too_long_to_keep_is_judged_by_its_protocol() {
    let many = |of: &dyn Fn(u64) -> String| {
        let all: Vec<String> = (0..200)
            .map(|role| format!("r{role}: {}", of(role)))
            .collect();
        job(&format!("{{{}}}", all.join(", ")), "{}")
    };
    let different = many(&|role| format!("{{resourcePerInstance: {{memoryMB: {}}}}}", role + 1));
    assert_eq!(different.to_text(), None);
    let mut cluster = hived();
    assert_eq!(
        said(&different, &cluster, "gpu"),
        "never exact; quota-exceeded cells 200 4"
    );
    let here = cluster
        .virtual_clusters
        .get_mut("gpu")
        .expect("it is there");
    for there in [&mut here.resources_total, &mut here.resources_guaranteed] {
        *there = super::cluster::Resources {
            gpu: 300,
            cpu: 1500,
            memory: 300 * 56_334,
        };
    }
    assert!(runs(&different, &cluster, &user()));

    // Roles that ask for the same are one, however many they are.
    let same = many(&|_| "{instances: 2, resourcePerInstance: {cpu: 1}}".to_owned());
    let text = "[true,null,[[400,0,1,0,null,null,null]]]";
    assert_eq!(same.to_text().as_deref(), Some(text));
    let kept = Demand::from_text(text).expect("a demand");
    assert!(!runs(&same, &cluster, &user()) && !runs(&kept, &cluster, &user()));
}

#[test]
fn answers_are_read_leniently() {
    let odd = json!({"virtualClusters": {"a": {"resourcesTotal": {"gpu": null, "cpu": -1, "memory": "12"}, "resourcesUsed": {}}}, "nodes": {"n": {}}, "more": 1});
    let cluster: Cluster = serde_json::from_value(odd).expect("a cluster");
    let total = cluster.virtual_clusters["a"].resources_total;
    assert_eq!((total.gpu, total.cpu, total.memory), (0, 0, 12));
}
