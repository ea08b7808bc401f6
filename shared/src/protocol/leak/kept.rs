//! What OpenPAI has kept of a job, and shows everybody who is signed in.

use crate::lint;

use super::super::fill::readable;
use super::super::findings::{Findings, Path};
use super::super::source::{Source, Span};
use super::super::yaml::{self, Node};
use super::super::{Code, Diagnostic};
use super::{check, find_secrets, mend};

/// A secret that everybody can read in the protocol of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// What sort it is: the [`Code`] of a secret, or `exposed-secrets` for one that
    /// stands below `secrets` and was not hidden.
    pub code: String,
    /// Where in the protocol, such as `taskRoles.worker.commands[0]`; empty for a comment.
    pub path: String,
    /// The line, from 1; none in JSON, of which everybody makes other lines.
    pub line: Option<u32>,
    /// Its first characters, as many as [`lint::shown`] lets out.
    pub shown: String,
}

/// The secrets in what OpenPAI answers for `…/config` of a job, YAML or JSON; what it has
/// hidden below `secrets` is none.
pub fn exposed_in_job(config: &str) -> Vec<Exposed> {
    let text = readable(config);
    let source = Source::new(&text);
    let found = match yaml::parse_leniently(&text) {
        Ok(document) => {
            let mut findings = Findings::new(&source);
            check(&document, &source, &mut findings);
            if let Some(secrets) = document.root().get("secrets") {
                below(secrets, &Path::Root.key("secrets"), &mut findings);
            }
            findings.into_diagnostics()
        }
        Err(_) => find_secrets(&text),
    };
    let exposed = |found: Diagnostic| Exposed {
        shown: lint::shown(written(&source, &found)),
        code: found.code,
        path: found.path,
        line: (text == config).then_some(found.start.line),
    };
    found.into_iter().map(exposed).collect()
}

/// Finds the values that OpenPAI would have hidden, had it seen that they are secrets.
fn below(node: Node<'_>, path: &Path<'_>, findings: &mut Findings<'_>) {
    if let Some(value) = node.written() {
        let is_hidden = !value.is_empty() && value.chars().all(|letter| letter == '*');
        if !is_hidden && !value.is_empty() && !lint::is_stand_in(value) {
            findings.error(Code::ExposedSecrets, node.span(), path, String::new());
        }
    }
    for (index, item) in node.items().enumerate() {
        below(item, &path.index(index), findings);
    }
    for (key, value) in node.entries() {
        below(value, &path.key(key), findings);
    }
}

fn written<'t>(source: &Source<'t>, found: &Diagnostic) -> &'t str {
    let at = |position| mend::character(source, position);
    match (at(found.start), at(found.end)) {
        (Some(start), Some(end)) => source.slice(Span { start, end }),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here, so that nobody takes this file for a leak.
    fn token() -> String {
        format!("ghp_{}", "q7ZtR2mX9vLp4KsD8wNf3bHc6JyTgA1uEe5V")
    }

    fn exposed(config: &str) -> Vec<(String, String, Option<u32>, String)> {
        let all = exposed_in_job(config).into_iter();
        all.map(|one| (one.code, one.path, one.line, one.shown))
            .collect()
    }

    #[test]
    fn what_a_job_shows_is_found_in_yaml_and_in_json() {
        let token = token();
        let yaml = format!(
            "name: a\nsecrets: \"******\"\ntaskRoles:\n  worker:\n    commands:\n      - echo\n      - git clone https://x:{token}@github.com/a/b\n"
        );
        let json = format!(
            "{{\"name\": \"a\", \"secrets\": \"******\", \"taskRoles\": {{\"worker\": {{\"commands\": [\"echo\", \"git clone https://x:{token}@github.com/a/b\"]}}}}}}"
        );
        for (config, expected) in [(&yaml, Some(7)), (&json, None)] {
            let found = exposed(config);
            assert_eq!(found.len(), 1, "{config}");
            let (code, path, line, shown) = &found[0];
            assert_eq!(
                (&**code, &**path, *line, &**shown),
                (
                    "secret-token",
                    "taskRoles.worker.commands[1]",
                    expected,
                    "ghp_…"
                )
            );
        }
    }

    #[test]
    fn what_was_not_hidden_below_secrets_is_found() {
        let json = r#"{"secrets": {"user": "hunter2", "key": "A1b2C3d4E5f6G7h8", "list": ["<later>", "", null]}, "name": "a"}"#;
        let found = exposed(json);
        let places: Vec<_> = found
            .iter()
            .map(|(code, path, _, shown)| (&**code, &**path, &**shown))
            .collect();
        assert_eq!(
            places,
            [
                ("exposed-secrets", "secrets.key", "A1b2…"),
                ("exposed-secrets", "secrets.user", "…"),
            ]
        );
        assert_eq!(exposed("secrets: \"******\"\nname: a\n"), []);
        assert_eq!(exposed("secrets:\nname: a\n"), []);
    }

    #[test]
    fn a_protocol_that_is_none_is_looked_through_as_text() {
        let found = exposed(&format!("a: [\n# {}\n", token()));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].2, &*found[0].3), (Some(2), "ghp_…"));
    }
}
