//! Where the page is scrolled to. The portal decides which of the elements
//! around the plugin scrolls, so all of them are asked.

use std::cell::Cell;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node, ShadowRoot};

/// The scrolling around the plugin's main part.
#[derive(Clone, Copy)]
pub(crate) struct Scroll(NodeRef<html::Main>);

impl Scroll {
    /// Scrolls around this node.
    pub(crate) fn around(main: NodeRef<html::Main>) -> Self {
        Self(main)
    }

    /// The scrolling of the page that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// How far down the page is, in pixels.
    pub(crate) fn get(self) -> i32 {
        self.ancestors().map(|element| element.scroll_top()).sum()
    }

    /// Goes to where [`Scroll::get`] was, once the page has been built.
    pub(crate) fn restore(self, position: i32) {
        Effect::new(move |_| {
            self.top();
            for element in self.ancestors() {
                element.set_scroll_top(position);
                if element.scroll_top() > 0 {
                    break;
                }
            }
        });
    }

    /// Gives the focus to what the selector finds; whether it finds something.
    pub(crate) fn focus_now(self, selector: &str) -> bool {
        let main = self.0.try_get_untracked().flatten();
        let found = main.and_then(|main| main.query_selector(selector).ok()?);
        let found = found.and_then(|found| found.dyn_into::<HtmlElement>().ok());
        found.is_some_and(|found| found.focus().is_ok())
    }

    /// The same, once the page has been built.
    pub(crate) fn focus(self, selector: String) {
        request_animation_frame(move || {
            self.focus_now(&selector);
        });
    }

    /// Gives the focus, if it got lost because what had it is gone, to what the selector
    /// finds, or else to the main part.
    pub(crate) fn keep_focus(self, selector: &'static str) {
        request_animation_frame(move || {
            if self.is_lost() && !self.focus_now(selector) {
                self.focus_main();
            }
        });
    }

    /// The same each time that something has been loaded again: what had the focus may have
    /// been a part of what showed before.
    pub(crate) fn keep_focus_over(
        self,
        is_loading: impl Fn() -> bool + 'static,
        selector: &'static str,
    ) {
        let is_loading: Box<dyn Fn() -> bool> = Box::new(is_loading);
        let is_there = Cell::new(false);
        Effect::new(move |former: Option<bool>| {
            let is_loading = is_loading();
            if former == Some(true) && !is_loading && is_there.replace(true) {
                self.keep_focus(selector);
            }
            is_loading
        });
    }

    /// Gives the focus, if it got lost, to this element, or else to the main part.
    pub(crate) fn back_to(self, element: Option<HtmlElement>) {
        request_animation_frame(move || {
            if self.is_lost() && !element.is_some_and(|it| it.is_connected() && it.focus().is_ok())
            {
                self.focus_main();
            }
        });
    }

    /// Goes to the top.
    pub(crate) fn top(self) {
        for element in self.ancestors() {
            element.set_scroll_top(0);
        }
    }

    /// Whether nothing has the focus. The portal's own fields are none of ours.
    fn is_lost(self) -> bool {
        let Some(main) = self.0.try_get_untracked().flatten() else {
            return false;
        };
        let root = main.get_root_node().dyn_into::<ShadowRoot>();
        let document = document();
        root.is_ok_and(|root| root.active_element().is_none())
            && document.active_element() == document.body().map(Into::into)
    }

    fn focus_main(self) {
        if let Some(main) = self.0.try_get_untracked().flatten() {
            let _ = main.focus();
        }
    }

    fn ancestors(self) -> impl Iterator<Item = Element> {
        let main = self
            .0
            .get_untracked()
            .map(|main| -> Element { main.unchecked_into() });
        std::iter::successors(main, parent)
    }
}

fn parent(element: &Element) -> Option<Element> {
    let parent: Node = element.parent_node()?;
    match parent.dyn_into::<ShadowRoot>() {
        Ok(shadow) => Some(shadow.host()),
        Err(parent) => parent.dyn_into().ok(),
    }
}
