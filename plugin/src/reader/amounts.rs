//! Amounts as people read them.

use shared::protocol::Protocol;

/// What all tasks of a job ask for together, if they start at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) tasks: i64,
    pub(super) gpus: i64,
    pub(super) cores: i64,
    pub(super) memory_mb: i64,
}

impl Total {
    pub(super) fn of(job: &Protocol) -> Self {
        let mut total = Self::default();
        for role in &job.task_roles {
            let instances = role.instances.unwrap_or(1).max(0);
            let all = |each: Option<i64>| each.unwrap_or(0).max(0).saturating_mul(instances);
            total.tasks = total.tasks.saturating_add(instances);
            total.gpus = total.gpus.saturating_add(all(role.gpu));
            total.cores = total.cores.saturating_add(all(role.cpu));
            total.memory_mb = total.memory_mb.saturating_add(all(role.memory_mb));
        }
        total
    }
}

/// Memory given in MB, of which OpenPAI makes Kubernetes' `Mi`: "32 GiB", "1.5 GiB", "512 MiB".
pub(super) fn memory(megabytes: i64) -> String {
    if megabytes < 1024 {
        return format!("{megabytes} MiB");
    }
    let (whole, rest) = (megabytes / 1024, megabytes % 1024);
    // Rounded to a tenth, but never to the next whole number.
    match (rest * 10 + 512) / 1024 {
        0 => format!("{whole} GiB"),
        tenths => format!("{whole}.{} GiB", tenths.min(9)),
    }
}

#[cfg(test)]
mod tests {
    use shared::protocol::validate;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn memory_is_told_in_the_unit_people_think_in() {
        for (megabytes, told) in [
            (512, "512 MiB"),
            (1024, "1 GiB"),
            (1536, "1.5 GiB"),
            (32768, "32 GiB"),
            (33000, "32.2 GiB"),
            (2047, "1.9 GiB"),
        ] {
            assert_eq!(memory(megabytes), told);
        }
    }

    #[wasm_bindgen_test]
    fn all_tasks_of_all_roles_count() {
        let job = validate(
            "taskRoles:\n  a: {instances: 3, resourcePerInstance: {cpu: 4, gpu: 1, memoryMB: 1024}}\n  b: {instances: 9007199254740991, resourcePerInstance: {memoryMB: 9007199254740991}}\n",
        );
        let total = Total::of(&job.protocol.unwrap_or_default());
        assert_eq!(
            (total.tasks, total.gpus, total.cores),
            (9_007_199_254_740_994, 3, 12)
        );
        assert_eq!(total.memory_mb, i64::MAX, "it does not overflow");
    }
}
