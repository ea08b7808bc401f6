//! Reads the tags of a text as mustache 2.3 does, with which OpenPAI fills in
//! commands. What it cannot read makes OpenPAI refuse the job.

/// A tag of a text: `<% $parameters.x %>`.
#[derive(Debug, PartialEq)]
pub(super) struct Tag<'t> {
    pub(super) kind: Kind,
    /// What stands between its marks, without blanks around it.
    pub(super) content: &'t str,
    /// The byte at which its opening mark begins.
    pub(super) start: usize,
    /// The byte behind its closing mark; of a section, behind its end.
    pub(super) end: usize,
}

/// What mustache takes a tag for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// The name of something to fill in.
    Name,
    /// `#` or `^`: OpenPAI drops everything up to its end.
    Section,
    /// `=`: other marks from here on.
    Marks,
    /// `&`, `{`, `>` or `!`: OpenPAI drops it.
    Dropped,
}

/// Why a text cannot be read, and the bytes between which the reason stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Broken {
    pub(super) reason: Reason,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reason {
    /// The closing mark is missing.
    Unclosed,
    /// `<%=` without two new marks.
    Marks,
    /// A section that does not end, or ends another one.
    Section,
    /// The end of a section that has not begun.
    End,
}

/// The tags of a text in its order (none of those inside sections), and why
/// it cannot be read to its end, if so.
pub(super) fn read(text: &str) -> (Vec<Tag<'_>>, Option<Broken>) {
    let mut tags = Vec::new();
    let outcome = Reader {
        text,
        at: 0,
        marks: ("<%", "%>"),
    }
    .read(&mut tags);
    (tags, outcome.err())
}

struct Reader<'t> {
    text: &'t str,
    /// The byte up to which all is read.
    at: usize,
    marks: (&'t str, &'t str),
}

impl<'t> Reader<'t> {
    fn read(&mut self, tags: &mut Vec<Tag<'t>>) -> Result<(), Broken> {
        // The open sections: what they are called, where they begin and where
        // their content does.
        let mut open: Vec<(&str, usize, usize)> = Vec::new();
        while let Some(offset) = self.rest().find(self.marks.0) {
            let start = self.at + offset;
            let end = start + self.marks.0.len();
            let broken = |reason| Broken { reason, start, end };
            self.at = end;
            self.skip_blanks();
            let sign = self
                .rest()
                .chars()
                .next()
                .filter(|sign| "#^/>{&=!".contains(*sign));
            if sign.is_some() {
                self.at += 1;
                self.skip_blanks();
            }
            let content = match sign {
                Some('=') => {
                    let marks = self.until("=").ok_or(broken(Reason::Unclosed))?;
                    self.until(self.marks.1).ok_or(broken(Reason::Unclosed))?;
                    let mut new = marks.split_whitespace();
                    self.marks = new.next().zip(new.next()).ok_or(broken(Reason::Marks))?;
                    marks
                }
                Some('{') => {
                    let end = format!("}}{}", self.marks.1);
                    self.until(&end).ok_or(broken(Reason::Unclosed))?
                }
                _ => self.until(self.marks.1).ok_or(broken(Reason::Unclosed))?,
            };
            let kind = match sign {
                None => Kind::Name,
                Some('#' | '^') => Kind::Section,
                Some('=') => Kind::Marks,
                Some('/') => match open.pop() {
                    None => return Err(broken(Reason::End)),
                    Some((name, start, end)) if name != content => {
                        return Err(Broken {
                            reason: Reason::Section,
                            start,
                            end,
                        });
                    }
                    Some(_) => {
                        if let Some(section) = tags.last_mut().filter(|_| open.is_empty()) {
                            section.end = self.at;
                        }
                        continue;
                    }
                },
                Some(_) => Kind::Dropped,
            };
            if open.is_empty() {
                let end = self.at;
                tags.push(Tag {
                    kind,
                    content,
                    start,
                    end,
                });
            }
            if kind == Kind::Section {
                open.push((content, start, self.at));
            }
        }
        match open.pop() {
            Some((_, start, end)) => Err(Broken {
                reason: Reason::Section,
                start,
                end,
            }),
            None => Ok(()),
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// What stands in front of a mark, behind which reading goes on.
    fn until(&mut self, mark: &str) -> Option<&'t str> {
        let (content, rest) = self.rest().split_once(mark)?;
        self.at = self.text.len() - rest.len();
        Some(content.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each tag by its first letter and what it holds, and why the rest
    /// cannot be read.
    fn found(text: &str) -> (Vec<String>, Option<(Reason, usize)>) {
        let (tags, broken) = read(text);
        let tag = |tag: &Tag<'_>| {
            format!(
                "{:?} {} {}",
                tag.kind,
                tag.content,
                &text[tag.start..tag.end]
            )
        };
        (
            tags.iter().map(tag).collect(),
            broken.map(|broken| (broken.reason, broken.start)),
        )
    }

    #[test]
    fn tags_are_cut_out() {
        for (text, expected) in [
            (
                "a <% $x.y %> <%$z%>",
                vec!["Name $x.y <% $x.y %>", "Name $z <%$z%>"],
            ),
            ("<%%>", vec!["Name  <%%>"]),
            ("<% a\n%>", vec!["Name a <% a\n%>"]),
            (
                "<%! a %><% & b%><%>c%>",
                vec![
                    "Dropped a <%! a %>",
                    "Dropped b <% & b%>",
                    "Dropped c <%>c%>",
                ],
            ),
            ("<%{ a }%>", vec!["Dropped a <%{ a }%>"]),
            (
                "<%# a %> <% b %> <%/a%> <% c %>",
                vec!["Section a <%# a %> <% b %> <%/a%>", "Name c <% c %>"],
            ),
            (
                "<%^a%><%#b%><%/b%><%/a%>",
                vec!["Section a <%^a%><%#b%><%/b%><%/a%>"],
            ),
            (
                "<%=| |=%>|x| <% y %>",
                vec!["Marks | | <%=| |=%>", "Name x |x|"],
            ),
            ("% > <x %>", vec![]),
        ] {
            assert_eq!(
                found(text),
                (expected.into_iter().map(str::to_owned).collect(), None),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (text, reason, start) in [
            ("date +<%H", Reason::Unclosed, 6),
            ("<%= x %>", Reason::Unclosed, 0),
            ("a <%= x =%>", Reason::Marks, 2),
            ("<%= x %> a=b", Reason::Unclosed, 0),
            ("<%{ x %>", Reason::Unclosed, 0),
            ("<%>", Reason::Unclosed, 0),
            ("<% a %><%# x %>", Reason::Section, 7),
            ("<%#x%><%#y%><%/x%>", Reason::Section, 6),
            (" <%/ x %>", Reason::End, 1),
        ] {
            assert_eq!(found(text).1, Some((reason, start)), "{text}");
        }
    }
}
