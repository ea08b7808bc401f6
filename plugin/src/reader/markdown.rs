//! Descriptions are markdown written by other users, so what they may contain
//! is decided here: no raw HTML, no script, no request to another host.

use std::collections::BTreeMap;

use pulldown_cmark::{
    CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};
use pulldown_cmark_escape::{escape_href, escape_html};

/// What the ids of headings begin with: the page has ids of its own.
const ANCHOR: &str = "md-";

/// What ends an address without blanks around it, in any script.
const NOT_IN_ADDRESS: &str = "<>\"`，。、；：？！（）【】《》「」『』“”‘’";

/// Renders markdown as HTML that is safe to put into the page: raw HTML shows
/// as text, its comments not at all, links lead to `http`, `https` and `mailto`
/// only, and a picture becomes a link to it, because loading it would tell its
/// host who reads. A bare web address is a link too. Headings move one level
/// down, below the title of the page. A link to one of them leads to `here`,
/// the page's own address, and names the id of the heading in `data-anchor`:
/// the hash of the address is not free for it.
pub(crate) fn to_html(markdown: &str, here: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events: Vec<_> = TextMergeStream::new(Parser::new_ext(markdown, options)).collect();
    let anchors = anchors(&events);
    let mut headings = anchors.iter();
    let mut page = Vec::with_capacity(events.len());
    // Whether each open link was let through: pictures in a link nest.
    let mut open = Vec::new();
    let mut in_code = false;
    let mut in_comment = false;
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => {
                push_text(
                    &mut page,
                    &without_comments(raw, &mut in_comment),
                    open.is_empty(),
                );
            }
            Event::Text(text) => push_text(&mut page, text, open.is_empty() && !in_code),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let nested = open.contains(&true);
                let tag = opening(dest_url, here, &anchors).filter(|_| !nested);
                open.push(tag.is_some());
                page.extend(tag.map(raw));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if open.pop() == Some(true) {
                    page.push(raw("</a>".into()));
                }
            }
            Event::Start(Tag::Heading { level, .. }) => {
                page.push(Event::Start(Tag::Heading {
                    level: lower(*level),
                    id: headings.next().map(|anchor| anchor.as_str().into()),
                    classes: Vec::new(),
                    // Whoever comes by a link goes on reading there.
                    attrs: vec![("tabindex".into(), Some("-1".into()))],
                }));
            }
            Event::End(TagEnd::Heading(level)) => {
                page.push(Event::End(TagEnd::Heading(lower(*level))));
            }
            Event::TaskListMarker(done) => page.push(raw(task(*done, &events[index + 1..]))),
            Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::CodeBlock) => {
                in_code = !in_code;
                page.push(event.clone());
            }
            Event::End(TagEnd::HtmlBlock) => {
                in_comment = false;
                page.push(event.clone());
            }
            _ => page.push(event.clone()),
        }
    }
    let mut text = String::new();
    html::push_html(&mut text, page.into_iter());
    // The columns of tables are the one thing that comes with inline styles, which a strict
    // security policy forbids. In people's own texts quotes are escaped.
    for side in ["left", "center", "right"] {
        text = text.replace(
            &format!(r#" style="text-align: {side}""#),
            &format!(r#" class="align-{side}""#),
        );
    }
    text
}

fn raw(html: String) -> Event<'static> {
    Event::InlineHtml(CowStr::from(html))
}

/// The ids of the headings, in their order: each once, as people know them
/// from other sites that show markdown.
fn anchors(events: &[Event<'_>]) -> Vec<String> {
    let mut anchors = Vec::new();
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        if !matches!(event, Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let title = text_until(&events[index + 1..], |event| {
            matches!(event, Event::End(TagEnd::Heading(_)))
        });
        let name = slug(&title);
        let mut free = name.clone();
        while used.contains_key(&free) {
            let number = used.entry(name.clone()).or_default();
            *number += 1;
            free = format!("{name}-{number}");
        }
        used.insert(free.clone(), 0);
        anchors.push(format!("{ANCHOR}{free}"));
    }
    anchors
}

fn slug(title: &str) -> String {
    let letters = title.trim().chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    let slug: String = letters.flat_map(char::to_lowercase).collect();
    if slug.is_empty() {
        "section".into()
    } else {
        slug
    }
}

fn text_until(events: &[Event<'_>], end: fn(&Event<'_>) -> bool) -> String {
    let events = events.iter().take_while(|event| !end(event));
    let texts = events.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
        Event::SoftBreak | Event::HardBreak => Some(" "),
        _ => None,
    });
    texts.collect()
}

