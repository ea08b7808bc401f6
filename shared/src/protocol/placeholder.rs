//! Finds the `<% $… %>` that OpenPAI would leave as they are.

use super::Code;
use super::findings::{Findings, Path, Short};
use super::meaning::Prerequisites;
use super::source::{Source, Span};
use super::yaml::Node;

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
    /// A prerequisite's `auth`: parameters and secrets are.
    Auth,
    /// A prerequisite's `uri`: parameters are.
    Uri,
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

    /// Warns of every placeholder that resolves to nothing.
    pub(super) fn check(mut self) {
        let root = self.root;
        let path = Path::Root.key("prerequisites");
        for (index, prerequisite) in root
            .get("prerequisites")
            .into_iter()
            .flat_map(Node::items)
            .enumerate()
        {
            let path = path.index(index);
            self.texts(prerequisite.get("uri"), Scope::Uri, &path.key("uri"));
            let path = path.key("auth");
            for (key, value) in prerequisite.get("auth").into_iter().flat_map(Node::entries) {
                self.text(value, Scope::Auth, &path.key(key));
            }
        }
        let path = Path::Root.key("taskRoles");
        for (name, role) in root.get("taskRoles").into_iter().flat_map(Node::entries) {
            let path = path.key(name);
            self.texts(
                role.get("commands"),
                Scope::Commands(name, Some(role)),
                &path.key("commands"),
            );
        }
        let path = Path::Root.key("deployments");
        for (index, deployment) in root
            .get("deployments")
            .into_iter()
            .flat_map(Node::items)
            .enumerate()
        {
            let path = path.index(index);
            let path = path.key("taskRoles");
            for (name, commands) in deployment
                .get("taskRoles")
                .into_iter()
                .flat_map(Node::entries)
            {
                let path = path.key(name);
                let role = root.get("taskRoles").and_then(|roles| roles.get(name));
                for key in ["preCommands", "postCommands"] {
                    self.texts(
                        commands.get(key),
                        Scope::Commands(name, role),
                        &path.key(key),
                    );
                }
            }
        }
    }

    /// A text, or each text of a list.
    fn texts(&mut self, node: Option<Node<'d>>, scope: Scope<'_, 'd>, path: &Path<'_>) {
        let Some(node) = node else { return };
        self.text(node, scope, path);
        for (index, item) in node.items().enumerate() {
            self.text(item, scope, &path.index(index));
        }
    }

    fn text(&mut self, node: Node<'d>, scope: Scope<'_, 'd>, path: &Path<'_>) {
        let Some(text) = node.as_str() else { return };
        let mut written = Written {
            text: self.source.slice(node.span()),
            start: node.span().start,
            whole: node.span(),
        };
        for (placeholder, inside) in placeholders(text) {
            let span = written.next(placeholder);
            if let Err(reason) = self.resolve(inside, scope) {
                let message = format!("`{}` stays as it is: {reason}", Short(placeholder));
                self.findings
                    .warn(Code::UnresolvedPlaceholder, span, path, message);
            }
        }
    }

    /// Whether OpenPAI fills this in; if not, why.
    fn resolve(&self, inside: &str, scope: Scope<'_, 'd>) -> Result<(), String> {
        let Some(expression) = inside.strip_prefix('$') else {
            return match ROOTS
                .iter()
                .find(|root| inside.split(['.', '[']).next() == Some(**root))
            {
                Some(root) => Err(format!("write `${root}`, with a dollar sign")),
                None => Ok(()),
            };
        };
        let end = expression.find(['.', '[']).unwrap_or(expression.len());
        let (root, steps) = expression.split_at(end);
        match (root, scope) {
            ("parameters", _) => find(self.root.get(root), steps)
                .ok_or_else(|| "`parameters` has no such key".to_owned()),
            ("secrets", Scope::Commands(..) | Scope::Auth) => find(self.root.get(root), steps)
                .ok_or_else(|| "`secrets` has no such key".to_owned()),
            ("secrets", Scope::Uri) => {
                Err("secrets are filled in only inside `auth` and in commands".to_owned())
            }
            ("data" | "script" | "output", Scope::Commands(name, role)) => {
                self.resolve_reference(root, steps, name, role)
            }
            ("data" | "script" | "output", _) => {
                Err(format!("`${root}` is filled in only in commands"))
            }
            _ => {
                let known = ROOTS.map(|root| format!("`${root}`")).join(", ");
                Err(format!("it must begin with one of {known}"))
            }
        }
    }

    fn resolve_reference(
        &self,
        kind: &str,
        steps: &str,
        role: &str,
        node: Option<Node<'d>>,
    ) -> Result<(), String> {
        // A missing role, and a reference that is wrong, are findings already.
        let Some(node) = node.filter(|node| node.is_mapping()) else {
            return Ok(());
        };
        let Some(reference) = node.get(kind) else {
            return Err(format!("task role `{}` has no `{kind}`", Short(role)));
        };
        let Some(prerequisite) = reference
            .as_str()
            .and_then(|name| self.prerequisites.get(kind, name))
        else {
            return Ok(());
        };
        if steps.is_empty() {
            return Err(format!("say what of it is meant, such as `${kind}.uri`"));
        }
        let name = Short(reference.as_str().unwrap_or_default());
        find(Some(prerequisite), steps).ok_or_else(|| {
            format!(
                "the {kind} prerequisite `{name}` has no `{}`",
                Short(steps.trim_start_matches('.'))
            )
        })
    }
}

/// Follows steps such as `.uri[0]`; `None` when they lead to nothing.
fn find(start: Option<Node<'_>>, steps: &str) -> Option<()> {
    let mut node = start?;
    let steps = steps
        .split(['.', '['])
        .skip(1)
        .map(|step| step.strip_suffix(']').unwrap_or(step));
    let mut count = 0;
    for step in steps {
        node = match step.parse() {
            Ok(index) if node.is_list() => node.item(index)?,
            _ => node.get(step.trim_matches(['"', '\'']))?,
        };
        count += 1;
    }
    (count > 0 && !node.is_null()).then_some(())
}

/// The placeholders of a text, each whole and by what is between its marks.
fn placeholders(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find("<%")?;
        let inside_start = start + "<%".len();
        let inside = &rest[inside_start..inside_start + rest[inside_start..].find("%>")?];
        let end = inside_start + inside.len() + "%>".len();
        let whole = &rest[start..end];
        rest = &rest[end..];
        Some((whole, inside.trim()))
    })
}

/// The text of a scalar as it is written, in which placeholders are looked up
/// one behind the other. Escapes and line breaks can hide one; from there on
/// the whole scalar is pointed at.
struct Written<'t> {
    text: &'t str,
    start: u32,
    whole: Span,
}

impl Written<'_> {
    fn next(&mut self, placeholder: &str) -> Span {
        let Some(offset) = self.text.find(placeholder) else {
            self.text = "";
            return self.whole;
        };
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let start = self.start + count(&self.text[..offset]);
        let end = start + count(placeholder);
        self.text = &self.text[offset + placeholder.len()..];
        self.start = end;
        Span { start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_cut_out() {
        let found: Vec<_> = placeholders("a <% $x.y %> <%$z%> <% open").collect();
        assert_eq!(found, [("<% $x.y %>", "$x.y"), ("<%$z%>", "$z")]);
        assert_eq!(placeholders("<%%>").next(), Some(("<%%>", "")));
        assert_eq!(placeholders("<%>").next(), None);
    }
}
