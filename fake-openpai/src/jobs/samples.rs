use super::{Job, State, Submission};

/// One line of the table below.
struct Sample {
    user: &'static str,
    kind: Kind,
    label: &'static str,
    state: State,
    /// Minutes since it was submitted.
    age: u64,
}

/// What a sample job does: its name begins so, and its protocol is the file of
/// the same name in `protocols/`.
#[derive(Clone, Copy)]
enum Kind {
    ImageTraining,
    DistributedTraining,
    TextFineTuning,
    BatchInference,
    Notebook,
    Preprocessing,
}

const fn sample(
    user: &'static str,
    kind: Kind,
    label: &'static str,
    state: State,
    age: u64,
) -> Sample {
    Sample {
        user,
        kind,
        label,
        state,
        age,
    }
}

#[rustfmt::skip]
const SAMPLES: [Sample; 30] = {
    use Kind::{BatchInference, DistributedTraining, ImageTraining, Notebook, Preprocessing, TextFineTuning};
    use State::{Failed, Running, Stopped, Stopping, Succeeded, Waiting};
    [
        sample("alice", ImageTraining,       "lr01",      Waiting,         2),
        sample("bob",   TextFineTuning,      "base",      Waiting,         7),
        sample("carol", DistributedTraining, "4x4",       Waiting,        15),
        sample("alice", Notebook,            "explore",   Running,        38),
        sample("bob",   Notebook,            "tokens",    Running,        52),
        sample("carol", ImageTraining,       "wide",      Running,        95),
        sample("bob",   TextFineTuning,      "large",     Running,       140),
        sample("alice", DistributedTraining, "2x4",       Running,       320),
        sample("admin", Preprocessing,       "reindex",   Running,       415),
        sample("carol", Notebook,            "labels",    Stopping,      480),
        sample("alice", ImageTraining,       "lr001",     Succeeded,     600),
        sample("bob",   Preprocessing,       "wiki",      Succeeded,     790),
        sample("alice", BatchInference,      "holdout",   Failed,        880),
        sample("carol", BatchInference,      "archive",   Succeeded,    1020),
        sample("bob",   TextFineTuning,      "small",     Succeeded,    1300),
        sample("admin", Preprocessing,       "smoke",     Succeeded,    1441),
        sample("alice", ImageTraining,       "flip",      Stopped,      1600),
        sample("carol", ImageTraining,       "narrow",    Failed,       1950),
        sample("bob",   BatchInference,      "reviews",   Succeeded,    2300),
        sample("alice", Preprocessing,       "resize",    Succeeded,    2800),
        sample("carol", DistributedTraining, "2x8",       Failed,       3100),
        sample("bob",   TextFineTuning,      "frozen",    Stopped,      3600),
        sample("alice", Notebook,            "monday",    Stopped,      4300),
        sample("admin", BatchInference,      "nightly",   Succeeded,    4900),
        sample("carol", Preprocessing,       "crop",      Succeeded,    5500),
        sample("bob",   Preprocessing,       "news",      Failed,       6100),
        sample("alice", DistributedTraining, "baseline",  Succeeded,    7200),
        sample("bob",   Notebook,            "attention", Stopped,      8000),
        sample("carol", ImageTraining,       "baseline",  Succeeded,    8900),
        sample("admin", ImageTraining,       "acceptance", Succeeded,  10_000),
    ]
};

/// The sample jobs, with times relative to `now` (milliseconds since the
/// epoch).
pub(super) fn jobs(now: u64) -> Vec<Job> {
    SAMPLES.iter().map(|sample| sample.job(now)).collect()
}

impl Sample {
    fn job(&self, now: u64) -> Job {
        const MINUTE: u64 = 60_000;
        let name = format!("{}_{}", self.kind.prefix(), self.label);
        let virtual_cluster = match self.user {
            "bob" => "nlp",
            "alice" | "carol" => "vision",
            _ => "default",
        };
        let protocol = self
            .kind
            .protocol()
            .replace("JOB_NAME", &name)
            .replace("VIRTUAL_CLUSTER", virtual_cluster);
        let submission = Submission::read(&protocol).expect("samples are protocols");
        let submitted = now.saturating_sub(self.age * MINUTE);
        let mut job = Job::waiting(self.user, &submission, &protocol, submitted);
        if self.state == State::Waiting {
            return job;
        }
        let launched = submitted + MINUTE;
        job.go(State::Running, None, launched);
        if self.state == State::Failed {
            job.go(State::Waiting, None, launched);
        }
        // Finished jobs took two thirds of the time since.
        job.go(self.state, None, launched + (now - launched) * 2 / 3);
        job
    }
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::ImageTraining => "image-training",
            Self::DistributedTraining => "distributed-training",
            Self::TextFineTuning => "text-fine-tuning",
            Self::BatchInference => "batch-inference",
            Self::Notebook => "notebook",
            Self::Preprocessing => "preprocessing",
        }
    }

    fn protocol(self) -> &'static str {
        match self {
            Self::ImageTraining => include_str!("../../protocols/image-training.yaml"),
            Self::DistributedTraining => include_str!("../../protocols/distributed-training.yaml"),
            Self::TextFineTuning => include_str!("../../protocols/text-fine-tuning.yaml"),
            Self::BatchInference => include_str!("../../protocols/batch-inference.yaml"),
            Self::Notebook => include_str!("../../protocols/notebook.yaml"),
            Self::Preprocessing => include_str!("../../protocols/preprocessing.yaml"),
        }
    }
}