/// The box of a task list, which is called as the task.
fn task(done: bool, after: &[Event<'_>]) -> String {
    let name = text_until(after, |event| {
        matches!(
            event,
            Event::End(TagEnd::Item | TagEnd::Paragraph) | Event::Start(Tag::List(_))
        )
    });
    let name = match name.trim() {
        "" => "Task",
        name => name,
    };
    let mut escaped = String::new();
    // Writing to a string cannot fail.
    let _ = escape_html(&mut escaped, name);
    let checked = if done { " checked" } else { "" };
    format!(r#"<input type="checkbox" disabled{checked} aria-label="{escaped}">"#)
}

/// What is left of raw HTML without its comments. They may go on over several
/// of its pieces.
fn without_comments(raw: &str, in_comment: &mut bool) -> String {
    let mut text = String::new();
    let mut rest = raw;
    loop {
        if *in_comment {
            let Some(end) = rest.find("-->") else {
                return text;
            };
            rest = &rest[end + 3..];
            *in_comment = false;
        }
        let Some(start) = rest.find("<!--") else {
            text.push_str(rest);
            return text;
        };
        text.push_str(&rest[..start]);
        rest = &rest[start + 4..];
        // These two are whole comments already.
        let whole = rest.strip_prefix('>').or_else(|| rest.strip_prefix("->"));
        *in_comment = whole.is_none();
        rest = whole.unwrap_or(rest);
    }
}

/// Adds a text; bare web addresses in it are links if it may hold `links`.
fn push_text(page: &mut Vec<Event<'_>>, text: &str, links: bool) {
    if !links {
        return push_plain(page, text);
    }
    let mut done = 0;
    // Upper and lower case of ASCII letters are of one length.
    for (start, _) in text.to_ascii_lowercase().match_indices("http") {
        let Some(address) = (start >= done)
            .then(|| address(&text[..start], &text[start..]))
            .flatten()
        else {
            continue;
        };
        push_plain(page, &text[done..start]);
        page.push(raw(link(address)));
        push_plain(page, address);
        page.push(raw("</a>".into()));
        done = start + address.len();
    }
    push_plain(page, &text[done..]);
}

fn push_plain(page: &mut Vec<Event<'_>>, text: &str) {
    if !text.is_empty() {
        page.push(Event::Text(CowStr::from(text.to_owned())));
    }
}

/// The web address that a text begins with, if it does and is not the rest of
/// a word: without the punctuation of the sentence around it.
fn address<'a>(before: &str, text: &'a str) -> Option<&'a str> {
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let rest = &text["http".len()..];
    let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
    let host = rest.strip_prefix("://")?;
    if !host.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || NOT_IN_ADDRESS.contains(c));
    let mut address = &text[..end.unwrap_or(text.len())];
    loop {
        let count = |c| address.matches(c).count();
        let shorter = match address.chars().next_back()? {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '|' => true,
            ')' => count(')') > count('('),
            ']' => count(']') > count('['),
            _ => false,
        };
        if !shorter {
            break;
        }
        address = &address[..address.len() - 1];
    }
    (address.len() > text.len() - host.len()).then_some(address)
}

/// The tag that opens a link, if it may lead there.
fn opening(to: &str, here: &str, anchors: &[String]) -> Option<String> {
    if let Some(name) = to.strip_prefix('#') {
        let anchor = format!("{ANCHOR}{}", decoded(name).to_lowercase());
        return anchors.contains(&anchor).then(|| {
            format!(
                r#"<a href="{}" data-anchor="{anchor}">"#,
                escaped_address(here)
            )
        });
    }
    let scheme = to.split_once(':')?.0.to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https" | "mailto").then(|| link(to))
}

fn link(to: &str) -> String {
    format!(
        r#"<a href="{}" rel="noopener noreferrer nofollow" target="_blank">"#,
        escaped_address(to)
    )
}

fn escaped_address(address: &str) -> String {
    let mut escaped = String::new();
    // Writing to a string cannot fail.
    let _ = escape_href(&mut escaped, address);
    escaped
}

