//! What two protocols mean differently, in words: a part of the chunk that shows versions.

use std::fmt::Write as _;

use leptos::prelude::*;
use shared::diff::{Change, Diff, Kind, Subject, Unreadable, compare};

use crate::chunks::chunks;
use crate::messages::{number, subject, versions as messages};
use crate::styles;
use crate::text::escaped;

chunks! {
    /// What the second of two protocols means differently.
    changes in versions: fn(&str, &str) -> AnyView = list;
}

/// What the newer protocol means differently.
pub(crate) fn list(older: &str, newer: &str) -> AnyView {
    styles::adopt(include_str!("../styles/versions.css"));
    match compare(older, newer) {
        Ok(diff) if diff.is_empty() => view! { <p class="hint">{messages::same()}</p> }.into_any(),
        Ok(diff) => {
            let more = (diff.left_out > 0).then(|| {
                let count = usize::try_from(diff.left_out).unwrap_or_default();
                view! { <p class="hint">{messages::left_out(count)}</p> }
            });
            view! { <ul class="changes" inner_html=html(&diff)></ul> {more} }.into_any()
        }
        Err(Unreadable { is_older, .. }) => {
            let text = if is_older {
                messages::older_unreadable()
            } else {
                messages::newer_unreadable()
            };
            view! { <p class="hint">{text}</p> }.into_any()
        }
    }
}

fn html(diff: &Diff) -> String {
    let mut html = String::new();
    for change in &diff.changes {
        item(&mut html, change);
    }
    html
}

fn item(html: &mut String, change: &Change) {
    let (class, kind) = match change.kind {
        Kind::Added => ("added", messages::added()),
        Kind::Removed => ("removed", messages::removed()),
        Kind::Changed => ("changed", messages::changed()),
        Kind::Renamed => ("changed", messages::renamed()),
        Kind::Moved => ("changed", messages::moved()),
    };
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        r#"<li class="{class}"><p><span class="badge">{}</span> <b>{}"#,
        escaped(kind),
        escaped(name_of(change.subject))
    );
    if let Some(number_in_list) = change.number {
        let shown = number(usize::try_from(number_in_list).unwrap_or_default());
        let _ = write!(html, " {}", escaped(&shown));
    }
    html.push_str("</b>");
    for name in change.name.iter().chain(&change.of) {
        let _ = write!(html, r#" <code dir="auto">{}</code>"#, escaped(name));
    }
    if let Some(line) = change.line {
        let _ = write!(
            html,
            " {}",
            escaped(&messages::from_line(&line.to_string()))
        );
    }
    let sides = [("del", &change.before), ("ins", &change.after)];
    let is_long = sides.iter().any(|(_, side)| {
        side.as_ref()
            .is_some_and(|text| text.len() > 60 || text.contains('\n'))
    });
    if is_long {
        html.push_str("</p>");
        for (tag, side) in sides {
            if let Some(text) = side {
                let _ = write!(
                    html,
                    r#"<pre tabindex="0" dir="auto"><{tag}>{}</{tag}></pre>"#,
                    escaped(text)
                );
            }
        }
    } else {
        let mut arrow = "";
        for (tag, side) in sides {
            if let Some(text) = side {
                let _ = write!(
                    html,
                    r"{arrow} <{tag}><code>{}</code></{tag}>",
                    escaped(text)
                );
                arrow = " →";
            }
        }
        html.push_str("</p>");
    }
    html.push_str("</li>");
}

/// What the thing is called in the user's language.
fn name_of(subject: Subject) -> &'static str {
    match subject {
        Subject::JobName => subject::job_name(),
        Subject::Version => subject::version(),
        Subject::Contributor => subject::contributor(),
        Subject::Description => subject::description(),
        Subject::JobRetries => subject::job_retries(),
        Subject::Prerequisite => subject::prerequisite(),
        Subject::Image => subject::image(),
        Subject::Uri => subject::uri(),
        Subject::RegistryAuth => subject::registry_auth(),
        Subject::PrerequisiteSetting
        | Subject::TaskRoleSetting
        | Subject::DeploymentSetting
        | Subject::Default => subject::setting(),
        Subject::Parameter => subject::parameter(),
        Subject::Secret => subject::secret(),
        Subject::TaskRole => subject::task_role(),
        Subject::Instances => subject::instances(),
        Subject::Cpu => subject::cpu(),
        Subject::Memory => subject::memory(),
        Subject::Gpu => subject::gpu(),
        Subject::Port => subject::port(),
        Subject::SharedMemory => subject::shared_memory(),
        Subject::Command => subject::command(),
        Subject::Reference => subject::reference(),
        Subject::Completion => subject::completion(),
        Subject::TaskRetries => subject::task_retries(),
        Subject::Deployment => subject::deployment(),
        Subject::PreCommand => subject::pre_command(),
        Subject::PostCommand => subject::post_command(),
        Subject::DefaultDeployment => subject::default_deployment(),
        Subject::VirtualCluster => subject::virtual_cluster(),
        Subject::PriorityClass => subject::priority_class(),
        Subject::Sku => subject::sku(),
        Subject::Scheduling => subject::scheduling(),
        Subject::RuntimePlugin => subject::runtime_plugin(),
        Subject::Extra => subject::extra(),
        Subject::Other => subject::other(),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_change_is_told_with_both_values() {
        let older = "name: a\ntaskRoles:\n  main:\n    resourcePerInstance: {gpu: 1}\n    commands: [\"x <b>\"]\n";
        let newer = older.replace("gpu: 1", "gpu: 4").replace("x <b>", "y");
        let diff = compare(older, &newer).unwrap();
        assert_eq!(
            html(&diff),
            "<li class=\"changed\"><p><span class=\"badge\">Changed</span> <b>GPUs</b> <code dir=\"auto\">main</code> \
             <del><code>1</code></del> → <ins><code>4</code></ins></p></li>\
             <li class=\"changed\"><p><span class=\"badge\">Changed</span> <b>Command 1</b> <code dir=\"auto\">main</code> \
             <del><code>x &lt;b&gt;</code></del> → <ins><code>y</code></ins></p></li>"
        );
    }
}
