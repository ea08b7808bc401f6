//! Moves a secret to where it belongs.

use serde_json::Value as Json;

use crate::lint;

use super::super::source::{Source, Span};
use super::super::yaml::{self, Document, Node};
use super::super::{Diagnostic, Position};
use super::ESCAPED;

/// A protocol in which a secret has moved to `secrets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The whole protocol.
    pub text: String,
    /// What the secret is called now.
    pub name: String,
}

/// Moves the secret that a finding of this text is about below `secrets`, and puts
/// `<% $secrets.NAME %>` in its place. Where a command would get it changed, because
/// it holds `&`, quotes and the like, the command reads it from the file that holds
/// all secrets in the container (docs/contract.md#placeholders).
///
/// `None` where that cannot be done for sure: in descriptions and comments, of a
/// secret with several lines or escapes, in JSON. The protocol is otherwise the same,
/// comments and all.
pub fn mend(text: &str, found: &Diagnostic) -> Option<Mended> {
    if !found.code.starts_with("secret-") || found.start.line != found.end.line {
        return None;
    }
    let source = Source::new(text);
    let span = Span {
        start: character(&source, found.start)?,
        end: character(&source, found.end)?,
    };
    let document = read(text)?;
    let root = document.root();
    let place = find(root, span)?;
    let secret = source.slice(span);
    let whole = place.node.written()?;
    if secret.is_empty() || whole.matches(secret).count() != 1 || text.matches(secret).count() != 1
    {
        return None;
    }
    let leak = lint::scan_value(place.key, whole)
        .into_iter()
        .find(|leak| &whole[leak.start..leak.end] == secret);
    let flat = lint::flat_name(place.key);
    let name = match leak.map(|leak| leak.name) {
        Some("token" | "password") if secret == whole && !flat.is_empty() => flat,
        Some(name) => name.to_owned(),
        None => "docker_password".to_owned(),
    };
    let name = free_name(root, name);
    let is_read = place.is_command && secret.contains(ESCAPED);
    let new = if is_read {
        by_file(&source, span, &place, &name)?
    } else {
        format!(
            "{}<% $secrets.{name} %>{}",
            &text[..source.byte(span.start)],
            &text[source.byte(span.end)..]
        )
    };
    let new = with_secret(&new, &name, secret)?;
    let checked = is_read || is_otherwise_the_same(&document, &new, &name, secret);
    let kept = read(&new)?.root().get("secrets")?.get(&name)?.as_str() == Some(secret);
    (checked && kept).then_some(Mended { text: new, name })
}

fn read(text: &str) -> Option<Document> {
    let document = yaml::parse(text).ok()?;
    document.root().is_mapping().then_some(document)
}

/// The character that stands at a place.
pub(super) fn character(source: &Source<'_>, at: Position) -> Option<u32> {
    let index = usize::try_from(at.line).ok()?.checked_sub(1)?;
    let (start, _) = source.lines().nth(index)?;
    Some(start + at.column.checked_sub(1)?)
}

/// A value that something is filled into.
struct Place<'d> {
    node: Node<'d>,
    key: &'d str,
    is_command: bool,
}

