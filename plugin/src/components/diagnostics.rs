//! What the validator has to say.

use leptos::prelude::*;
use shared::protocol::{Code, Diagnostic, Position, Severity};

use super::button::button;
use crate::messages;
use crate::route::Route;

/// A long list of findings helps nobody: the first ones explain the rest.
const SHOWN: usize = 50;

/// How many of the findings are so bad.
pub(crate) fn number(found: &[Diagnostic], severity: Severity) -> usize {
    found
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
}

/// What mends a finding.
pub(crate) type Mend = Callback<Diagnostic>;

/// The findings, each a button that leads to its place; secrets have one beside it that
/// moves them, where OpenPAI would fill them in and there is something to `mend`, and lead to where one sees whether jobs
/// have shown some already.
pub(crate) fn diagnostics(
    found: &[Diagnostic],
    go: impl Fn(Position) + Copy + 'static,
    mend: Option<Mend>,
) -> AnyView {
    if found.is_empty() {
        return ().into_any();
    }
    let lines = found.iter().take(SHOWN).map(|finding| {
        let (word, class) = match finding.severity {
            Severity::Error => (messages::editor::error_at(), "error"),
            Severity::Warning => (messages::editor::warning_at(), "warning"),
        };
        let start = finding.start;
        let place = messages::editor::place(&start.line.to_string(), &start.column.to_string());
        let text = view! {
            <span class="sr">{word}</span>
            <span class="place">{place}</span>
            {finding.message.clone()}
        };
        let mend = mend.filter(|_| finding.offers_move()).map(|mend| {
            let finding = finding.clone();
            button("button", messages::editor::move_secret(), move || mend.run(finding.clone()))
        });
        view! { <li class=class><button type="button" on:click=move |_| go(start)>{text}</button>{mend}</li> }
    });
    let rest = found.len().saturating_sub(SHOWN);
    let rest = (rest > 0).then(|| view! { <li>{messages::editor::more_findings(rest)}</li> });
    let is_secret = |finding: &Diagnostic| {
        finding.code.starts_with("secret-") || finding.code == Code::ExposedSecrets.as_str()
    };
    let jobs = found.iter().any(is_secret).then(|| {
        view! { <p class="hint">{messages::editor::shown_before()} " " <a href=Route::CheckJobs.hash()>{messages::jobs::title()}</a></p> }
    });
    view! { <ul class="diagnostics">{lines.collect_view()} {rest}</ul> {jobs} }.into_any()
}
