//! The text of a protocol with line numbers, colours, what its names stand for, and
//! blocks that can be folded.

use std::fmt::Write as _;

use shared::protocol::{TaskRole, validate};

use super::highlight::{YamlLine, colour, yaml_value};
use super::html::{push_text, text};
use super::references::References;
use crate::messages::reader as messages;

/// Longer texts, in lines, are shown as they are: so many elements make a page slow.
const MAX_LINES: usize = 5_000;

/// Blocks within more blocks than these are not folded: browsers end elements that
/// lie much deeper.
const MAX_DEPTH: usize = 30;

/// The fewest lines below one that can be folded.
const LEAST_FOLDED: usize = 2;

/// A protocol as HTML.
pub(super) fn to_html(protocol: &str) -> String {
    let lines: Vec<&str> = protocol.lines().collect();
    if lines.len() > MAX_LINES {
        return format!(
            "<pre tabindex=\"0\" aria-label=\"{}\">\n{}</pre>",
            text(messages::protocol_text()),
            text(protocol)
        );
    }
    let report = validate(protocol);
    let references = References(report.protocol.as_ref());
    let depths = depths(&lines);
    let ends = ends(&depths);
    let mut painter = Painter::new(references);
    // Writing to a string cannot fail.
    let width = lines.len().to_string().len();
    let mut html = String::new();
    if ends
        .iter()
        .enumerate()
        .any(|(index, end)| end - index > LEAST_FOLDED)
    {
        let (close, open) = (messages::fold_all(), messages::unfold_all());
        html = format!(
            r#"<div class="folding"><button type="button" class="button" data-fold="close">{close}</button><button type="button" class="button" data-fold="open">{open}</button></div>"#
        );
    }
    let _ = write!(
        html,
        r#"<div class="source" role="group" data-digits="{width}" aria-label="{}">"#,
        text(messages::protocol_text())
    );
    let mut open: Vec<usize> = Vec::new();
    // The first of them is reached by Tab, from there on arrows lead.
    let mut tab = "0";
    for (index, line) in lines.iter().enumerate() {
        while open.last() == Some(&index) {
            html.push_str("</details>");
            open.pop();
        }
        let number = index + 1;
        let folds = ends[index] - number >= LEAST_FOLDED
            && open.len() < MAX_DEPTH
            && !line.trim().is_empty();
        let (start, end) = if folds {
            open.push(ends[index]);
            ("<details open><summary", "</summary>")
        } else {
            ("<div", "</div>")
        };
        html.push_str(start);
        if folds {
            let _ = write!(html, r#" tabindex="{tab}""#);
            tab = "-1";
        }
        let _ = write!(html, r#" class="line" data-line="{number}">"#);
        painter.paint(&mut html, line);
        // An empty line is as high as the others.
        html.push_str(if line.is_empty() { "\n" } else { "" });
        html.push_str(end);
    }
    html.push_str(&"</details>".repeat(open.len()));
    html.push_str("</div>");
    html
}

/// How deep each line lies: by its indentation, items of a list half a step deeper
/// than their key, which may have the same. Empty lines are part of what follows.
fn depths(lines: &[&str]) -> Vec<usize> {
    let mut depths = vec![0; lines.len()];
    let mut below = 0;
    for (index, line) in lines.iter().enumerate().rev() {
        let content = line.trim_start_matches(' ');
        if !content.trim().is_empty() {
            let is_item = content.starts_with("- ") || content.trim_end() == "-";
            below = (line.len() - content.len()) * 2 + usize::from(is_item);
        }
        depths[index] = below;
    }
    depths
}

/// For each line, the first one after it that is not within it.
fn ends(depths: &[usize]) -> Vec<usize> {
    let mut ends = vec![depths.len(); depths.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, depth) in depths.iter().enumerate() {
        while let Some(&last) = open.last()
            && depths[last] >= *depth
        {
            ends[last] = index;
            open.pop();
        }
        open.push(index);
    }
    ends
}

/// Gives the lines their colours, one after the other.
struct Painter<'p> {
    references: References<'p>,
    /// The indentation of the key whose block of text this is.
    block: Option<usize>,
    /// The key without indentation.
    section: String,
    /// The indentation of the roles' names, once there was one.
    roles_at: Option<usize>,
    role: Option<&'p TaskRole>,
}

impl<'p> Painter<'p> {
    fn new(references: References<'p>) -> Self {
        Self {
            references,
            block: None,
            section: String::new(),
            roles_at: None,
            role: None,
        }
    }

    fn paint(&mut self, html: &mut String, written: &str) {
        let indent = written.len() - written.trim_start_matches(' ').len();
        if let Some(block) = self.block {
            if indent > block || written.trim().is_empty() {
                html.push_str(&self.references.mark(written, self.role));
                return;
            }
            self.block = None;
        }
        let line = YamlLine::read(written);
        let key = line.key.trim_end_matches(':').trim_matches(['"', '\'']);
        self.follow(indent, key);
        push_text(html, line.before);
        if !line.key.is_empty() {
            colour(html, "word", line.key);
        }
        let name = line.value.trim();
        if let Some(reference) = References::name(key, name, self.role) {
            html.push(' ');
            html.push_str(&reference);
        } else if line.value.contains("<%") {
            html.push_str(&self.references.mark(line.value, self.role));
        } else {
            yaml_value(html, line.value);
        }
        if !line.comment.is_empty() {
            colour(html, "comment", line.comment);
        }
        if line.opens_block() {
            self.block = Some(indent);
        }
    }

    /// Keeps in mind which task role the lines are of.
    fn follow(&mut self, indent: usize, key: &str) {
        if key.is_empty() {
            return;
        }
        if indent == 0 {
            key.clone_into(&mut self.section);
            (self.roles_at, self.role) = (None, None);
        } else if self.section == "taskRoles" && *self.roles_at.get_or_insert(indent) == indent {
            self.role = self.references.role(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const TEXT: &str = "protocolVersion: 2\nname: j # why\ntype: job\nparameters:\n  lr: 0.1\nprerequisites:\n- name: i\n  type: dockerimage\n  uri: ubuntu\n- name: d\n  type: data\n  uri: [x]\ntaskRoles:\n  main:\n    dockerImage: i\n    data: d\n    commands:\n      - |\n        echo <% $parameters.lr %>\n\n        cat \"<% $data.uri[0] %>\" # no comment\n      - date\n";

    #[wasm_bindgen_test]
    fn every_line_has_its_number_and_blocks_fold() {
        let html = to_html(TEXT);
        for number in 1..=TEXT.lines().count() {
            let mark = format!(r#"data-line="{number}""#);
            assert_eq!(html.matches(&mark).count(), 1, "{mark}: {html}");
        }
        assert_eq!(
            html.matches("<details open>").count(),
            html.matches("</details>").count()
        );
        for line in [6, 7, 10, 13, 14, 17, 18] {
            let fold =
                format!(r#"<details open><summary tabindex="-1" class="line" data-line="{line}">"#);
            assert!(
                html.replace(r#"tabindex="0""#, r#"tabindex="-1""#)
                    .contains(&fold),
                "{line}: {html}"
            );
        }
        // One line below is not worth it.
        assert!(
            html.contains(r#"<div class="line" data-line="4">"#),
            "{html}"
        );
    }

    #[wasm_bindgen_test]
    fn names_are_resolved_where_they_stand() {
        let html = to_html(TEXT);
        for tip in ["ubuntu", "0.1", "x"] {
            assert!(
                html.contains(&format!(r#"data-tip="{tip}""#)),
                "{tip}: {html}"
            );
        }
        assert!(
            html.contains(r#"<span class="t-comment"> # why</span>"#),
            "{html}"
        );
        assert!(html.contains("&quot; # no comment</div>"), "{html}");
    }

    #[wasm_bindgen_test]
    fn whatever_is_written_is_shown_as_text() {
        let html = to_html("a: <img src=x>\n<b>: '<'\n# <i>\n\t<u>");
        for tag in ["<img", "<b>", "<i>", "<u>"] {
            assert!(!html.contains(tag), "{html}");
        }
        let deep: String = (0..500).map(|n| " ".repeat(n) + "a:\n").collect();
        assert_eq!(to_html(&deep).matches("<details").count(), MAX_DEPTH);
        assert!(to_html(&"a\n".repeat(MAX_LINES + 1)).starts_with("<pre"));
    }
}