/// The value around a span, if anything is filled into it.
fn find(root: Node<'_>, span: Span) -> Option<Place<'_>> {
    fn below<'d>(node: Node<'d>, key: &'d str, is_command: bool, span: Span) -> Option<Place<'d>> {
        let is_here = node.scalar().is_some()
            && node.span().start <= span.start
            && span.end <= node.span().end;
        if is_here {
            return Some(Place {
                node,
                key,
                is_command,
            });
        }
        let items = node.items().map(|item| (key, item));
        items.chain(node.entries()).find_map(|(key, value)| {
            let is_command =
                is_command || matches!(key, "commands" | "preCommands" | "postCommands");
            let is_filled_in = !matches!(key, "description" | "contributor" | "name" | "version");
            is_filled_in
                .then(|| below(value, key, is_command, span))
                .flatten()
        })
    }
    let filled_in = [
        "parameters",
        "taskRoles",
        "deployments",
        "prerequisites",
        "extras",
    ];
    filled_in
        .iter()
        .find_map(|key| below(root.get(key)?, key, false, span))
}

fn free_name(root: Node<'_>, name: String) -> String {
    let taken = |name: &str| {
        root.get("secrets")
            .is_some_and(|secrets| secrets.get(name).is_some())
    };
    if !taken(&name) {
        return name;
    }
    let mut number = 2;
    while taken(&format!("{name}_{number}")) {
        number += 1;
    }
    format!("{name}_{number}")
}

/// The text with a command in front that reads the secret into a variable, which
/// takes its place.
fn by_file(source: &Source<'_>, span: Span, place: &Place<'_>, name: &str) -> Option<String> {
    let text = source.text();
    let (start, end) = (source.byte(span.start), source.byte(span.end));
    let node = place.node.span();
    let item = source.position(node.start);
    let line = source.line(item.line);
    // A list with an item a line: the new one stands above.
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest = line.get(indent..)?.strip_prefix("- ")?;
    if source.slice(node).starts_with(['"', '\'']) || rest.starts_with(['"', '\'', '&', '*', '!']) {
        return None;
    }
    let variable = name.to_ascii_uppercase();
    let (before, after) = (&text[..start], &text[end..]);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let is_quoted = before[line_start..].matches('\'').count() % 2 == 1;
    let (before, after, quote) = match (
        is_quoted,
        before.strip_suffix('\''),
        after.strip_prefix('\''),
    ) {
        // Nothing is filled in between single quotes of a shell.
        (true, Some(before), Some(after)) => (before, after, "\""),
        (true, ..) => return None,
        _ => (before, after, ""),
    };
    let above = text.len() - text[source.byte(node.start)..].len();
    let above = text[..above].rfind('\n').map_or(0, |at| at + 1);
    let command = format!(
        "{}- export {variable}=\"$(python3 -c \"import yaml;print(yaml.safe_load(open('/usr/local/pai/secrets/secrets.yaml'))['{name}'])\")\"\n",
        " ".repeat(indent)
    );
    Some(format!(
        "{}{command}{}{quote}${{{variable}}}{quote}{after}",
        &before[..above],
        &before[above..]
    ))
}

/// The text with one more secret, in the style that OpenPAI hides.
fn with_secret(text: &str, name: &str, secret: &str) -> Option<String> {
    let line = |indent: usize| {
        let value = serde_json::to_string(secret).unwrap_or_default();
        format!("{}{name}: {value}\n", " ".repeat(indent))
    };
    let document = read(text)?;
    let source = Source::new(text);
    let mut new = text.to_owned();
    match document.root().get("secrets") {
        None => {
            if !new.ends_with('\n') {
                new.push('\n');
            }
            new += "secrets:\n";
            new += &line(2);
        }
        Some(secrets) => {
            let (_, first, _) = secrets.spanned_entries().next()?;
            let first = source.position(first.start);
            let is_blank = |text: &str| {
                let text = text.trim_start();
                text.is_empty() || text.starts_with('#')
            };
            let mut above = (1..first.line).rev().map(|number| source.line(number));
            let key = above.find(|line| !is_blank(line))?;
            if !is_blank(key.strip_prefix("secrets:")?) {
                return None;
            }
            let indent = usize::try_from(first.column - 1).ok()?;
            let at = source.byte(source.lines().nth(usize::try_from(first.line - 1).ok()?)?.0);
            new.insert_str(at, &line(indent));
        }
    }
    Some(new)
}

/// Whether nothing but that secret has moved.
fn is_otherwise_the_same(old: &Document, new: &str, name: &str, secret: &str) -> bool {
    let Some(new) = read(new) else {
        return false;
    };
    let mut json = new.root().to_json();
    put_back(&mut json, &format!("<% $secrets.{name} %>"), secret);
    let secrets = json.get_mut("secrets").and_then(Json::as_object_mut);
    if let Some(secrets) = secrets {
        secrets.remove(name);
        if secrets.is_empty()
            && old.root().get("secrets").is_none()
            && let Some(root) = json.as_object_mut()
        {
            root.remove("secrets");
        }
    }
    json == old.root().to_json()
}

fn put_back(json: &mut Json, placeholder: &str, secret: &str) {
    match json {
        Json::String(text) => *text = text.replace(placeholder, secret),
        Json::Array(items) => items
            .iter_mut()
            .for_each(|item| put_back(item, placeholder, secret)),
        Json::Object(entries) => entries
            .values_mut()
            .for_each(|value| put_back(value, placeholder, secret)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::validate;
    use super::*;

    const TOKEN: [&str; 2] = ["hf_", "q7ZtR2mX9vLp4KsD8wNfB3yHc6JgT1aVeU"];

    fn protocol(command: &str, rest: &str) -> String {
        format!(
            "# kept\nprotocolVersion: 2\nname: job\ntype: job\nprerequisites:\n- {{name: i, type: dockerimage, uri: i}} # kept\ntaskRoles:\n  main:\n    dockerImage: i\n    resourcePerInstance: {{cpu: 1, memoryMB: 1, gpu: 0}}\n    commands:\n    - first # kept\n    - {command}\n{rest}"
        )
    }

    fn mended(text: &str) -> Option<Mended> {
        let found = validate(text).diagnostics;
        let found = found
            .iter()
            .find(|found| found.code.starts_with("secret-"))
            .expect("a secret");
        mend(text, found)
    }

    #[test]
    fn a_secret_moves_to_where_it_belongs() {
        let token = TOKEN.concat();
        let new = mended(&protocol(
            &format!("huggingface-cli login --token {token}"),
            "",
        ))
        .expect("mended");
        assert_eq!(
            new.text,
            protocol(
                "huggingface-cli login --token <% $secrets.hf_token %>",
                &format!("secrets:\n  hf_token: \"{token}\"\n")
            )
        );
        assert_eq!(
            (validate(&new.text).diagnostics, new.name.as_str()),
            (Vec::new(), "hf_token")
        );
        let others = "secrets:\n    # kept\n    hf_token: x\n";
        let new = mended(&protocol(&format!("\"export T={token}\""), others)).expect("mended");
        assert_eq!(new.name, "hf_token_2");
        let others = "secrets:\n    hf_token: x\n";
        let new = mended(&protocol(&format!("export T={token}"), others)).expect("mended");
        assert!(
            new.text.ends_with(&format!(
                "secrets:\n    hf_token_2: \"{token}\"\n    hf_token: x\n"
            )),
            "{}",
            new.text
        );
        let under = protocol(
            "last",
            "parameters:\n  wandb_api_key: 9f31c07ae52b48d69f31c07ae52b48d6\n",
        );
        assert_eq!(mended(&under).expect("mended").name, "wandb_api_key");
        let auth = protocol("last", "")
            .replace("uri: i}", "uri: i, auth: {username: u, password: hunter2}}");
        let new = mended(&auth).expect("mended");
        assert!(
            new.text
                .contains("password: <% $secrets.docker_password %>}"),
            "{}",
            new.text
        );
        assert_eq!(validate(&new.text).diagnostics, []);
    }

    #[test]
    fn what_commands_would_get_changed_is_read_from_the_file() {
        let new = mended(&protocol("sshpass -p 'Tr7!k&pqzW2' ssh host", "")).expect("mended");
        let command = "export PASSWORD=\"$(python3 -c \"import yaml;print(yaml.safe_load(open('/usr/local/pai/secrets/secrets.yaml'))['password'])\")\"";
        assert_eq!(
            new.text,
            protocol(
                &format!("{command}\n    - sshpass -p \"${{PASSWORD}}\" ssh host"),
                "secrets:\n  password: \"Tr7!k&pqzW2\"\n"
            )
        );
        assert_eq!(validate(&new.text).diagnostics, []);
    }

    #[test]
    fn what_cannot_be_mended_for_sure_is_left() {
        let token = TOKEN.concat();
        for text in [
            protocol("last", &format!("description: Log in with {token}.\n")),
            protocol("last", &format!("# {token}\n")),
            protocol(&format!("a {token} {token}"), ""),
            protocol(&format!("a {token}"), "secrets: {x: 1}\n"),
            format!("{{taskRoles: {{a: {{commands: [\"a {token}\"]}}}}}}"),
            protocol("\"sshpass -p 'Tr7!k&pqzW2' ssh host\"", ""),
        ] {
            assert_eq!(mended(&text), None, "{text}");
        }
    }
}
