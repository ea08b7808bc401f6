//! The item was changed by somebody else: what differs, and whose is kept.

use std::rc::Rc;

use leptos::prelude::*;

use super::State;
use super::notice::Notice;
use crate::changes;
use crate::chunks::show;
use crate::components::button::button;
use crate::draft::{Draft, Field, Version};
use crate::messages;

/// What becomes of a field that both have changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Mine,
    Theirs,
}

/// What the user has chosen.
#[derive(Clone, Copy)]
struct Chosen(RwSignal<Vec<(Field, Choice)>>);

impl Chosen {
    fn is(self, field: Field, choice: Choice) -> bool {
        self.0.read().contains(&(field, choice))
    }

    fn choose(self, field: Field, choice: Choice) {
        self.0.update(|fields| {
            let known = fields.iter_mut().filter(|known| known.0 == field);
            known.for_each(|known| known.1 = choice);
        });
    }

    /// Does to a draft, which has the user's side of all fields, what is chosen.
    fn apply(self, draft: &mut Draft, theirs: &Draft) {
        for (field, choice) in self.0.get_untracked() {
            if choice == Choice::Theirs {
                draft.copy(field, theirs);
            }
        }
    }
}

/// Shows the fields that somebody else has changed, side by side with the
/// form's, and lets the user choose. The form is hidden meanwhile.
pub(super) fn conflict(state: State, theirs: Version, save: Rc<dyn Fn()>) -> AnyView {
    let mine = state.draft.get_untracked();
    let base = state.base();
    let fields = mine.conflicts(&base, &theirs.content);
    let changed = |field: Field| mine.differs(field, &base);
    let both = fields.iter().copied().filter(|&field| changed(field));
    let chosen = Chosen(RwSignal::new(
        both.map(|field| (field, Choice::Mine)).collect(),
    ));
    let rows = fields.iter().map(|&field| {
        let chosen = changed(field).then_some(chosen);
        let meaning = (field == Field::Protocol).then(|| {
            let older = base.protocol.clone();
            meaning(older, theirs.content.protocol.clone())
        });
        row(field, &mine, &theirs.content, chosen, meaning)
    });
    let rows = rows.collect_view();
    let merged = mine.merged(&base, &theirs.content);
    let settle = Rc::new({
        let theirs = theirs.clone();
        move |draft: Draft, notice: Option<Notice>| {
            state.version.set(Some(theirs.clone()));
            state.draft.set(draft);
            state.notice.set(notice);
            state.conflict.set(None);
        }
    });
    let keep = {
        let (settle, merged, theirs) = (settle.clone(), merged.clone(), theirs.clone());
        move || {
            let mut draft = merged.clone();
            chosen.apply(&mut draft, &theirs.content);
            settle(draft, None);
        }
    };
    let keep_and_save = {
        let keep = keep.clone();
        move || {
            keep();
            save();
        }
    };
    let keep_and_edit = move || {
        keep();
        state.focus("submit");
    };
    let take = move || {
        let notice = Notice {
            text: messages::conflict::taken(),
            action: messages::conflict::bring_back(),
            draft: merged.clone(),
            attempt: None,
            only: None,
            discards: false,
        };
        settle(theirs.content.clone(), Some(notice));
        state.focus("notice");
    };
    view! {
        <section class="conflict" id="conflict" tabindex="-1" aria-labelledby="conflict-title">
            <h2 id="conflict-title">{messages::conflict::title()}</h2>
            <p>{messages::conflict::text()}</p>
            {rows}
            <div class="actions">
                {button("button primary", messages::conflict::keep_and_save(), keep_and_save)}
                {button("button", messages::conflict::keep_and_edit(), keep_and_edit)}
                {button("button", messages::conflict::take(), take)}
            </div>
        </section>
    }
    .into_any()
}

/// What somebody else has changed in the protocol, in words.
fn meaning(older: String, newer: String) -> AnyView {
    view! {
        <h4>{messages::conflict::meaning()}</h4>
        {show(changes::changes, move |list| list(&older, &newer))}
    }
    .into_any()
}

/// A field. If the user has changed it too, they choose.
fn row(
    field: Field,
    mine: &Draft,
    theirs: &Draft,
    chosen: Option<Chosen>,
    meaning: Option<AnyView>,
) -> AnyView {
    let [mine, theirs] = differing(&mine.shown(field), &theirs.shown(field));
    let side = |name: &'static str, text: String| {
        let text = if text.is_empty() {
            messages::conflict::empty().into()
        } else {
            text
        };
        let label = messages::conflict::side(field.label(), name);
        view! {
            <div>
                <h4>{name}</h4>
                <pre tabindex="0" dir="auto" aria-label=label>{text}</pre>
            </div>
        }
    };
    let (name, below) = if let Some(chosen) = chosen {
        (messages::conflict::mine(), choices(field, chosen))
    } else {
        let hint = view! { <p class="hint">{messages::conflict::unchanged()}</p> };
        (messages::conflict::before(), hint.into_any())
    };
    view! {
        <section>
            <h3>{field.label()}</h3>
            <div class="sides">{side(name, mine)} {side(messages::conflict::theirs(), theirs)}</div>
            {meaning}
            {below}
        </section>
    }
    .into_any()
}

fn choices(field: Field, chosen: Chosen) -> AnyView {
    let choice = move |choice, name: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=format!("keep-{}", field.id())
                    prop:checked=Signal::derive(move || chosen.is(field, choice))
                    on:change=move |_| chosen.choose(field, choice)
                />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <div class="choices" role="radiogroup" aria-label=field.label()>
            {choice(Choice::Mine, messages::conflict::choose_mine())}
            {choice(Choice::Theirs, messages::conflict::choose_theirs())}
        </div>
    }
    .into_any()
}

/// The part of two texts in which they differ, with a line before and after.
fn differing(mine: &str, theirs: &str) -> [String; 2] {
    let lines = [mine, theirs].map(|text| text.lines().collect::<Vec<_>>());
    let [a, b] = &lines;
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = a.iter().zip(b).take_while(same).count();
    let room = a.len().min(b.len()) - head;
    let ends = a.iter().rev().zip(b.iter().rev());
    let tail = ends.take(room).take_while(same).count();
    lines.map(|lines| {
        let (start, end) = (head.saturating_sub(1), lines.len() - tail.saturating_sub(1));
        let before = if start > 0 { "…\n" } else { "" };
        let after = if end < lines.len() { "\n…" } else { "" };
        format!("{before}{}{after}", lines[start..end].join("\n"))
    })
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::differing;

    #[wasm_bindgen_test]
    fn of_long_texts_only_what_differs_shows() {
        let both = |mine: &str, theirs: &str| differing(mine, theirs).join(" | ");
        assert_eq!(both("a", "b"), "a | b");
        assert_eq!(both("", "b\nc"), " | b\nc");
        assert_eq!(
            both("1\n2\n3\n4\n5\n6", "1\n2\nx\n4\n5\n6"),
            "…\n2\n3\n4\n… | …\n2\nx\n4\n…"
        );
        assert_eq!(both("1\n1", "1\n1\n1"), "…\n1 | …\n1\n1");
    }
}
