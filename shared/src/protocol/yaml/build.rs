//! Builds the tree from the scanner's events.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::super::Code;
use super::super::findings::{Findings, Path, Short};
use super::super::source::{Source, Span};
use super::limits::{Stop, check_text, too_deep, too_large};
use super::{
    Document, Entry, MAX_DEPTH, MAX_EXPANDED_BYTES, MAX_NODES, NodeData, Scalar, Size, Value,
    mapping, scalar, syntax,
};

/// See [`super::read`].
pub(super) fn read(source: &Source<'_>, findings: &mut Findings<'_>) -> Option<Document> {
    let mut builder = Builder {
        source,
        nodes: Vec::new(),
        open: Vec::new(),
        anchors: Vec::new(),
        root: None,
        findings,
    };
    let outcome = builder.run();
    let Builder { nodes, root, .. } = builder;
    match outcome {
        Ok(()) => root.map(|root| Document { nodes, root }),
        Err(Stop {
            code,
            span,
            message,
        }) => {
            findings.error(code, span, &Path::Root, message);
            None
        }
    }
}

struct Builder<'b, 's> {
    source: &'b Source<'b>,
    nodes: Vec<NodeData>,
    /// The lists and mappings that have begun and not ended.
    open: Vec<Open>,
    /// The node of each anchor, by the scanner's number for it; `None` while
    /// the node is open.
    anchors: Vec<Option<u32>>,
    root: Option<u32>,
    findings: &'b mut Findings<'s>,
}

/// A list or mapping that has begun.
struct Open {
    span: Span,
    anchor: usize,
    /// Whether brackets enclose it; then its end is known exactly.
    is_flow: bool,
    content: Content,
    size: Size,
}

enum Content {
    List(Vec<u32>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<Key>,
    },
}

/// A key that waits for its value.
struct Key {
    meaning: KeyMeaning,
    span: Span,
}

enum KeyMeaning {
    Text(Box<str>),
    /// `<<`: the value is merged into the mapping.
    Merge,
    /// The key cannot be used.
    Nothing,
}

/// What JavaScript makes of a mapping where it wants text.
const MAPPING_AS_TEXT: &str = "[object Object]";

impl Size {
    const LEAF: Self = Self {
        depth: 0,
        nodes: 1,
        bytes: 0,
    };

    /// Adds what hangs below a list or mapping, around which so many are open.
    fn add(&mut self, below: Self, outer: usize, span: Span) -> Result<(), Stop> {
        if outer + below.depth > MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.depth = self.depth.max(below.depth + 1);
        self.nodes = self.nodes.saturating_add(below.nodes);
        self.bytes = self.bytes.saturating_add(below.bytes);
        if self.nodes > MAX_NODES || self.bytes > MAX_EXPANDED_BYTES {
            return Err(too_large(span));
        }
        Ok(())
    }
}

