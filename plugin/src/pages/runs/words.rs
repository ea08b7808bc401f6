//! Figures in words, as HTML. Everything in them that somebody wrote passes [`escaped`].

use js_sys::{Array, Date, Intl, Object, Reflect};
use serde_json::Value;
use wasm_bindgen::JsValue;

use crate::messages::{self, decimal, runs as text};
use crate::text::escaped;

/// Units of time in seconds, as `Intl` calls them.
const UNITS: [(f64, &str); 4] = [
    (86_400.0, "day"),
    (3_600.0, "hour"),
    (60.0, "minute"),
    (1.0, "second"),
];

/// That there is nothing to tell yet, and why.
pub(super) fn too_few() -> String {
    format!(
        "<h2>{}</h2><p>{}</p>",
        text::too_few(),
        text::too_few_hint()
    )
}

/// Which runs count, and how many do not.
pub(super) fn counting(said: &Value) -> String {
    let since = Date::parse(said["since"].as_str().unwrap_or_default());
    let days = (Date::now() - since) / 86_400_000.0;
    let counting = text::counting(&decimal(days.round()));
    match not_counted(&said["figures"]["notCounted"]) {
        Some(left) => format!("{counting} {left}"),
        None => counting,
    }
}

/// What enough runs have shown: all but their exit codes.
pub(super) fn figures(figures: &Value) -> String {
    let headline = text::headline(&number(&figures["succeeded"]), &number(&figures["runs"]));
    let gpus = figures["gpuHours"].as_f64().unwrap_or_default();
    let gpus = if gpus > 0.0 {
        text::gpu_hours(&decimal(gpus))
    } else {
        String::new()
    };
    let times = [
        (text::waiting(), &figures["queueTime"]),
        (text::running(), &figures["runTime"]),
    ];
    let times = times.into_iter().filter(|(_, of)| !of.is_null());
    let times = times.map(|(name, of)| row(name, &[duration(&of["median"]), duration(&of["p90"])]));
    let clusters = entries(&figures["virtualClusters"])
        .map(|one| row(one["name"].as_str().unwrap_or_default(), &successes(one)));
    let versions =
        entries(&figures["versions"]).map(|one| row(&number(&one["version"]), &successes(one)));
    let of_parts = |first| [first, text::runs(), text::succeeded(), text::at_least()];
    format!(
        r#"<p class="lead">{headline}</p><p>{} {gpus}</p><div class="tables">{}{}{}</div>"#,
        text::bound(&number(&figures["successAtLeast"])),
        table(&[text::took(), text::half(), text::most()], times.collect()),
        table(&of_parts(text::cluster()), clusters.collect()),
        table(&of_parts(text::version()), versions.collect())
    )
}

/// What does not count, if anything.
fn not_counted(left: &Value) -> Option<String> {
    type Say = fn(usize) -> String;
    let kinds: [(&str, Say); 4] = [
        ("platform", text::left_platform),
        ("stopped", text::left_stopped),
        ("unknown", text::left_unknown),
        ("edited", text::left_edited),
    ];
    let some = kinds.into_iter().filter_map(|(key, say)| {
        let count = usize::try_from(left[key].as_u64()?).ok()?;
        (count > 0).then(|| say(count))
    });
    let some: Vec<_> = some.collect();
    (!some.is_empty()).then(|| text::not_counted(&messages::list_of(&some)))
}

fn successes(of: &Value) -> [String; 3] {
    [
        number(&of["runs"]),
        number(&of["succeeded"]),
        text::percent(&number(&of["successAtLeast"])),
    ]
}

/// A table, named by its first column; nothing without rows.
fn table(columns: &[&str], rows: String) -> String {
    if rows.is_empty() {
        return rows;
    }
    let heads = columns
        .iter()
        .map(|name| format!(r#"<th scope="col">{name}</th>"#));
    format!(
        "<table><thead><tr>{}</tr></thead><tbody>{rows}</tbody></table>",
        heads.collect::<String>()
    )
}

fn row(name: &str, cells: &[String]) -> String {
    let cells = cells.iter().map(|text| format!("<td>{text}</td>"));
    format!(
        r#"<tr><th scope="row" dir="auto">{}</th>{}</tr>"#,
        escaped(name),
        cells.collect::<String>()
    )
}

pub(super) fn entries(all: &Value) -> impl Iterator<Item = &Value> {
    all.as_array().into_iter().flatten()
}

fn number(value: &Value) -> String {
    decimal(value.as_f64().unwrap_or_default())
}

/// Milliseconds as people tell them, in two units at most: "45 sec", "2 hrs 5 mins".
fn duration(milliseconds: &Value) -> String {
    let seconds = (milliseconds.as_f64().unwrap_or_default() / 1000.0).round();
    let largest = UNITS.iter().position(|(length, _)| seconds >= *length);
    let largest = largest.unwrap_or(UNITS.len() - 1);
    let mut rest = seconds;
    let mut said: Vec<String> = Vec::new();
    for (length, unit) in UNITS.iter().skip(largest).take(2) {
        let count = (rest / length).floor();
        rest -= count * length;
        if count > 0.0 || said.is_empty() {
            said.push(of_unit(count, unit));
        }
    }
    said.join(" ")
}

fn of_unit(count: f64, unit: &str) -> String {
    let options = Object::new();
    for (key, value) in [("style", "unit"), ("unit", unit), ("unitDisplay", "short")] {
        // A plain object takes any field.
        let _ = Reflect::set(&options, &key.into(), &value.into());
    }
    let format = Intl::NumberFormat::new(&Array::of1(&messages::locale().into()), &options);
    let text = format.format().call1(&JsValue::UNDEFINED, &count.into());
    // It fails for no number.
    text.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn times_are_told_in_two_units() {
        let told = |seconds: f64| duration(&json!(seconds * 1000.0));
        assert_eq!(told(0.0), "0 sec");
        assert_eq!(told(59.6), "1 min");
        assert_eq!(told(3_600.0), "1 hr");
        assert_eq!(told(3_725.0), "1 hr 2 min");
        assert_eq!(told(86_400.0 + 59.0), "1 day");
    }

    #[wasm_bindgen_test]
    fn what_is_missing_is_left_out() {
        let html = figures(&json!({
            "runs": 4, "succeeded": 3, "successAtLeast": 30, "queueTime": null, "runTime": null,
            "gpuHours": 0.0, "exitCodes": [], "versions": [],
            "virtualClusters": [{"name": "<b>", "runs": 4, "succeeded": 3, "successAtLeast": 30}],
        }));
        assert_eq!(html.matches("<table>").count(), 1, "{html}");
        assert!(
            html.contains("3 of 4 runs") && !html.contains("GPU"),
            "{html}"
        );
        assert!(
            html.contains("&lt;b&gt;") && !html.contains("<b>"),
            "{html}"
        );
        let none = json!({"platform": 0, "stopped": 0, "unknown": 0, "edited": 0});
        assert_eq!(not_counted(&none), None);
        let some = json!({"platform": 2, "stopped": 0, "unknown": 0, "edited": 1});
        let some = not_counted(&some).unwrap_or_default();
        assert!(
            some.contains('2') && some.contains('1') && !some.contains('0'),
            "{some}"
        );
    }
}
