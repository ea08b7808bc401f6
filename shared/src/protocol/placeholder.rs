//! Finds the `<% … %>` that OpenPAI would not fill in, or could not read.
//!
//! At submission it fills in the commands of each task role, joined, and the
//! credentials of docker images; in the container then the secrets that these
//! commands hold. Nothing is filled in twice.

use super::Code;
use super::Severity;
use super::findings::{Findings, Path, Short};
use super::mustache::{self, Broken, Kind, Reason};
use super::prerequisites::Prerequisites;
use super::source::{Source, Span};
use super::yaml::{Node, Scalar};

/// What a placeholder can begin with.
const ROOTS: [&str; 5] = ["parameters", "secrets", "data", "script", "output"];

/// The check of one protocol's placeholders.
pub(super) struct Placeholders<'c, 's, 'd> {
    root: Node<'d>,
    prerequisites: &'c Prerequisites<'d>,
    source: &'c Source<'c>,
    findings: &'c mut Findings<'s>,
}

/// Where a text with placeholders stands.
#[derive(Clone, Copy)]
enum Scope<'p, 'd> {
    /// Commands of a task role: everything is filled in. `None` when there
    /// is no such role.
    Commands(&'p str, Option<Node<'d>>),
    /// A docker image's `auth`: secrets are.
    Auth,
    /// A docker image's `uri`: nothing is.
    Image,
    /// What commands may copy, such as parameters: secrets are, in the
    /// container.
    Copied,
}

/// What a placeholder stands for.
enum Found {
    Text,
    Mapping,
    Nothing,
}

impl<'c, 's, 'd> Placeholders<'c, 's, 'd> {
    pub(super) fn new(
        root: Node<'d>,
        prerequisites: &'c Prerequisites<'d>,
        source: &'c Source<'c>,
        findings: &'c mut Findings<'s>,
    ) -> Self {
        Self {
            root,
            prerequisites,
            source,
            findings,
        }
    }

    /// Reports every placeholder that does not become what it names.
    pub(super) fn check(mut self) {
        let root = self.root;
        self.prerequisites();
        if let Some(parameters) = root.get("parameters") {
            self.tree(parameters, Scope::Copied, &Path::Root.key("parameters"));
        }
        let roles_path = Path::Root.key("taskRoles");
        let chosen = root
            .get("defaults")
            .and_then(|defaults| defaults.get("deployment")?.as_str());
        let deployments_path = Path::Root.key("deployments");
        let mut deployed = None;
        for (index, deployment) in items(root.get("deployments")).enumerate() {
            let path = deployments_path.index(index);
            let name = deployment.get("name").and_then(Node::as_str);
            if deployed.is_none() && chosen.is_some() && name == chosen {
                deployed = Some((index, deployment));
                continue;
            }
            self.unused_deployment(deployment, &path);
        }
        let index = deployed.map_or(0, |(index, _)| index);
        let path = deployments_path.index(index);
        let path = path.key("taskRoles");
        let deployed = deployed.and_then(|(_, deployment)| deployment.get("taskRoles"));
        for (name, role) in entries(root.get("taskRoles")) {
            let around = deployed.and_then(|roles| roles.get(name));
            let (path, role_path) = (path.key(name), roles_path.key(name));
            let mut joined = Joined::default();
            let (before, after) = (path.key("preCommands"), path.key("postCommands"));
            let own = role_path.key("commands");
            joined.append(around.and_then(|around| around.get("preCommands")), &before);
            joined.append(role.get("commands"), &own);
            joined.append(around.and_then(|around| around.get("postCommands")), &after);
            self.report(
                &joined,
                Scope::Commands(name, Some(role)),
                Some(Severity::Error),
            );
        }
    }

    fn prerequisites(&mut self) {
        let path = Path::Root.key("prerequisites");
        for (index, prerequisite) in items(self.root.get("prerequisites")).enumerate() {
            let path = path.index(index);
            let is_image = prerequisite.get("type").and_then(Node::as_str) == Some("dockerimage");
            let scope = if is_image {
                Scope::Image
            } else {
                Scope::Copied
            };
            if let Some(uri) = prerequisite.get("uri") {
                self.tree(uri, scope, &path.key("uri"));
            }
            let path = path.key("auth");
            for (key, value) in entries(prerequisite.get("auth").filter(|_| is_image)) {
                self.credential(value, &path.key(key));
            }
        }
    }

