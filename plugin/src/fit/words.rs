//! Verdicts in words, as HTML. Everything in them that somebody wrote passes [`escaped`].

use shared::fit::cluster::{Cluster, User};
use shared::fit::{Certainty, Demand, Dimension, Outcome, Reason, ReasonKind, Verdict, verdicts};

use crate::messages::fit as messages;
use crate::text::{escaped, memory};

/// So many lines show; the others on demand.
const FEW: usize = 8;

/// The most that are made.
const MOST: usize = 200;

/// The outcomes in their order.
const BEST_FIRST: [Outcome; 5] = [
    Outcome::Now,
    Outcome::WhenIdle,
    Outcome::WhenRepaired,
    Outcome::Never,
    Outcome::NotAllowed,
];

/// What becomes of the job in each of the user's virtual clusters, and in the one that it
/// names itself; the best first.
pub(super) fn of_interest(demand: &Demand, place: &(Cluster, User)) -> Vec<Verdict> {
    let all = verdicts(demand, &place.0, &place.1);
    let named = demand.virtual_cluster.as_ref();
    let mut sorted = Vec::new();
    for outcome in BEST_FIRST {
        let with = all.iter().filter(|verdict| {
            verdict.outcome == outcome
                && (outcome != Outcome::NotAllowed || named == Some(&verdict.virtual_cluster))
        });
        sorted.extend(with.cloned());
    }
    sorted.truncate(MOST);
    sorted
}

/// A list with a line for each verdict, which says why on demand.
pub(super) fn all(verdicts: &[Verdict]) -> String {
    if verdicts.is_empty() {
        return format!("<p>{}</p>", messages::nowhere());
    }
    format!(
        r#"{}<p class="hint">{}</p>"#,
        lines(verdicts),
        messages::not_known()
    )
}

/// The same for all virtual clusters but the one that is chosen; nothing if there are none.
pub(super) fn others(demand: &Demand, place: &(Cluster, User), chosen: &str) -> String {
    let mut verdicts = of_interest(demand, place);
    verdicts.retain(|verdict| verdict.virtual_cluster != chosen);
    lines(&verdicts)
}

