//! Bits of HTML: everything in it that somebody wrote passes [`text`].

use pulldown_cmark_escape::{escape_href, escape_html};

/// A text of anybody's, fit for the inside of an element or an attribute.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_text(&mut escaped, text);
    escaped
}

/// The same, at the end of `html`.
pub(super) fn push_text(html: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = escape_html(&mut *html, text);
}

/// An address, fit for `href` and `src`.
pub(super) fn address(address: &str) -> String {
    let mut escaped = String::with_capacity(address.len());
    // Writing to a string cannot fail.
    let _ = escape_href(&mut escaped, address);
    escaped
}

/// The tag that opens a link to another site, which learns nothing of this one.
pub(super) fn opening(to: &str) -> String {
    format!(
        r#"<a href="{}" rel="noopener noreferrer nofollow" target="_blank">"#,
        address(to)
    )
}

/// A text that may be a web address: then it is a link, else code.
pub(super) fn link(to: &str) -> String {
    let shown = text(to);
    if to.starts_with("https://") || to.starts_with("http://") {
        format!("{}{shown}</a>", opening(to))
    } else if to.is_empty() {
        String::new()
    } else {
        format!("<code>{shown}</code>")
    }
}