    /// OpenPAI fills in every value of `auth`, and stumbles over what is
    /// neither text nor nothing.
    fn credential(&mut self, value: Node<'d>, path: &Path<'_>) {
        let mut joined = Joined::default();
        joined.add(value, path, None);
        self.report(&joined, Scope::Auth, Some(Severity::Error));
        let is_known = matches!(path, Path::Key(_, "username" | "password" | "registryuri"));
        let is_nothing = matches!(
            value.scalar(),
            Some(Scalar::Text | Scalar::Null | Scalar::Bool(false) | Scalar::Int(0))
        );
        if !is_known && !is_nothing {
            let message = "OpenPAI fills in every value of `auth` and may fail over one that is no text; put it in quotes";
            self.findings
                .warn(Code::WrongType, value.span(), path, message.to_owned());
        }
    }

    /// Commands of a deployment that is not the default: whoever chooses it
    /// gets what is wrong with them.
    fn unused_deployment(&mut self, deployment: Node<'d>, path: &Path<'_>) {
        let path = path.key("taskRoles");
        for (name, commands) in entries(deployment.get("taskRoles")) {
            let path = path.key(name);
            let role = self.root.get("taskRoles").and_then(|roles| roles.get(name));
            for key in ["preCommands", "postCommands"] {
                let path = path.key(key);
                let mut joined = Joined::default();
                joined.append(commands.get(key), &path);
                self.report(
                    &joined,
                    Scope::Commands(name, role),
                    Some(Severity::Warning),
                );
            }
        }
    }

    /// Every text in a tree that is not filled in itself.
    fn tree(&mut self, node: Node<'d>, scope: Scope<'_, 'd>, path: &Path<'_>) {
        let mut joined = Joined::default();
        joined.add(node, path, None);
        self.report(&joined, scope, None);
        for (index, item) in node.items().enumerate() {
            self.tree(item, scope, &path.index(index));
        }
        for (key, value) in node.entries() {
            self.tree(value, scope, &path.key(key));
        }
    }

    /// Reports on joined texts. If OpenPAI fills them in, what it cannot read
    /// is as bad as `broken_is`.
    fn report(
        &mut self,
        joined: &Joined<'_, 'd>,
        scope: Scope<'_, 'd>,
        broken_is: Option<Severity>,
    ) {
        if !joined.text.contains("<%") {
            return;
        }
        let (tags, mut broken) = mustache::read(&joined.text);
        let mut places = Places::new(joined, self.source);
        for tag in &tags {
            // Even those with nothing to say are passed one by one: the next
            // one may look the same.
            let (span, piece) = places.of(tag.start, tag.end);
            if let Some(found) = broken.take_if(|broken| broken.start == tag.start) {
                self.report_broken(found.reason, span, piece, broken_is);
            } else if tag.kind == Kind::Name {
                if let Err((code, reason)) = self.resolve(tag.content, scope) {
                    let written = Short(&joined.text[tag.start..tag.end]);
                    let message = format!("`{written}` {reason}");
                    piece.path(|path| self.findings.warn(code, span, path, message));
                }
            } else if broken_is.is_some() {
                let message = match tag.kind {
                    Kind::Section => {
                        "everything from here to the end of this section disappears: OpenPAI knows no sections"
                    }
                    Kind::Marks => {
                        "this changes the marks of all placeholders behind it, and disappears itself"
                    }
                    _ => "this disappears: OpenPAI fills in only `<% $… %>`",
                };
                piece.path(|path| {
                    self.findings
                        .warn(Code::VanishingPlaceholder, span, path, message.to_owned());
                });
            }
        }
        if let Some(Broken { reason, start, end }) = broken {
            let (span, piece) = places.of(start, end);
            self.report_broken(reason, span, piece, broken_is);
        }
    }

    fn report_broken(
        &mut self,
        reason: Reason,
        span: Span,
        piece: &Piece<'_, 'd>,
        broken_is: Option<Severity>,
    ) {
        let Some(severity) = broken_is else { return };
        let why = match reason {
            Reason::Unclosed => "this `<%` is not closed by a `%>`",
            Reason::Marks => "`<%=` changes the marks of placeholders, but does not name two",
            Reason::Section => "this section does not end with a `<%/ … %>` of its name",
            Reason::End => "this ends a section that has not begun",
        };
        let message = format!(
            "{why}, so OpenPAI refuses the job; where `<%` is meant as text, let the shell make it: `'<''%'`"
        );
        piece.path(|path| {
            self.findings
                .add(severity, Code::BrokenPlaceholder, span, path, message);
        });
    }

