//! A text area for a protocol, with line numbers, marks on the lines that
//! have findings, and the findings below.

use leptos::html;
use leptos::prelude::*;
use shared::protocol::{Diagnostic, Position, Severity};

use super::diagnostics::{diagnostics, number};
use super::live::live;
use crate::load::Load;
use crate::messages;
use crate::text::utf16_offset;

/// The least number of lines that the editor has room for.
const LEAST_LINES: usize = 16;

/// The editor. Tab leaves it, as it leaves any field: nobody is trapped.
pub(crate) fn editor(
    id: &'static str,
    text: Memo<String>,
    found: RwSignal<Load<Vec<Diagnostic>>>,
    typed: impl Fn(String) + 'static,
) -> AnyView {
    let area = NodeRef::<html::Textarea>::new();
    let line_count = Memo::new(move |_| text.with(|text| text.matches('\n').count() + 1));
    let numbers = move || {
        (1..=line_count.get())
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let go = move |position: Position| {
        let Some(area) = area.get_untracked() else {
            return;
        };
        let offset = text.with_untracked(|text| utf16_offset(text, position));
        let _ = area.set_selection_range(offset, offset);
        let _ = area.focus();
    };
    let verdict = move || {
        if text.with(String::is_empty) {
            return messages::editor::empty().to_owned();
        }
        let found = found.read();
        let all = match &*found {
            Load::Loading => return messages::editor::checking().to_owned(),
            Load::Failed(reason) => return messages::editor::not_checked(&reason.text),
            Load::Ready(all) => all,
        };
        let refusals = all.iter().filter(|finding| finding.is_refusal()).count();
        if refusals > 0 {
            return messages::editor::to_mend(refusals);
        }
        match (number(all, Severity::Error), number(all, Severity::Warning)) {
            (0, 0) => messages::editor::valid().to_owned(),
            (0, warnings) => messages::editor::valid_with(warnings),
            (errors, _) => messages::editor::taken_but(errors),
        }
    };
    let wrong = move || {
        found
            .read()
            .ready()
            .is_some_and(|all| number(all, Severity::Error) > 0)
    };
    view! {
        <div class="editor">
            <div class="gutter" aria-hidden="true">
                <pre>{live(numbers)}</pre>
                {live(move || found.read().ready().map(|all| marks(all)))}
            </div>
            <textarea
                id=id
                node_ref=area
                wrap="off"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                rows=Signal::derive(move || (line_count.get().max(LEAST_LINES) + 1).to_string())
                placeholder="protocolVersion: 2\nname: my-job\ntype: job\n…"
                aria-describedby="editor-verdict"
                aria-invalid=Signal::derive(move || wrong().to_string())
                prop:value=Signal::derive(move || text.get())
                on:input=move |event| typed(event_target_value(&event))
            ></textarea>
        </div>
        <div class="findings">
            <p id="editor-verdict" class="verdict" class:error=Signal::derive(wrong) aria-live="polite">{live(verdict)}</p>
            {live(move || found.read().ready().map(|all| diagnostics(all, go)))}
        </div>
    }
    .into_any()
}

fn marks(found: &[Diagnostic]) -> AnyView {
    let mark = |finding: &Diagnostic| {
        let class = match finding.severity {
            Severity::Error => "mark error",
            Severity::Warning => "mark warning",
        };
        let line = format!("--line:{}", finding.start.line);
        view! { <span class=class style=line title=finding.message.clone()></span> }
    };
    found.iter().map(mark).collect_view().into_any()
}