/// A part of an address without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *byte == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        let code = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(*byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
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

    use super::to_html as to_html_at;

    fn to_html(markdown: &str) -> String {
        to_html_at(markdown, "#/here?a=1&b=2")
    }

    #[wasm_bindgen_test]
    fn columns_are_aligned_without_styles() {
        let html = to_html("| a | b |\n|:-:|---|\n| style=\"text-align: left\" | 2 |\n");
        assert!(
            html.contains(r#"<td class="align-center">style=&quot;"#),
            "{html}"
        );
        assert!(
            !html.contains(" style=\"") && html.contains("<td>2"),
            "{html}"
        );
    }

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
        assert!(
            html.contains(r#"<h2 id="md-title" tabindex="-1">Title</h2>"#),
            "{html}"
        );
        assert!(
            html.contains("<table>") && html.contains("<td>1</td>"),
            "{html}"
        );
        assert!(html.contains("x: &lt;y&gt;"), "{html}");
    }

    #[wasm_bindgen_test]
    fn comments_are_dropped_and_what_is_around_them_is_not() {
        let html = to_html("a <!-- b --> c\n\n<!-- d\n\ne -->\nf\n\n<!-->g<!---> h\n");
        for text in ["b", "d", "e", "--", "!"] {
            assert!(!html.contains(text), "{text}: {html}");
        }
        for text in ["a ", " c", "f", "g", " h"] {
            assert!(html.contains(text), "{text}: {html}");
        }
        let html =
            to_html("<div>\n<!-- gone -->kept <!-- gone\ntoo --> here\n</div>\n\n`<!-- code -->`");
        assert!(!html.contains("gone") && !html.contains("too"), "{html}");
        assert!(html.contains("kept  here"), "{html}");
        assert!(html.contains("&lt;!-- code --&gt;"), "{html}");
    }

    #[wasm_bindgen_test]
    fn bare_addresses_are_links() {
        let linked = |text: &str| -> Vec<String> {
            let html = to_html(text);
            let hrefs = html.split("href=\"").skip(1);
            hrefs
                .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
                .collect()
        };
        for (text, addresses) in [
            ("see https://a.example.", &["https://a.example"][..]),
            (
                "http://a.example/x, https://b.example/y: z",
                &["http://a.example/x", "https://b.example/y"],
            ),
            ("(https://a.example/a_(b))", &["https://a.example/a_(b)"]),
            (
                "https://a.example/a_b_c/~d?e=f&g=h#i",
                &["https://a.example/a_b_c/~d?e=f&amp;g=h#i"],
            ),
            ("**https://a.example/**", &["https://a.example/"]),
            ("HTTPS://a.example!", &["HTTPS://a.example"]),
            (
                "请看 https://a.example/中。好",
                &["https://a.example/%E4%B8%AD"],
            ),
            ("\"https://a.example/\"", &["https://a.example/"]),
            ("# https://a.example/", &["https://a.example/"]),
            (
                "[https://a.example](https://b.example)",
                &["https://b.example"],
            ),
            ("<https://a.example>", &["https://a.example"]),
            ("`https://a.example`", &[]),
            ("    https://a.example", &[]),
            ("```\nhttps://a.example\n```", &[]),
            ("xhttps://a.example http:// https://. http", &[]),
        ] {
            assert_eq!(linked(text), addresses, "{text}");
        }
    }

    #[wasm_bindgen_test]
    fn headings_have_ids_and_are_linked_to() {
        let html = to_html(
            "[go](#my-title-1) [中](#%E4%B8%AD) [no](#nowhere)\n\n# My *title*!\n\n## My title\n\n# 中\n\n# ?\n\n# My title-1\n",
        );
        for id in [
            "md-my-title",
            "md-my-title-1",
            "md-中",
            "md-section",
            "md-my-title-1-1",
        ] {
            assert_eq!(html.matches(&format!(r#" id="{id}""#)).count(), 1, "{html}");
        }
        let here = "#/here?a=1&amp;b=2";
        assert!(
            html.contains(&format!(
                r#"<a href="{here}" data-anchor="md-my-title-1">go</a>"#
            )),
            "{html}"
        );
        assert!(html.contains(r#"data-anchor="md-中""#), "{html}");
        assert_eq!(html.matches("<a ").count(), 2, "{html}");
    }

    #[wasm_bindgen_test]
    fn boxes_of_tasks_are_called_as_the_task() {
        let html = to_html("- [x] say `\"hi\"` & <go>\n  - [ ] inner\n- [ ] \n");
        assert!(
            html.contains(
                r#"<input type="checkbox" disabled checked aria-label="say &quot;hi&quot; &amp;">"#
            ),
            "{html}"
        );
        assert!(
            html.contains(r#"<input type="checkbox" disabled aria-label="inner">"#),
            "{html}"
        );
    }
}
