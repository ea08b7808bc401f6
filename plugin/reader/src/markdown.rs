//! Descriptions are markdown written by other users, so what they may contain
//! is decided here: no raw HTML, no script, no request to another host.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Renders markdown as HTML that is safe to put into the page: raw HTML shows
/// as text, links lead to `http`, `https` and `mailto` only, and a picture
/// becomes a link to it, because loading it would tell its host who reads.
/// Headings move one level down, below the title of the page.
pub(crate) fn to_html(markdown: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    // Whether each open link was let through: pictures in a link nest.
    let mut open = Vec::new();
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            let nested = open.contains(&true);
            let allowed = !nested && is_allowed(&dest_url);
            open.push(allowed);
            if allowed {
                raw(&opening(&dest_url))
            } else {
                raw("")
            }
        }
        Event::End(TagEnd::Link | TagEnd::Image) => {
            raw(if open.pop() == Some(true) { "</a>" } else { "" })
        }
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: lower(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    page
}

fn raw(html: &str) -> Event<'static> {
    Event::InlineHtml(CowStr::from(html.to_owned()))
}

fn opening(address: &str) -> String {
    let mut escaped = String::new();
    // Writing to a string cannot fail.
    let _ = pulldown_cmark_escape::escape_href(&mut escaped, address);
    format!(r#"<a href="{escaped}" rel="noopener noreferrer nofollow" target="_blank">"#)
}

fn is_allowed(address: &str) -> bool {
    let scheme = address
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "mailto"))
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn raw_html_is_text() {
        let html = to_html("a <script>alert(1)</script>\n\n<img src=x onerror=y>\n");
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
        assert!(
            html.contains("&lt;script&gt;") && html.contains("&lt;img"),
            "{html}"
        );
    }

    #[wasm_bindgen_test]
    fn links_lead_to_the_web_and_to_mail_only() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "/login.html",
            "#x",
            "vbscript:x",
            "java&#x0A;script:x",
        ] {
            let html = to_html(&format!("[text]({bad}) ![alt]({bad})"));
            assert!(!html.contains("href") && html.contains("text"), "{html}");
        }
        for good in [
            "http://a.example/?x=1",
            "https://a.example",
            "HTTPS://a.example",
            "mailto:a@b.example",
        ] {
            let html = to_html(&format!("[text]({good})"));
            assert!(
                html.contains(&format!(r#"href="{good}" rel="noopener"#)[..20]),
                "{html}"
            );
        }
    }

    #[wasm_bindgen_test]
    fn an_address_cannot_leave_its_attribute() {
        let html = to_html("[x](<https://a.example/\"onclick=alert(1)>)");
        assert!(!html.contains("\"onclick"), "{html}");
    }

    #[wasm_bindgen_test]
    fn a_picture_is_a_link_to_it() {
        let html = to_html("![a plot](https://a.example/p.png)");
        assert!(
            html.contains(r#"href="https://a.example/p.png""#) && html.contains(">a plot</a>"),
            "{html}"
        );
        let html = to_html("[![badge](https://a.example/b.svg)](https://a.example/ci)");
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert_eq!(html.matches("</a>").count(), 1, "{html}");
        assert!(html.contains(r#"href="https://a.example/ci""#), "{html}");
    }

    #[wasm_bindgen_test]
    fn tables_and_code_are_rendered_and_headings_lowered() {
        let html = to_html("# Title\n\n|a|b|\n|-|-|\n|1|2|\n\n```yaml\nx: <y>\n```\n");
        assert!(html.contains("<h2>Title</h2>"), "{html}");
        assert!(
            html.contains("<table>") && html.contains("<td>1</td>"),
            "{html}"
        );
        assert!(html.contains("x: &lt;y&gt;"), "{html}");
    }
}
