//! Verdicts in words, those of the plugin.

use shared::fit::cluster::Waiting;
use shared::fit::{Certainty, Dimension, Outcome, Reason, ReasonKind};

pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Now => "now",
        Outcome::WhenIdle => "when there is room",
        Outcome::WhenRepaired => "when broken machines are back",
        Outcome::Never => "never",
        Outcome::NotAllowed => "not allowed",
    }
}

pub(super) fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Exact => "certain",
        Certainty::Likely => "likely",
        Certainty::Unknown => "hard to tell",
    }
}

/// Who waits there already, if anybody does.
pub(super) fn ahead(ahead: Waiting) -> Option<String> {
    let gpus = amount(Dimension::Gpu, ahead.gpus, None);
    match ahead.jobs {
        0 => None,
        1 => Some(format!("1 job waits there already, for {gpus}.")),
        jobs => Some(format!("{jobs} jobs wait there already, for {gpus}.")),
    }
}

/// A reason as a sentence.
pub(super) fn reason(reason: &Reason) -> String {
    let role = reason.role.as_deref().unwrap_or_default();
    let name = reason.name.as_deref().unwrap_or_default();
    let number = |number: Option<u64>| {
        let dimension = reason.dimension.unwrap_or(Dimension::Cells);
        amount(
            dimension,
            number.unwrap_or_default(),
            reason.name.as_deref(),
        )
    };
    let (asked, have) = (number(reason.asked), number(reason.have));
    match reason.kind {
        ReasonKind::NotAllowed => {
            "You may not submit jobs there: choose another virtual cluster, or ask an admin."
                .to_owned()
        }
        ReasonKind::NoVirtualCluster => format!("There is no virtual cluster “{name}”."),
        ReasonKind::NoStorage => format!("The storage “{name}” is none of yours."),
        ReasonKind::BadPriorityClass => {
            format!("There is no priority class “{name}”: it is prod, test or oppo.")
        }
        ReasonKind::UnknownSku => {
            format!("“{role}” asks for the SKU “{name}”, which the cluster does not have.")
        }
        ReasonKind::SkuElsewhere => {
            format!("“{role}” asks for the SKU “{name}”, which this virtual cluster does not have.")
        }
        ReasonKind::SkuAndPinnedCell => {
            format!("“{role}” names both a SKU and a pinned cell, which OpenPAI does not take.")
        }
        ReasonKind::AffinityGroupDisagrees => {
            format!(
                "“{role}” names another SKU or pinned cell than the rest of the affinity group “{name}”."
            )
        }
        ReasonKind::NotInSku if name.is_empty() => format!(
            "“{role}” asks for {asked} and names no SKU, so the least that any SKU here has counts, which is none."
        ),
        ReasonKind::NotInSku => {
            format!("“{role}” asks for {asked}, and the SKU “{name}” has none.")
        }
        ReasonKind::QuotaExceeded => {
            format!("It needs {asked}. The virtual cluster has {have}, broken ones included.")
        }
        ReasonKind::LargerThanAnyNode => {
            format!("“{role}” needs {asked} on one machine. The largest one has {have}.")
        }
        ReasonKind::MoreThanThereIs => format!("It needs {asked}. In all, there are only {have}."),
        ReasonKind::MoreThanIsHealthy => {
            format!("It needs {asked}. In good order, there are only {have}.")
        }
        ReasonKind::MoreThanIsFree => format!("It needs {asked}. Free at the moment: {have}."),
        ReasonKind::Fragmented => format!(
            "A task needs up to {asked} on one machine, and what is free is spread over several: one has {have} free \
             at most. Or opportunistic jobs have to go first."
        ),
    }
}

/// So much of something, cells perhaps of a SKU.
fn amount(dimension: Dimension, number: u64, sku: Option<&str>) -> String {
    let s = if number == 1 { "" } else { "s" };
    match (dimension, sku) {
        (Dimension::Gpu, _) => format!("{number} GPU{s}"),
        (Dimension::Cpu, _) => format!("{number} CPU{s}"),
        (Dimension::Memory, _) => format!("{number} MB of memory"),
        (Dimension::Cells, Some(sku)) => format!("{number} cell{s} of {sku}"),
        (Dimension::Cells, None) => format!("{number} cell{s}"),
    }
}
