//! The title of the document: the portal's, with the place in the marketplace before it.
//! The main part of the page is called the same.

use std::cell::RefCell;

use leptos::html;
use leptos::prelude::*;

thread_local! {
    /// The portal's own title, and how many elements of the plugin have changed it.
    static PORTAL: RefCell<(String, usize)> = const { RefCell::new((String::new(), 0)) };
}

/// What the page that shows is called.
#[derive(Clone, Copy)]
pub(crate) struct Title(NodeRef<html::Main>);

impl Title {
    /// Names this part of the page and the document, until the app that is being built
    /// goes.
    pub(crate) fn of(main: NodeRef<html::Main>) -> Self {
        PORTAL.with_borrow_mut(|(title, elements)| {
            if *elements == 0 {
                *title = document().title();
            }
            *elements += 1;
        });
        on_cleanup(|| {
            PORTAL.with_borrow_mut(|(title, elements)| {
                *elements -= 1;
                if *elements == 0 {
                    document().set_title(title);
                }
            });
        });
        Self(main)
    }

    /// That of the app that is being built.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Names the page.
    pub(crate) fn set(self, page: &str) {
        PORTAL.with_borrow(|(title, _)| {
            document().set_title(&[page, " · ", title.as_str()].concat());
        });
        if let Some(main) = self.0.get_untracked() {
            // It fails only for names that are none of HTML's.
            let _ = main.set_attribute("aria-label", page);
        }
    }
}
