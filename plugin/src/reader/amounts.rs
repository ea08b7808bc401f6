//! What a job asks for in all.

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

#[cfg(test)]
mod tests {
    use shared::protocol::validate;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

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