impl Builder<'_, '_> {
    fn run(&mut self) -> Result<(), Stop> {
        let text = self.source.text();
        check_text(text)?;
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| self.syntax_error(&error))?;
            let span = self.source.clamp(span.start.index(), span.end.index());
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents == 2 {
                        let message = "a second document begins here; a protocol is one document, so remove the `---`";
                        self.findings.error(
                            Code::SeveralDocuments,
                            span,
                            &Path::Root,
                            message.to_owned(),
                        );
                        break;
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.scalar(&text, style, anchor, tag.as_deref(), span)?;
                }
                Event::Alias(anchor) => self.alias(anchor, span)?,
                Event::SequenceStart(anchor, tag) => {
                    self.begin(Content::List(Vec::new()), "[", anchor, tag.as_deref(), span)?;
                }
                Event::MappingStart(anchor, tag) => {
                    let content = Content::Mapping {
                        entries: Vec::new(),
                        key: None,
                    };
                    self.begin(content, "{", anchor, tag.as_deref(), span)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        let is_empty = self
            .root
            .is_none_or(|root| match &self.nodes[root as usize].value {
                Value::Scalar(Scalar::Null, text) => text.is_empty(),
                _ => false,
            });
        if is_empty && documents < 2 {
            let message =
                "there is nothing here; a protocol begins with `protocolVersion: 2`".to_owned();
            return Err(Stop {
                code: Code::Empty,
                span: Span::default(),
                message,
            });
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Stop> {
        let is_absent = text.is_empty() && style == ScalarStyle::Plain;
        let span = if is_absent {
            self.span_of_absent(span)
        } else {
            span
        };
        self.check_tag(tag, scalar::is_known, span);
        let meaning = scalar::resolve(text, style, tag).unwrap_or_else(|| {
            let suffix = tag.map_or("", |tag| &tag.suffix);
            let message = format!(
                "`{}` is no value of the type `!!{}`",
                Short(text),
                Short(suffix)
            );
            self.findings
                .error(Code::WrongType, span, &Path::Root, message);
            Scalar::Text
        });
        let size = Size {
            bytes: text.len(),
            ..Size::LEAF
        };
        let id = self.store(
            NodeData {
                span,
                value: Value::Scalar(meaning, text.into()),
                size,
            },
            anchor,
        )?;
        let merge = KeyMeaning::Merge;
        if scalar::is_merge(text, style, tag)
            && self.await_value_of(Key {
                meaning: merge,
                span,
            })
        {
            return Ok(());
        }
        self.place(id, span)
    }

    /// Where to point for a value that is not there: at its key.
    fn span_of_absent(&self, span: Span) -> Span {
        match self.open.last() {
            Some(Open {
                content: Content::Mapping { key: Some(key), .. },
                ..
            }) => key.span,
            _ => span,
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        let Some(id) = self.anchors.get(anchor).copied().flatten() else {
            let message =
                "this alias stands inside the node it names, which would never end".to_owned();
            return Err(Stop {
                code: Code::Syntax,
                span,
                message,
            });
        };
        self.place(id, span)
    }

    fn begin(
        &mut self,
        content: Content,
        bracket: &str,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        let known: &[&str] = match content {
            Content::List(_) => &["seq", "omap"],
            Content::Mapping { .. } => &["map", "set"],
        };
        let is_known = |tag: &Tag| scalar::core_type(tag).is_some_and(|name| known.contains(&name));
        self.check_tag(tag, is_known, span);
        let is_flow = self.source.slice(span).ends_with(bracket);
        self.open.push(Open {
            span,
            anchor,
            is_flow,
            content,
            size: Size::LEAF,
        });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Stop> {
        let Some(mut open) = self.open.pop() else {
            return Ok(());
        };
        if open.is_flow {
            open.span.end = span.end;
        }
        let value = match open.content {
            Content::List(items) => Value::List(items),
            Content::Mapping { entries, .. } => {
                Value::Mapping(mapping::order(entries, self.findings))
            }
        };
        let id = self.store(
            NodeData {
                span: open.span,
                value,
                size: open.size,
            },
            open.anchor,
        )?;
        self.place(id, open.span)
    }

    fn store(&mut self, node: NodeData, anchor: usize) -> Result<u32, Stop> {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if id >= MAX_NODES {
            return Err(too_large(node.span));
        }
        self.nodes.push(node);
        if anchor > 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(id);
        }
        Ok(id)
    }

    /// Puts a node where the open list or mapping waits for one; `span` is
    /// where it is written, which for an alias is not where the node stands.
    fn place(&mut self, id: u32, span: Span) -> Result<(), Stop> {
        let outer = self.open.len();
        let Some(open) = self.open.last_mut() else {
            self.root = Some(id);
            return Ok(());
        };
        open.span.end = open.span.end.max(span.end);
        if let Content::Mapping {
            key:
                Some(Key {
                    meaning: KeyMeaning::Merge,
                    ..
                }),
            ..
        } = &open.content
        {
            return self.merge(id, span);
        }
        open.size.add(self.nodes[id as usize].size, outer, span)?;
        match &mut open.content {
            Content::List(items) => items.push(id),
            Content::Mapping { entries, key } => match key.take() {
                Some(Key {
                    meaning: KeyMeaning::Text(key),
                    span: key_span,
                }) => entries.push(Entry {
                    key,
                    key_span,
                    value: id,
                    is_merged: false,
                }),
                Some(_) => {}
                None => {
                    let meaning = self.key_meaning(id, span);
                    self.await_value_of(Key { meaning, span });
                }
            },
        }
        Ok(())
    }

    /// Whether the open mapping awaits a key, which then is this one.
    fn await_value_of(&mut self, new: Key) -> bool {
        let Some(Content::Mapping {
            key: key @ None, ..
        }) = self.open.last_mut().map(|open| &mut open.content)
        else {
            return false;
        };
        *key = Some(new);
        true
    }

    /// What a node means as a key: the text that JavaScript makes of it.
    fn key_meaning(&mut self, id: u32, span: Span) -> KeyMeaning {
        let value = &self.nodes[id as usize].value;
        let text = match value {
            Value::Scalar(Scalar::Null, text) if text.is_empty() && !self.may_lack_key(span) => {
                Err("a key is missing in front of the `:`")
            }
            Value::Scalar(scalar, text) => Ok(scalar::in_javascript(*scalar, text)),
            Value::List(items) => self.joined(items).ok_or("a list of lists cannot be a key"),
            Value::Mapping(_) => Ok(MAPPING_AS_TEXT.to_owned()),
        };
        let text = match text {
            Ok(text) => text,
            Err(message) => {
                self.findings
                    .error(Code::WrongType, span, &Path::Root, message.to_owned());
                return KeyMeaning::Nothing;
            }
        };
        if !matches!(value, Value::Scalar(_, written) if **written == *text) {
            let message = format!(
                "OpenPAI reads this key as the text `{}`; put it in quotes",
                Short(&text)
            );
            self.findings
                .warn(Code::MisreadValue, span, &Path::Root, message);
        }
        KeyMeaning::Text(text.into())
    }

    /// Whether a key that is not there stands where OpenPAI's reader takes
    /// that for null: between braces, or after a `?`.
    fn may_lack_key(&self, span: Span) -> bool {
        let before = self.source.clamp(0, span.start as usize);
        self.open.last().is_some_and(|open| open.is_flow)
            || self.source.slice(before).trim_end().ends_with('?')
    }

    /// The text that JavaScript makes of a list.
    fn joined(&self, items: &[u32]) -> Option<String> {
        let text = |item: &u32| match &self.nodes[*item as usize].value {
            Value::Scalar(Scalar::Null, _) => Some(String::new()),
            Value::Scalar(scalar, text) => Some(scalar::in_javascript(*scalar, text)),
            Value::Mapping(_) => Some(MAPPING_AS_TEXT.to_owned()),
            Value::List(_) => None,
        };
        let texts: Option<Vec<_>> = items.iter().map(text).collect();
        Some(texts?.join(","))
    }

    /// Merges a mapping, or each mapping of a list, into the open one.
    fn merge(&mut self, id: u32, span: Span) -> Result<(), Stop> {
        let (nodes, outer) = (&self.nodes, self.open.len());
        let Some(Open {
            content: Content::Mapping { entries, key },
            size,
            ..
        }) = self.open.last_mut()
        else {
            return Ok(());
        };
        *key = None;
        let sources = match &nodes[id as usize].value {
            Value::List(items) => items.as_slice(),
            _ => &[id],
        };
        for source in sources {
            // What adds nothing costs time too.
            size.add(Size::LEAF, outer, span)?;
            let mut add = |key: Box<str>, key_span, value: u32| {
                let mut added = nodes[value as usize].size;
                added.bytes = added.bytes.saturating_add(key.len());
                entries.push(Entry {
                    key,
                    key_span,
                    value,
                    is_merged: true,
                });
                size.add(added, outer, span)?;
                size.add(Size::LEAF, outer, span)
            };
            match &nodes[*source as usize].value {
                Value::Mapping(mapping) => {
                    for entry in &mapping.entries {
                        add(entry.key.clone(), entry.key_span, entry.value)?;
                    }
                }
                // To JavaScript a list is a mapping of its indices.
                Value::List(items) => {
                    for (index, item) in items.iter().enumerate() {
                        add(index.to_string().into(), span, *item)?;
                    }
                }
                Value::Scalar(Scalar::Date(_), _) => {}
                Value::Scalar(..) => {
                    let message = "`<<` merges a mapping, or a list of mappings, into this one; this is neither";
                    self.findings
                        .error(Code::WrongType, span, &Path::Root, message.to_owned());
                }
            }
        }
        Ok(())
    }

    /// OpenPAI's reader refuses tags that it does not know for such a node.
    fn check_tag(&mut self, tag: Option<&Tag>, is_known: impl Fn(&Tag) -> bool, span: Span) {
        if let Some(tag) = tag.filter(|tag| tag.suffix != "!" && !is_known(tag)) {
            let message = format!(
                "the tag `{}` is not known here; remove it, or put text with a `!` in quotes",
                Short(&tag.to_string())
            );
            self.findings
                .error(Code::BadValue, span, &Path::Root, message);
        }
    }

    fn syntax_error(&self, error: &saphyr_parser::ScanError) -> Stop {
        let (span, message) = syntax::explain(error, self.source);
        Stop {
            code: Code::Syntax,
            span,
            message,
        }
    }
}
