//! Two texts line by line.

use std::fmt::Write as _;

use leptos::prelude::*;
use shared::diff::{Line, lines};

use crate::messages::versions as messages;
use crate::text::escaped;

/// Lines that stand around those that differ.
const CONTEXT: usize = 3;

/// What of two texts differs; nothing if they are the same.
pub(super) fn view(older: &str, newer: &str) -> AnyView {
    let lines = lines(older, newer, CONTEXT);
    if lines.is_empty() {
        return ().into_any();
    }
    view! {
        <h3 id="lines-title">{messages::lines()}</h3>
        <pre class="lines" tabindex="0" aria-labelledby="lines-title" inner_html=html(&lines)></pre>
    }
    .into_any()
}

fn html(lines: &[Line<'_>]) -> String {
    let mut html = String::new();
    for line in lines {
        // Each is a block; writing to a string cannot fail.
        let _ = match line {
            Line::Same(text) => write!(html, "<span>  {}</span>", escaped(text)),
            Line::Removed(text) => write!(html, "<del>- {}</del>", escaped(text)),
            Line::Added(text) => write!(html, "<ins>+ {}</ins>", escaped(text)),
            Line::Gap(count) => write!(html, "<i>{}</i>", escaped(&messages::gap(*count))),
        };
    }
    html
}
