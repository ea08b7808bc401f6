//! Values below `secrets`: OpenPAI hides them in jobs, but whoever reads the protocol
//! itself reads them.

use std::collections::BTreeSet;

use crate::lint;

use super::super::findings::{Findings, Path};
use super::super::mustache::{self, Kind};
use super::super::placeholder::steps;
use super::super::source::Source;
use super::super::yaml::{self, Node};
use super::super::{Code, Diagnostic};

/// The values below `secrets` that are secrets, whatever they look like: of a key that
/// says so, and passwords that images are fetched with. What only stands for one is none.
pub fn find_below_secrets(text: &str) -> Vec<Diagnostic> {
    let source = Source::new(text);
    let mut findings = Findings::new(&source);
    if let Ok(document) = yaml::parse_leniently(text)
        && let Some(secrets) = document.root().get("secrets")
    {
        let mut search = Search {
            passwords: passwords(document.root()),
            seen: vec![false; document.node_count()],
            steps: Vec::new(),
            findings: &mut findings,
        };
        search.below(secrets, &Path::Root.key("secrets"));
    }
    findings.into_diagnostics()
}

/// The paths of the secrets that passwords of images are, such as `docker.password`.
fn passwords(root: Node<'_>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for prerequisite in root.get("prerequisites").into_iter().flat_map(Node::items) {
        let password = prerequisite
            .get("auth")
            .and_then(|auth| auth.get("password")?.as_str());
        for tag in mustache::read(password.unwrap_or_default()).0 {
            if let (Kind::Name, Some(path)) = (tag.kind, tag.content.strip_prefix("$secrets.")) {
                paths.insert(steps(path).join("."));
            }
        }
    }
    paths
}

struct Search<'c, 's> {
    passwords: BTreeSet<String>,
    /// Which nodes were looked at: an alias is looked at once.
    seen: Vec<bool>,
    /// From `secrets` to where it looks.
    steps: Vec<String>,
    findings: &'c mut Findings<'s>,
}

impl Search<'_, '_> {
    fn below(&mut self, node: Node<'_>, path: &Path<'_>) {
        if std::mem::replace(&mut self.seen[node.id()], true) {
            return;
        }
        if let Some(value) = node.written() {
            let is_missing = value.trim().is_empty() || lint::is_stand_in(value);
            if !is_missing && self.is_secret() {
                let message = "this is the value of a secret, which everybody reads who sees the item: leave it empty under `secrets`, and whoever uses the item is asked for it";
                let span = node.span();
                self.findings
                    .warn(Code::SecretPassword, span, path, message.to_owned());
            }
        }
        for (index, item) in node.items().enumerate() {
            self.steps.push(index.to_string());
            self.below(item, &path.index(index));
            self.steps.pop();
        }
        for (key, value) in node.entries() {
            self.steps.push(key.to_owned());
            self.below(value, &path.key(key));
            self.steps.pop();
        }
    }

    fn is_secret(&self) -> bool {
        self.steps.iter().any(|step| lint::names_secret(step))
            || self.passwords.contains(&self.steps.join("."))
    }
}
