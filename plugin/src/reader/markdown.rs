//! Descriptions are markdown written by other users, so what they may contain
//! is decided here: no raw HTML, no script, no request to another host.

mod anchors;
mod footnotes;
mod links;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd,
    TextMergeStream, html as writer,
};

use self::anchors::{anchors, contents};
use self::footnotes::Footnotes;
use self::links::{opening, picture, push_text};
use super::{highlight, html};
use crate::messages::reader as messages;

/// Renders GitHub's markdown as HTML that is safe to put into the page.
///
/// - Raw HTML shows as text, its comments not at all.
/// - Links lead to `http`, `https` and `mailto` only; a bare web address is one too.
/// - A picture within the description, a `data:` address, shows. One of another host becomes
///   a link to it, because loading it would tell its host who reads.
/// - Headings move one level down, below the title of the page. A link to one of them, or
///   to a footnote, leads to `here`, the page's own address, and names the id of its end
///   in `data-anchor`: the hash of the address is not free for it.
pub(super) fn to_html(markdown: &str, here: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let events: Vec<_> = TextMergeStream::new(Parser::new_ext(markdown, options)).collect();
    let anchors = anchors(&events);
    let mut walk = Walk {
        here,
        events: &events,
        footnotes: Footnotes::of(&events),
        page: Vec::with_capacity(events.len()),
        open: Vec::new(),
        in_comment: false,
        anchors: &anchors,
        known: anchors.values().map(String::as_str).collect(),
    };
    let contents = contents(&events, &anchors, markdown.len(), here);
    if !contents.is_empty() {
        walk.page.push(raw(contents));
    }
    walk.pass(0..events.len());
    walk.notes();
    let mut text = String::new();
    writer::push_html(&mut text, walk.page.into_iter());
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

/// The way through a text.
struct Walk<'e> {
    here: &'e str,
    events: &'e [Event<'e>],
    /// The ids of the headings, by the place of their event,
    anchors: &'e BTreeMap<usize, String>,
    /// and without it.
    known: BTreeSet<&'e str>,
    footnotes: Footnotes,
    /// What is shown.
    page: Vec<Event<'e>>,
    /// Whether each open link was let through: pictures in a link nest.
    open: Vec<bool>,
    in_comment: bool,
}

impl<'e> Walk<'e> {
    fn pass(&mut self, range: Range<usize>) {
        let mut index = range.start;
        while index < range.end {
            index = match &self.events[index] {
                Event::Start(Tag::FootnoteDefinition(_)) => self.after(index, |event| {
                    matches!(event, Event::End(TagEnd::FootnoteDefinition))
                }),
                Event::Start(Tag::CodeBlock(kind)) => {
                    let end = self.after(index, |event| {
                        matches!(event, Event::End(TagEnd::CodeBlock))
                    });
                    self.code(kind, index + 1..end);
                    end
                }
                Event::Start(Tag::Image { dest_url, .. }) => self.image(dest_url, index),
                event => {
                    self.show(event, index);
                    index + 1
                }
            };
        }
    }