    /// Whether OpenPAI fills this in; if not, why.
    fn resolve(&self, inside: &str, scope: Scope<'_, 'd>) -> Result<(), (Code, String)> {
        let stays = |why: String| {
            Err((
                Code::UnresolvedPlaceholder,
                format!("stays as it is: {why}"),
            ))
        };
        if inside.contains("<%") && matches!(scope, Scope::Commands(..) | Scope::Auth) {
            return stays("the first `<%` of it has no `%>` of its own".to_owned());
        }
        let Some(expression) = inside.strip_prefix('$') else {
            let root = inside.split(['.', '[']).next().unwrap_or_default();
            return match scope {
                Scope::Commands(..) | Scope::Auth if ROOTS.contains(&root) => {
                    stays(format!("write `${root}`, with a dollar sign"))
                }
                _ => Ok(()),
            };
        };
        let steps = steps(expression);
        let (root, steps) = (steps[0].as_str(), &steps[1..]);
        let missing = |list: &str| format!("`{list}` has no such key");
        let found = match (root, scope) {
            ("parameters", Scope::Commands(..)) => match find(self.root.get(root), steps) {
                Found::Nothing => return stays(missing(root)),
                found => found,
            },
            ("secrets", Scope::Commands(..) | Scope::Auth | Scope::Copied) => {
                match find(self.root.get(root), steps) {
                    Found::Nothing => return stays(missing(root)),
                    found => found,
                }
            }
            ("data" | "script" | "output", Scope::Commands(name, role)) => {
                let rest = expression[root.len().min(expression.len())..].trim_start_matches('.');
                match self.reference(root, (steps, rest), name, role) {
                    Ok(found) => found,
                    Err(why) => return stays(why),
                }
            }
            (_, Scope::Image) if ROOTS.contains(&root) => {
                return stays("nothing is filled in inside the `uri` of a docker image".to_owned());
            }
            (_, Scope::Auth) if ROOTS.contains(&root) => {
                return stays("only `$secrets` are filled in inside `auth`".to_owned());
            }
            (_, Scope::Copied) if ROOTS.contains(&root) => {
                return stays(format!(
                    "`${root}` is filled in only in commands, and not in what they copy"
                ));
            }
            (_, Scope::Image | Scope::Copied) => return Ok(()),
            _ => {
                let known = ROOTS.map(|root| format!("`${root}`")).join(", ");
                return stays(format!("it must begin with one of {known}"));
            }
        };
        match found {
            Found::Mapping => {
                let why = "becomes `[object Object]`: it is a mapping; name one of its keys";
                Err((Code::WrongType, why.to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn reference(
        &self,
        kind: &str,
        (steps, written): (&[String], &str),
        role: &str,
        node: Option<Node<'d>>,
    ) -> Result<Found, String> {
        // A missing role, and a reference that is wrong, are findings already.
        let Some(node) = node.filter(|node| node.is_mapping()) else {
            return Ok(Found::Text);
        };
        let Some(reference) = node.get(kind) else {
            return Err(format!("task role `{}` has no `{kind}`", Short(role)));
        };
        let Some(prerequisite) = reference
            .as_str()
            .and_then(|name| self.prerequisites.get(kind, name))
        else {
            return Ok(Found::Text);
        };
        let name = Short(reference.as_str().unwrap_or_default());
        match find(Some(prerequisite), steps) {
            Found::Nothing => Err(format!(
                "the {kind} prerequisite `{name}` has no `{}`",
                Short(written)
            )),
            found => Ok(found),
        }
    }
}

fn items(node: Option<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    node.into_iter().flat_map(Node::items)
}

fn entries(node: Option<Node<'_>>) -> impl Iterator<Item = (&str, Node<'_>)> {
    node.into_iter().flat_map(Node::entries)
}

/// The steps of `a.b[0]`, of which OpenPAI makes `a.b.0`; other brackets mean
/// nothing to it. There is at least one.
pub(super) fn steps(expression: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for part in expression.split('.') {
        let mut step = part;
        let mut indices = Vec::new();
        while let Some((before, index)) = step
            .strip_suffix(']')
            .and_then(|step| step.rsplit_once('['))
            .filter(|(_, index)| {
                !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit())
            })
        {
            indices.push(index.to_owned());
            step = before;
        }
        steps.push(step.to_owned());
        steps.extend(indices.into_iter().rev());
    }
    steps
}

/// Follows steps such as `uri` and `0`.
fn find(start: Option<Node<'_>>, steps: &[String]) -> Found {
    let mut node = start;
    for step in steps {
        node = node.and_then(|node| match step.parse() {
            Ok(index) if node.is_list() => node.item(index),
            _ => node.get(step),
        });
    }
    match node {
        Some(node) if node.is_mapping() => Found::Mapping,
        Some(node) if !node.is_null() => Found::Text,
        _ => Found::Nothing,
    }
}

/// Texts as OpenPAI joins them before it fills them in.
#[derive(Default)]
struct Joined<'p, 'd> {
    text: String,
    pieces: Vec<Piece<'p, 'd>>,
}

/// One of the joined texts.
struct Piece<'p, 'd> {
    node: Node<'d>,
    /// The byte at which it begins.
    start: usize,
    path: &'p Path<'p>,
    /// Its number in the list at that path, if it is a list.
    index: Option<usize>,
}

impl<'p, 'd> Joined<'p, 'd> {
    fn append(&mut self, list: Option<Node<'d>>, path: &'p Path<'p>) {
        for (index, item) in items(list).enumerate() {
            self.add(item, path, Some(index));
        }
    }

    fn add(&mut self, node: Node<'d>, path: &'p Path<'p>, index: Option<usize>) {
        if let Some(text) = node.as_str() {
            self.pieces.push(Piece {
                node,
                start: self.text.len(),
                path,
                index,
            });
            self.text.push_str(text);
            self.text.push('\n');
        }
    }
}

impl Piece<'_, '_> {
    fn path(&self, tell: impl FnOnce(&Path<'_>)) {
        match self.index {
            Some(index) => tell(&self.path.index(index)),
            None => tell(self.path),
        }
    }
}

/// Finds where joined texts are written, one place behind the other. Escapes
/// and line breaks can hide one; from there on the whole scalar is pointed at.
struct Places<'j, 'p, 'd> {
    joined: &'j Joined<'p, 'd>,
    source: &'j Source<'j>,
    /// The piece of the last place.
    current: usize,
    /// What is written of that piece behind the last place, and the character
    /// at which it begins; nothing before the first place.
    rest: Option<(&'j str, u32)>,
}

impl<'j, 'p, 'd> Places<'j, 'p, 'd> {
    fn new(joined: &'j Joined<'p, 'd>, source: &'j Source<'j>) -> Self {
        Self {
            joined,
            source,
            current: 0,
            rest: None,
        }
    }

    /// Where the text between two bytes is written; up to the end of its
    /// piece, if it goes on behind that.
    fn of(&mut self, start: usize, end: usize) -> (Span, &'j Piece<'p, 'd>) {
        let pieces = &self.joined.pieces;
        let index = pieces.partition_point(|piece| piece.start <= start) - 1;
        if index != self.current {
            (self.current, self.rest) = (index, None);
        }
        let piece = &pieces[index];
        let whole = piece.node.span();
        let piece_end = pieces
            .get(index + 1)
            .map_or(self.joined.text.len(), |next| next.start)
            - 1;
        let wanted = &self.joined.text[start..end.min(piece_end)];
        let (written, from) = self
            .rest
            .unwrap_or_else(|| (self.source.slice(whole), whole.start));
        let Some(offset) = written.find(wanted) else {
            self.rest = Some(("", whole.start));
            return (whole, piece);
        };
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let start = from + count(&written[..offset]);
        let end = start + count(wanted);
        self.rest = Some((&written[offset + wanted.len()..], end));
        (Span { start, end }, piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_cut_into_steps() {
        assert_eq!(steps("data.uri[0]"), ["data", "uri", "0"]);
        assert_eq!(steps("a[1][20].b"), ["a", "1", "20", "b"]);
        assert_eq!(steps("a['b'][x][]"), ["a['b'][x][]"]);
        assert_eq!(steps(""), [""]);
    }
}
