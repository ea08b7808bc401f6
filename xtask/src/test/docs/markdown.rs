//! What the checks want to know of a page.

use std::collections::HashSet;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A page in Markdown.
pub(super) struct Page {
    pub(super) links: Vec<Link>,
    /// What headings are called in addresses.
    pub(super) anchors: HashSet<String>,
    pub(super) blocks: Vec<Block>,
}

/// A link or a picture.
pub(super) struct Link {
    pub(super) line: usize,
    pub(super) target: String,
}

/// A fenced block.
pub(super) struct Block {
    pub(super) line: usize,
    /// The words behind the fence, of which the first is the language.
    words: Vec<String>,
    pub(super) text: String,
}

impl Block {
    pub(super) fn language(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    pub(super) fn is_shell(&self) -> bool {
        matches!(self.language(), "sh" | "bash")
    }

    /// Whether its commands are to be run.
    pub(super) fn is_run(&self) -> bool {
        self.is_shell() && self.has("run")
    }

    /// Whether `word` stands behind the language.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().skip(1).any(|other| other == word)
    }

    /// What stands behind `NAME=` after the language.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.words
            .iter()
            .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

impl Page {
    pub(super) fn read(text: &str) -> Self {
        let mut page = Self {
            links: Vec::new(),
            anchors: HashSet::new(),
            blocks: Vec::new(),
        };
        let mut heading: Option<String> = None;
        let mut in_block = false;
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            let line = || 1 + text[..range.start].matches('\n').count();
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(Link {
                        line: line(),
                        target: dest_url.into_string(),
                    });
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    page.add_anchor(&heading.take().unwrap_or_default());
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    in_block = true;
                    page.blocks.push(Block {
                        line: line(),
                        words: info.split_whitespace().map(str::to_owned).collect(),
                        text: String::new(),
                    });
                }
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    } else if in_block && let Some(block) = page.blocks.last_mut() {
                        block.text.push_str(&part);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// As GitHub names headings: in lower case, without most punctuation, with
    /// `-` for blanks, and a number behind it where the name is taken.
    fn add_anchor(&mut self, heading: &str) {
        let name: String = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let mut unique = name.clone();
        let mut count = 0;
        while !self.anchors.insert(unique.clone()) {
            count += 1;
            unique = format!("{name}-{count}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn blocks_and_links_have_their_lines() {
        let page = Page::read(
            "# A `b`\n\n[x](y.md) and ![](z.png)\n\n```sh run needs=jq,docker\none\ntwo\n```\n\n- \n  ```yaml\n  a: 1\n  ```\n",
        );
        let links: Vec<_> = page
            .links
            .iter()
            .map(|link| (link.line, link.target.as_str()))
            .collect();
        assert_eq!(links, [(3, "y.md"), (3, "z.png")]);
        assert!(page.anchors.contains("a-b"));
        let [commands, yaml] = &page.blocks[..] else {
            panic!("two blocks")
        };
        assert!(commands.is_run() && !yaml.is_run());
        assert_eq!((commands.line, commands.text.as_str()), (5, "one\ntwo\n"));
        assert_eq!(commands.option("needs"), Some("jq,docker"));
        assert_eq!(commands.option("until"), None);
        assert_eq!((yaml.language(), yaml.text.as_str()), ("yaml", "a: 1\n"));
    }
}