    /// The place after the first event from `index` on that is `last`.
    fn after(&self, index: usize, last: fn(&Event<'_>) -> bool) -> usize {
        let rest = &self.events[index..];
        index
            + rest
                .iter()
                .position(last)
                .map_or(rest.len(), |length| length + 1)
    }

    fn show(&mut self, event: &'e Event<'e>, index: usize) {
        match event {
            Event::Html(written) | Event::InlineHtml(written) => {
                let text = without_comments(written, &mut self.in_comment);
                push_text(&mut self.page, &text, self.open.is_empty());
            }
            Event::Text(text) => push_text(&mut self.page, text, self.open.is_empty()),
            Event::Start(Tag::Link { dest_url, .. }) => self.link(dest_url),
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if self.open.pop() == Some(true) {
                    self.page.push(raw("</a>".into()));
                }
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let id = self.anchors.get(&index);
                self.page.push(Event::Start(Tag::Heading {
                    level: lower(*level),
                    id: id.map(|anchor| anchor.as_str().into()),
                    classes: Vec::new(),
                    // Whoever comes by a link goes on reading there.
                    attrs: vec![("tabindex".into(), Some("-1".into()))],
                }));
            }
            Event::End(TagEnd::Heading(level)) => {
                self.page.push(Event::End(TagEnd::Heading(lower(*level))));
            }
            Event::Start(Tag::BlockQuote(Some(kind))) => {
                self.page.push(event.clone());
                let title = alert(*kind);
                self.page
                    .push(raw(format!(r#"<p class="alert">{title}</p>"#)));
            }
            Event::FootnoteReference(label) => {
                if !self.open.contains(&true) {
                    let shown = self.footnotes.reference(label, self.here);
                    self.page.extend(shown.map(raw));
                }
            }
            Event::TaskListMarker(done) => {
                self.page.push(raw(task(*done, &self.events[index + 1..])));
            }
            Event::Start(Tag::Table(_)) => {
                self.page.push(raw(r#"<div class="plain">"#.into()));
                self.page.push(event.clone());
            }
            Event::End(TagEnd::Table) => {
                self.page.push(event.clone());
                self.page.push(raw("</div>".into()));
            }
            Event::End(TagEnd::HtmlBlock) => {
                self.in_comment = false;
                self.page.push(event.clone());
            }
            _ => self.page.push(event.clone()),
        }
    }

    fn link(&mut self, to: &str) {
        let nested = self.open.contains(&true);
        let tag = opening(to, self.here, &self.known).filter(|_| !nested);
        self.open.push(tag.is_some());
        self.page.extend(tag.map(raw));
    }

    /// Shows the picture that begins at `index`, or else its text as a link to it.
    /// Answers where to go on.
    fn image(&mut self, to: &str, index: usize) -> usize {
        let name = text_until(&self.events[index + 1..], |event| {
            matches!(event, Event::End(TagEnd::Image))
        });
        let Some(picture) = picture(to, &name) else {
            self.link(to);
            return index + 1;
        };
        self.page.push(raw(picture));
        self.after(index, |event| matches!(event, Event::End(TagEnd::Image)))
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>, content: Range<usize>) {
        let language = match kind {
            CodeBlockKind::Fenced(language) => language.as_ref(),
            CodeBlockKind::Indented => "",
        };
        let texts = self.events[content].iter().filter_map(|event| match event {
            Event::Text(text) => Some(text.as_ref()),
            _ => None,
        });
        let text: String = texts.collect();
        let code = highlight::code(&text, language);
        let (copy, name) = (messages::copy(), messages::code());
        // HTML drops a line end right after the tag.
        self.page.push(raw(format!(
            "<div class=\"code\"><button type=\"button\" class=\"copy\">{copy}</button><pre tabindex=\"0\" aria-label=\"{name}\">\n<code>{code}</code></pre></div>"
        )));
    }

    /// The footnotes that were named, those too that are named in footnotes.
    fn notes(&mut self) {
        let mut number = 1;
        while let Some(content) = self.footnotes.content(number) {
            if number == 1 {
                let title = messages::footnotes();
                self.page.push(raw(format!(
                    r#"<section class="footnotes" aria-label="{title}"><ol>"#
                )));
            }
            let [before, after] = Footnotes::around(number, self.here);
            self.page.push(raw(before));
            self.pass(content);
            self.page.push(raw(after));
            number += 1;
        }
        if number > 1 {
            self.page.push(raw("</ol></section>".into()));
        }
    }
}

fn raw(html: String) -> Event<'static> {
    Event::InlineHtml(CowStr::from(html))
}

fn alert(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => messages::alert_note(),
        BlockQuoteKind::Tip => messages::alert_tip(),
        BlockQuoteKind::Important => messages::alert_important(),
        BlockQuoteKind::Warning => messages::alert_warning(),
        BlockQuoteKind::Caution => messages::alert_caution(),
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
        "" => messages::task(),
        name => name,
    };
    let checked = if done { " checked" } else { "" };
    let name = html::text(name);
    format!(r#"<input type="checkbox" disabled{checked} aria-label="{name}">"#)
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
            html.contains(r#"<td class="align-center">style="text-align: left"</td>"#),
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
        assert!(html.contains(" &lt;y&gt;"), "{html}");
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
            ("see www.a.example/x.", &["http://www.a.example/x"]),
            ("ftp://www.a.example xwww.b.example www. WWW", &[]),
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

    #[wasm_bindgen_test]
    fn pictures_within_the_text_show_and_others_are_links() {
        let html = to_html("![a \"plot\"](data:image/png;base64,iVBORw0KGgo=)");
        assert!(
            html.contains(
                r#"<img src="data:image/png;base64,iVBORw0KGgo=" alt="a &quot;plot&quot;">"#
            ),
            "{html}"
        );
        for bad in [
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:image/png;base64,x\"onerror=1",
            "data:image/png,x",
            "data:text/html;base64,PGI+",
        ] {
            let html = to_html(&format!("![alt](<{bad}>)"));
            assert!(!html.contains("<img") && !html.contains("<a "), "{html}");
            assert!(html.contains("alt"), "{html}");
        }
    }

    #[wasm_bindgen_test]
    fn footnotes_are_numbered_as_they_are_named_and_stand_at_the_end() {
        let html = to_html(
            "one[^b], two[^a], again[^b], none[^c]\n\n[^a]: first, see[^d]\n[^b]: second <i>\n[^d]: third\n[^e]: nobody names it\n\nend\n",
        );
        let at = |part: &str| html.find(part).unwrap_or_else(|| panic!("{part}: {html}"));
        assert!(
            at("end") < at("second") && at("second") < at("first") && at("first") < at("third")
        );
        assert!(
            !html.contains("nobody") && html.contains("none[^c]"),
            "{html}"
        );
        assert_eq!(html.matches(">1</a></sup>").count(), 2, "{html}");
        assert_eq!(html.matches("id=\"md-note-from--1\"").count(), 1, "{html}");
        assert!(html.contains(r#"data-anchor="md-note--2""#), "{html}");
        assert!(
            html.contains("&lt;i&gt;") && !html.contains("href=\"#a"),
            "{html}"
        );
    }

    #[wasm_bindgen_test]
    fn alerts_have_titles() {
        let html = to_html("> [!WARNING]\n> Mind the *gap*.\n\n> plain\n");
        assert!(html.contains("markdown-alert-warning"), "{html}");
        assert_eq!(
            html.matches(r#"<p class="alert">Warning</p>"#).count(),
            1,
            "{html}"
        );
    }

    #[wasm_bindgen_test]
    fn code_can_be_copied_and_has_colours() {
        let html = to_html("```python\n# <b>\n```\n\n    plain\n");
        assert_eq!(html.matches(r#"class="copy""#).count(), 2, "{html}");
        assert!(
            html.contains(r#"<span class="t-comment"># &lt;b&gt;</span>"#),
            "{html}"
        );
    }

    #[wasm_bindgen_test]
    fn long_texts_have_contents() {
        let text = "# One\n\n## Two `x`\n\n# Three\n\n# Four\n\n";
        assert!(!to_html(text).contains("<nav"));
        let html = to_html(&format!("{text}{}", "word ".repeat(500)));
        let line = r##"<li class="level-2"><a href="#/here?a=1&amp;b=2" data-anchor="md-two-x">Two x</a></li>"##;
        assert!(html.contains(line), "{html}");
    }
}