/// As much room as the lines of so many virtual clusters will take.
pub(super) fn room(number: usize) -> String {
    let rows = number.min(FEW + 1);
    let row = r#"<li><div class="one">&nbsp;</div></li>"#;
    format!(r#"<ul aria-hidden="true">{}</ul>"#, row.repeat(rows))
}

fn lines(verdicts: &[Verdict]) -> String {
    let line = |verdict: &Verdict| {
        let head = head(verdict);
        match reasons(verdict) {
            none if none.is_empty() => format!(r#"<li><div class="one">{head}</div></li>"#),
            some => format!("<li><details><summary>{head}</summary>{some}</details></li>"),
        }
    };
    let list = |verdicts: &[Verdict]| {
        let lines: String = verdicts.iter().map(line).collect();
        format!("<ul>{lines}</ul>")
    };
    let (few, more) = verdicts.split_at(verdicts.len().min(FEW));
    let more = if more.is_empty() {
        String::new()
    } else {
        let title = messages::further(more.len());
        format!(
            "<details><summary>{title}</summary>{}</details>",
            list(more)
        )
    };
    format!("{}{more}", list(few))
}

/// The line of the virtual cluster that is chosen, or else the one that the job names, and
/// what is to be said beyond it.
pub(super) fn one(
    demand: &Demand,
    place: &(Cluster, User),
    chosen: Option<&str>,
) -> (String, String) {
    let all = verdicts(demand, &place.0, &place.1);
    let named = demand.virtual_cluster.as_deref();
    let wanted = chosen.or(named).unwrap_or("default");
    let mut found = all.iter().filter(|one| one.virtual_cluster == wanted);
    let best = || all.iter().max_by_key(|verdict| verdict.outcome);
    let Some(verdict) = found.next().or_else(best) else {
        return (messages::nowhere().to_owned(), String::new());
    };
    let why = verdict.because.first().map(sentence).unwrap_or_default();
    // The first reason stands in the line itself.
    let rest = Verdict {
        because: verdict.because.iter().skip(1).cloned().collect(),
        ..verdict.clone()
    };
    let more = format!(
        r#"{}<p class="hint">{}</p>"#,
        reasons(&rest),
        messages::not_known()
    );
    (
        format!(r#"{}<span class="why">{why}</span>"#, head(verdict)),
        more,
    )
}

/// What becomes of it in a virtual cluster, and how certain that is.
fn head(verdict: &Verdict) -> String {
    let (mark, class, outcome) = match verdict.outcome {
        Outcome::Now => ("✓", "good", messages::now()),
        Outcome::WhenIdle => ("◷", "wait", messages::when_idle()),
        Outcome::WhenRepaired => ("!", "wait", messages::when_repaired()),
        Outcome::Never => ("✕", "bad", messages::never()),
        Outcome::NotAllowed => ("–", "bad", messages::not_allowed()),
    };
    let certainty = match verdict.certainty {
        Certainty::Exact => messages::exact(),
        Certainty::Likely => messages::likely(),
        Certainty::Unknown => messages::hard_to_tell(),
    };
    format!(
        r#"<span class="outcome {class}" aria-hidden="true">{mark}</span> <bdi>{}</bdi> <strong>{outcome}</strong> <span class="certainty">{certainty}</span>"#,
        escaped(&verdict.virtual_cluster)
    )
}

fn reasons(verdict: &Verdict) -> String {
    let reasons = verdict.because.iter().map(sentence);
    let ahead = verdict.ahead.filter(|ahead| ahead.jobs > 0).map(|ahead| {
        let gpus = amount(Dimension::Gpu, ahead.gpus, None);
        escaped(&messages::ahead(size(ahead.jobs), &gpus))
    });
    let lines = reasons.chain(ahead).map(|text| format!("<li>{text}</li>"));
    let lines: String = lines.collect();
    if lines.is_empty() {
        lines
    } else {
        format!(r#"<ul class="reasons" dir="auto">{lines}</ul>"#)
    }
}

/// A reason as a sentence.
fn sentence(reason: &Reason) -> String {
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
    let text = match reason.kind {
        ReasonKind::NotAllowed => messages::why_not_allowed().to_owned(),
        ReasonKind::NoVirtualCluster => messages::no_virtual_cluster(name),
        ReasonKind::NoStorage => messages::no_storage(name),
        ReasonKind::BadPriorityClass => messages::bad_priority_class(name),
        ReasonKind::UnknownSku => messages::unknown_sku(role, name),
        ReasonKind::SkuElsewhere => messages::sku_elsewhere(role, name),
        ReasonKind::SkuAndPinnedCell => messages::sku_and_pinned_cell(role),
        ReasonKind::AffinityGroupDisagrees => messages::affinity_group_disagrees(role, name),
        ReasonKind::NotInSku if name.is_empty() => messages::not_in_any_sku(role, &asked),
        ReasonKind::NotInSku => messages::not_in_sku(role, &asked, name),
        ReasonKind::QuotaExceeded => messages::quota_exceeded(&asked, &have),
        ReasonKind::LargerThanAnyNode => messages::larger_than_any_node(role, &asked, &have),
        ReasonKind::MoreThanThereIs => messages::more_than_there_is(&asked, &have),
        ReasonKind::MoreThanIsHealthy => messages::more_than_is_healthy(&asked, &have),
        ReasonKind::MoreThanIsFree => messages::more_than_is_free(&asked, &have),
        ReasonKind::Fragmented => messages::fragmented(&asked, &have),
    };
    escaped(&text)
}

/// So much of something, cells perhaps of a SKU.
fn amount(dimension: Dimension, number: u64, sku: Option<&str>) -> String {
    match (dimension, sku) {
        (Dimension::Gpu, _) => messages::gpus(size(number)),
        (Dimension::Cpu, _) => messages::cores(size(number)),
        (Dimension::Memory, _) => {
            messages::memory(&memory(i64::try_from(number).unwrap_or(i64::MAX)))
        }
        (Dimension::Cells, Some(sku)) => messages::cells_of(size(number), sku),
        (Dimension::Cells, None) => messages::cells(size(number)),
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::super::place;
    use super::*;

    fn place() -> (Cluster, User) {
        let of = |gpu: u64| json!({"gpu": gpu, "cpu": 10 * gpu, "memory": 1000 * gpu});
        let job = json!({"virtualCluster": "default", "totalGpuNumber": 1});
        place::read(&json!({
            "virtualClusters": {
                "default": {"resourcesTotal": of(12), "resourcesGuaranteed": of(8), "resourcesUsed": of(6)},
                "<b>": {},
            },
            "nodes": {"a": {"gpuTotal": 8, "gpuAvailable": 2}},
            "jobs": [job, job],
            "user": {"virtualCluster": ["default"]},
        }))
    }

    fn job(gpus: u64, virtual_cluster: &str) -> Demand {
        let text = format!(
            "taskRoles: {{a: {{instances: {gpus}, resourcePerInstance: {{gpu: 1, cpu: 1, memoryMB: 1}}}}}}\n\
             defaults: {{virtualCluster: '{virtual_cluster}'}}"
        );
        Demand::read(&text).unwrap()
    }

    fn plain(html: &str) -> String {
        let mut text = String::new();
        let mut inside = false;
        for letter in html.chars() {
            match letter {
                '<' => inside = true,
                '>' => inside = false,
                other if !inside => text.push(other),
                _ => {}
            }
        }
        text
    }

    #[wasm_bindgen_test]
    fn a_verdict_is_a_line_and_sentences() {
        for (gpus, line) in [
            (1, "✓ default Now likely"),
            (
                3,
                "◷ default When there is room likelyIt needs 3 GPUs. Free at the moment: 2 GPUs.",
            ),
            (
                9,
                "! default When broken machines are back likelyIt needs 9 GPUs. In good order, there are only 8 GPUs.",
            ),
            (
                16,
                "✕ default Never certainIt needs 16 GPUs. In all, there are only 12 GPUs.",
            ),
        ] {
            let (head, _) = one(&job(gpus, "default"), &place(), None);
            assert_eq!(plain(&head), line);
        }
        let (_, more) = one(&job(3, "default"), &place(), None);
        assert!(
            more.contains("2 jobs wait there already, for 2 GPUs."),
            "{more}"
        );
    }

    #[wasm_bindgen_test]
    fn virtual_clusters_of_others_show_only_where_the_job_names_them() {
        let place = place();
        let names = |demand: &Demand| {
            let all = of_interest(demand, &place).into_iter();
            all.map(|one| one.virtual_cluster).collect::<Vec<_>>()
        };
        assert_eq!(names(&job(1, "default")), ["default"]);
        assert_eq!(names(&job(1, "<b>")), ["default", "<b>"]);
        let html = all(&of_interest(&job(1, "<b>"), &place));
        assert!(
            html.contains("&lt;b&gt;") && !html.contains("<b>"),
            "{html}"
        );
        let (head, _) = one(&job(1, "<b>"), &place, Some("default"));
        assert!(
            plain(&head).starts_with("✓ default"),
            "what is chosen counts"
        );
    }
}
