//! A text area for a protocol, with line numbers, marks on the lines that
//! have findings, and the findings below.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use shared::protocol::{Diagnostic, Position, Severity};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlTextAreaElement};

use super::diagnostics::{Mend, diagnostics, number};
use super::live::live;
use crate::load::Load;
use crate::messages;
use crate::text::utf16_offset;

/// The least number of lines that the editor has room for.
const LEAST_LINES: usize = 16;

/// What Tab writes.
const INDENT: &str = "  ";

/// The editor, where `mend` moves a secret away. Tab indents; Escape leads out, to the findings below, so that nobody is
/// trapped.
pub(crate) fn editor(
    id: &'static str,
    text: Memo<String>,
    found: RwSignal<Load<Vec<Diagnostic>>>,
    typed: impl Fn(String) + 'static,
    mend: Mend,
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
    let below = NodeRef::<html::P>::new();
    let pressed = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "Tab" => {
                if let Some(area) = area.get_untracked() {
                    event.prevent_default();
                    indent(&area, event.shift_key());
                }
            }
            "Escape" => {
                if let Some(below) = below.get_untracked() {
                    let _ = below.focus();
                }
            }
            _ => {}
        }
    };
    let said = move || verdict(&found.read(), text.with(String::is_empty));
    let wrong = move || is_wrong(&found.read());
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
                aria-describedby="editor-keys editor-verdict"
                aria-invalid=Signal::derive(move || wrong().to_string())
                prop:value=Signal::derive(move || text.get())
                on:input=move |event| typed(event_target_value(&event))
                on:keydown=pressed
            ></textarea>
        </div>
        <div class="findings">
            <p id="editor-keys" class="hint">{messages::editor::keys()}</p>
            <p id="editor-verdict" node_ref=below tabindex="-1" class="verdict" class:error=Signal::derive(wrong) aria-live="polite">{live(said)}</p>
            {live(move || found.read().ready().map(|all| diagnostics(all, go, Some(mend))))}
        </div>
    }
    .into_any()
}

/// What there is to say of a protocol that was checked.
pub(crate) fn verdict(found: &Load<Vec<Diagnostic>>, is_empty: bool) -> String {
    if is_empty {
        return messages::editor::empty().to_owned();
    }
    let all = match found {
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
}

/// Whether something is wrong with it.
pub(crate) fn is_wrong(found: &Load<Vec<Diagnostic>>) -> bool {
    let all = found.ready();
    all.is_some_and(|all| number(all, Severity::Error) > 0)
}

/// Writes an indentation where the caret is; with several lines selected, or `back`, moves
/// whole lines. As if it were typed, so that it can be undone.
fn indent(area: &HtmlTextAreaElement, back: bool) {
    let document = document().unchecked_into::<HtmlDocument>();
    let write = |text: &str| {
        let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
    };
    let place = |at: Option<u32>| at.unwrap_or_default() as usize;
    let start = place(area.selection_start().ok().flatten());
    let end = place(area.selection_end().ok().flatten());
    let units: Vec<u16> = area.value().encode_utf16().collect();
    let (start, end) = (start.min(units.len()), end.min(units.len()));
    let newline = u16::from(b'\n');
    if !back && !units[start..end].contains(&newline) {
        return write(INDENT);
    }
    let begin = units[..start]
        .iter()
        .rposition(|&unit| unit == newline)
        .map_or(0, |at| at + 1);
    let finish = units[end..]
        .iter()
        .position(|&unit| unit == newline)
        .map_or(units.len(), |at| end + at);
    let lines = String::from_utf16_lossy(&units[begin..finish]);
    let moved = moved(&lines, back);
    if moved == lines {
        return;
    }
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let _ = area.set_selection_range(number(begin), number(finish));
    write(&moved);
    let after = begin + moved.encode_utf16().count();
    let is_caret = start == end;
    let (from, to) = if is_caret {
        let caret = (after + start).saturating_sub(finish).max(begin);
        (caret, caret)
    } else {
        (begin, after)
    };
    let _ = area.set_selection_range(number(from), number(to));
}

/// Lines with an indentation more, or `back`, one less.
fn moved(lines: &str, back: bool) -> String {
    let line = |line: &str| {
        if back {
            let blanks = line.len() - line.trim_start_matches(' ').len();
            line[blanks.min(INDENT.len())..].to_owned()
        } else if line.is_empty() {
            String::new()
        } else {
            format!("{INDENT}{line}")
        }
    };
    lines.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn marks(found: &[Diagnostic]) -> AnyView {
    let mark = |finding: &Diagnostic| {
        let class = match finding.severity {
            Severity::Error => "mark error",
            Severity::Warning => "mark warning",
        };
        let line = finding.start.line.to_string();
        view! { <span class=class style=("--line", line) title=finding.message.clone()></span> }
    };
    found.iter().map(mark).collect_view().into_any()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::moved;

    #[wasm_bindgen_test]
    fn lines_move_by_two_blanks() {
        assert_eq!(moved("a\n\n b", false), "  a\n\n   b");
        assert_eq!(moved("   a\n b\nc", true), " a\nb\nc");
    }
}
