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
    /// `None` when the key cannot be used.
    text: Option<Box<str>>,
    span: Span,
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
        self.check_tag(tag, span);
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
            depth: 0,
            nodes: 1,
            bytes: text.len(),
        };
        let id = self.store(
            NodeData {
                span,
                value: Value::Scalar(meaning, text.into()),
                size,
            },
            anchor,
        )?;
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
        self.check_tag(tag, span);
        let is_flow = self.source.slice(span).ends_with(bracket);
        let size = Size {
            depth: 0,
            nodes: 1,
            bytes: 0,
        };
        self.open.push(Open {
            span,
            anchor,
            is_flow,
            content,
            size,
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
        let NodeData { size, value, .. } = &self.nodes[id as usize];
        let size = *size;
        if self.open.len() + size.depth > MAX_DEPTH {
            return Err(too_deep(span));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(id);
            return Ok(());
        };
        open.size.depth = open.size.depth.max(size.depth + 1);
        open.size.nodes = open.size.nodes.saturating_add(size.nodes);
        open.size.bytes = open.size.bytes.saturating_add(size.bytes);
        if open.size.nodes > MAX_NODES || open.size.bytes > MAX_EXPANDED_BYTES {
            return Err(too_large(span));
        }
        open.span.end = open.span.end.max(span.end);
        match &mut open.content {
            Content::List(items) => items.push(id),
            Content::Mapping { entries, key } => match key.take() {
                Some(Key {
                    text: Some(text),
                    span,
                }) => entries.push(Entry {
                    key: text,
                    key_span: span,
                    value: id,
                }),
                Some(Key { text: None, .. }) => {}
                None => {
                    let text = match value {
                        Value::Scalar(_, text) if !text.is_empty() => Some(text.clone()),
                        _ => None,
                    };
                    if text.is_none() {
                        let message = "a key must be text, and not empty".to_owned();
                        self.findings
                            .error(Code::WrongType, span, &Path::Root, message);
                    }
                    *key = Some(Key { text, span });
                }
            },
        }
        Ok(())
    }

    /// OpenPAI's reader refuses tags that it does not know.
    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema() && tag.suffix != "!") {
            let message = format!(
                "the tag `{}` is not known; remove it, or put text with a `!` in quotes",
                Short(&tag.to_string())
            );
            self.findings
                .error(Code::BadValue, span, &Path::Root, message);
        }
    }

    fn syntax_error(&self, error: &saphyr_parser::ScanError) -> Stop {
        let index = error.marker().index();
        let span = self.source.clamp(index, index + 1);
        Stop {
            code: Code::Syntax,
            span,
            message: syntax::explain(error),
        }
    }
}
