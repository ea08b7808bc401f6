//! What can be done with texts that are shown as HTML: links within them, code to
//! copy, names that tell what they stand for, blocks that fold.

use std::cell::Cell;

use leptos::html;
use leptos::prelude::*;
use shared::javascript;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent, NodeList};

use crate::components::code::copy;
use crate::components::toast::Toasts;
use crate::messages::reader as messages;
use crate::styles;

thread_local! {
    /// A page has several texts, each with a tip of its own.
    static TIPS: Cell<u32> = const { Cell::new(0) };
}

/// Shows `html`, which is safe.
pub(super) fn view(class: &'static str, html: String) -> AnyView {
    styles::adopt(include_str!("../../styles/reader.css"));
    let toasts = Toasts::current();
    let number = TIPS.replace(TIPS.get() + 1);
    let tip = Tip(NodeRef::new(), number);
    let over = move |event: Event| tip.follow(&event);
    let out = move |event: web_sys::MouseEvent| {
        let into_tip = element(event.related_target()).is_some_and(|to| to.id() == tip.id());
        if !into_tip {
            tip.hide();
        }
    };
    let clicked = move |event: web_sys::MouseEvent| {
        tip.follow(&event);
        follow_anchor(&event);
        fold_all(&event);
        if let Some(code) = at(&event, "button.copy").and_then(|at| at.next_element_sibling()) {
            copy(
                code.text_content().unwrap_or_default(),
                messages::code_copied(),
                toasts,
            );
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            tip.hide();
        }
        step(&event);
    };
    view! {
        <div
            class=class
            inner_html=html
            on:click=clicked
            on:keydown=key
            on:mouseover=move |event| over(event.into())
            on:mouseout=out
            on:focusin=move |event| over(event.into())
            on:focusout=move |_| tip.hide()
        ></div>
        <div class="tip" id=tip.id() role="tooltip" popover="manual" dir="auto" node_ref=tip.0 on:mouseleave=move |_| tip.hide()></div>
    }
    .into_any()
}

fn element(target: Option<EventTarget>) -> Option<Element> {
    target?.dyn_into().ok()
}

/// What matches around the place of an event.
fn at(event: &Event, selector: &str) -> Option<Element> {
    element(event.target())?.closest(selector).ok()?
}

/// All that matches within what the event was heard on.
fn all(event: &Event, selector: &str) -> impl Iterator<Item = HtmlElement> {
    let found: Option<NodeList> =
        element(event.current_target()).and_then(|around| around.query_selector_all(selector).ok());
    let nodes = (0..found.as_ref().map_or(0, NodeList::length))
        .filter_map(move |index| found.as_ref()?.item(index));
    nodes.map(JsCast::unchecked_into)
}

/// What shows beside a name.
#[derive(Clone, Copy)]
struct Tip(NodeRef<html::Div>, u32);

impl Tip {
    fn id(self) -> String {
        format!("tip-{}", self.1)
    }

    /// Shows what the name at the place of an event stands for, if there is one.
    fn follow(self, event: &Event) {
        let Some(name) = at(event, ".ref") else {
            return;
        };
        let (Some(tip), Some(text)) = (self.0.get_untracked(), name.get_attribute("data-tip"))
        else {
            return;
        };
        let tip_id = self.id();
        tip.set_text_content(Some(&text));
        let _ = name.set_attribute("aria-describedby", &tip_id);
        // It fails only when the tip shows already.
        let _ = tip.show_popover();
        let place = name.get_bounding_client_rect();
        let size = tip.get_bounding_client_rect();
        let wide = window().inner_width().ok().and_then(|width| width.as_f64());
        let high = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64());
        let (wide, high) = (wide.unwrap_or_default(), high.unwrap_or_default());
        let left = place.left().min(wide - size.width()).max(0.0);
        let below = place.bottom() + size.height() <= high;
        let top = if below {
            place.bottom()
        } else {
            (place.top() - size.height()).max(0.0)
        };
        let style = HtmlElement::style(&tip);
        let _ = style.set_property("left", &format!("{}px", javascript::text(left)));
        let _ = style.set_property("top", &format!("{}px", javascript::text(top)));
    }

    fn hide(self) {
        if let Some(tip) = self.0.get_untracked() {
            // It fails only when the tip is hidden already.
            let _ = tip.hide_popover();
        }
    }
}

/// Goes to the place that a link names, if it is such a link.
fn follow_anchor(event: &Event) {
    let link = at(event, "a[data-anchor]");
    let Some(anchor) = link.and_then(|link| link.get_attribute("data-anchor")) else {
        return;
    };
    event.prevent_default();
    if let Some(place) = all(event, "[id]").find(|place| place.id() == anchor) {
        place.scroll_into_view();
        let _ = place.focus();
    }
}

fn fold_all(event: &Event) {
    let what = at(event, "[data-fold]").and_then(|at| at.get_attribute("data-fold"));
    if let Some(what) = what {
        for block in all(event, ".source details") {
            let _ = block.toggle_attribute_with_force("open", what == "open");
        }
    }
}

/// From one block that folds to another by arrows, as in a tree.
fn step(event: &KeyboardEvent) {
    let Some(here) = at(event, "summary.line") else {
        return;
    };
    let block = here.parent_element();
    match event.key().as_str() {
        key @ ("ArrowLeft" | "ArrowRight") => {
            if let Some(block) = block {
                let _ = block.toggle_attribute_with_force("open", key == "ArrowRight");
            }
        }
        key @ ("ArrowUp" | "ArrowDown") => {
            let shows = |line: &HtmlElement| {
                let around = line
                    .parent_element()
                    .and_then(|block| block.parent_element());
                let closed =
                    around.and_then(|around| around.closest("details:not([open])").ok()?);
                closed.is_none()
            };
            let lines: Vec<_> = all(event, "summary.line").filter(shows).collect();
            let now = lines.iter().position(|line| here == **line);
            let next = now.and_then(|now| {
                let next = if key == "ArrowDown" {
                    now + 1
                } else {
                    now.checked_sub(1)?
                };
                lines.get(next)
            });
            if let Some(next) = next {
                let _ = here.set_attribute("tabindex", "-1");
                next.set_tab_index(0);
                let _ = next.focus();
            }
        }
        _ => return,
    }
    event.prevent_default();
}
