//! Moves a secret to where it belongs.

use serde_json::Value as Json;

use crate::lint;

use super::super::findings::Path;
use super::super::source::{Source, Span};
use super::super::yaml::{self, Document, Node};
use super::super::{Diagnostic, Position};
use super::place::Place;
use super::{SECRETS_FILE, placeholder};

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
/// `None` where nothing is filled in, as in descriptions, comments, and addresses of
/// images, and where it cannot be done for sure: of a secret that commands copy from
/// elsewhere and would get changed, of one with several lines or escapes, in JSON.
/// The protocol is otherwise the same, comments and all.
pub fn mend(text: &str, found: &Diagnostic) -> Option<Mended> {
    if !found.offers_move() || found.start.line != found.end.line {
        return None;
    }
    let source = Source::new(text);
    let span = Span {
        start: character(&source, found.start)?,
        end: character(&source, found.end)?,
    };
    let document = read(text)?;
    let root = document.root();
    let value = find(&document, span)?;
    let secret = source.slice(span);
    let whole = value.node.written()?;
    if secret.is_empty() || whole.matches(secret).count() != 1 || text.matches(secret).count() != 1
    {
        return None;
    }
    let leak = lint::scan_value(value.key, whole)
        .into_iter()
        .find(|leak| &whole[leak.start..leak.end] == secret);
    let flat = lint::flat_name(value.key);
    let name = match leak.map(|leak| leak.name) {
        Some("token" | "password") if secret == whole && !flat.is_empty() => flat,
        Some(name) => name.to_owned(),
        None => "docker_password".to_owned(),
    };
    let name = free_name(root, name);
    let is_read = value.place.changes(secret);
    let new = if is_read {
        by_file(&source, span, &value, &name)?
    } else {
        format!(
            "{}{}{}",
            &text[..source.byte(span.start)],
            placeholder(&name),
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

/// A value that secrets are filled into.
struct Value<'d> {
    node: Node<'d>,
    key: &'d str,
    place: Place,
}

/// The value around a span, if secrets are filled into it.
fn find(document: &Document, span: Span) -> Option<Value<'_>> {
    struct Search<'d> {
        root: Node<'d>,
        span: Span,
        /// Which nodes were looked at: of an alias the first place counts, as it does
        /// for the finding.
        seen: Vec<bool>,
    }

    impl<'d> Search<'d> {
        fn below(&mut self, node: Node<'d>, key: &'d str, path: &Path<'_>) -> Option<Value<'d>> {
            if std::mem::replace(&mut self.seen[node.id()], true) {
                return None;
            }
            let around = node.span();
            if node.scalar().is_some()
                && around.start <= self.span.start
                && self.span.end <= around.end
            {
                let place = Place::of(self.root, path);
                return Some(Value { node, key, place });
            }
            let mut items = node.items().enumerate();
            items
                .find_map(|(index, item)| self.below(item, key, &path.index(index)))
                .or_else(|| {
                    node.entries()
                        .find_map(|(key, value)| self.below(value, key, &path.key(key)))
                })
        }
    }

    let root = document.root();
    let mut search = Search {
        root,
        span,
        seen: vec![false; document.node_count()],
    };
    root.entries()
        .filter(|(key, _)| *key != "secrets")
        .find_map(|(key, value)| search.below(value, key, &Path::Root.key(key)))
        .filter(|value| value.place != Place::Plain)
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
fn by_file(source: &Source<'_>, span: Span, value: &Value<'_>, name: &str) -> Option<String> {
    if value.place != Place::Command {
        return None;
    }
    let text = source.text();
    let (start, end) = (source.byte(span.start), source.byte(span.end));
    let node = value.node.span();
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
        "{}- export {variable}=\"$(python3 -c \"import yaml;print(yaml.safe_load(open('{SECRETS_FILE}'))['{name}'])\")\"\n",
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
    put_back(&mut json, &placeholder(name), secret);
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

    /// What is said of the only secret, and the protocol without it.
    fn advice(text: &str) -> (String, Option<Mended>) {
        let mut found = validate(text).diagnostics;
        found.retain(|found| found.code.starts_with("secret-"));
        assert_eq!(found.len(), 1, "{text}\n{found:?}");
        let mended = mend(text, &found[0]);
        (found.remove(0).message, mended)
    }

    #[test]
    fn a_secret_moves_wherever_openpai_fills_secrets_in() {
        let token = TOKEN.concat();
        let odd = "Tr7!k&pqzW2";
        let image = |auth: &str| {
            protocol("last", "").replace("uri: i}", &format!("uri: i, auth: {{{auth}}}}}"))
        };
        let plugin = |parameters: &str| {
            protocol(
                "last",
                &format!(
                    "extras:\n  com.microsoft.pai.runtimeplugin:\n  - plugin: cmd\n    parameters:\n      {parameters}\n"
                ),
            )
        };
        let deployment = |key: &str| {
            protocol(
                "last",
                &format!(
                    "deployments:\n- name: d\n  taskRoles:\n    main:\n      {key}:\n      - login {token}\n"
                ),
            )
        };
        let uri = |kind: &str, uri: &str| {
            protocol("last", "").replace(
                "taskRoles:",
                &format!("- {{name: u, type: {kind}, uri: {uri}}}\ntaskRoles:"),
            )
        };
        for (text, secret) in [
            (image(&format!("username: {token}")), &*token),
            (image(&format!("password: \"{odd}\"")), odd),
            (image(&format!("registryuri: \"{token}.io\"")), &token),
            (deployment("preCommands"), &token),
            (deployment("postCommands"), &token),
            (
                protocol("last", &format!("parameters:\n  a: {{b: [{token}]}}\n")),
                &token,
            ),
            // A parameter may be called so.
            (
                protocol("last", &format!("parameters:\n  name: {token}\n")),
                &token,
            ),
            (uri("data", &format!("[\"https://{token}@h/d\"]")), &token),
            (uri("script", &format!("\"https://{token}@h/d\"")), &token),
            (uri("output", &format!("\"https://{token}@h/d\"")), &token),
            (plugin(&format!("userssh: {{value: {token}}}")), &token),
            // What these get is not changed, even if it is run.
            (plugin(&format!("password: \"{odd}\"")), odd),
            (
                plugin(&format!("commands: [\"sshpass -p '{odd}' ssh host\"]")),
                odd,
            ),
        ] {
            let (message, new) = advice(&text);
            assert!(
                message.contains("write `<% $secrets.") && !message.contains("HTML"),
                "{message}"
            );
            let Mended { text: new, name } = new.expect(&text);
            let expected = text.replacen(secret, &format!("<% $secrets.{name} %>"), 1);
            assert_eq!(new, format!("{expected}secrets:\n  {name}: \"{secret}\"\n"));
            let mut left = validate(&new).diagnostics;
            left.retain(|found| found.code.starts_with("secret-"));
            assert_eq!(left, [], "{new}");
        }
    }

    #[test]
    fn what_commands_copy_and_would_get_changed_stays() {
        let data = protocol("last", "").replace(
            "taskRoles:",
            "- {name: u, type: data, uri: [\"https://user:Tr7!k&pqzW2@host/d\"]}\ntaskRoles:",
        );
        for text in [
            protocol(
                "echo <% $parameters.password %>",
                "parameters: {password: \"Tr7!k&pqzW2\"}\n",
            ),
            protocol(
                "last",
                "parameters:\n  commands: [\"sshpass -p 'Tr7!k&pqzW2' ssh host\"]\n",
            ),
            data,
        ] {
            let (message, new) = advice(&text);
            assert_eq!(new, None, "{text}");
            assert!(
                message
                    .contains("have the command read it from /usr/local/pai/secrets/secrets.yaml")
                    && message.contains("HTML")
                    && !message.contains("<%"),
                "{message}"
            );
        }
    }

    #[test]
    fn where_nothing_is_filled_in_a_secret_is_to_be_taken_out() {
        let token = TOKEN.concat();
        let plain = protocol("last", "");
        let whole = |from: &str, to: &str| plain.replacen(from, &to.replace('T', &token), 1);
        for text in [
            whole("uri: i}", "uri: \"https://T@host/i\"}"),
            whole("uri: i}", "uri: i, description: T}"),
            whole("uri: i}", "uri: i, auth: {username: u, note: T}}"),
            whole("name: job", "name: T"),
            whole("cpu: 1", "cpu: T"),
            whole("dockerImage: i", "dockerImage: T"),
            whole(
                "    commands:",
                "    extraContainerOptions: {note: T}\n    commands:",
            ),
            whole(
                "taskRoles:",
                "- {name: d, type: data, plugin: T}\ntaskRoles:",
            ),
            whole(
                "taskRoles:",
                "- {name: d, type: data, auth: {password: hunter2}}\ntaskRoles:",
            ),
            whole("taskRoles:", "defaults: {virtualCluster: T}\ntaskRoles:"),
            whole("taskRoles:", "extras: {submitFrom: T}\ntaskRoles:"),
            whole(
                "taskRoles:",
                "extras: {parameters: {commands: [T]}}\ntaskRoles:",
            ),
            whole(
                "taskRoles:",
                "extras: {com.microsoft.pai.runtimeplugin: [{plugin: T}]}\ntaskRoles:",
            ),
            whole(
                "taskRoles:",
                "deployments: [{name: d, taskRoles: {main: {commands: [T]}}}]\ntaskRoles:",
            ),
            whole(
                "taskRoles:",
                "deployments: [{name: d, parameters: {a: T}}]\ntaskRoles:",
            ),
        ] {
            let (message, new) = advice(&text);
            assert_eq!(new, None, "{text}");
            assert!(
                message.contains("take it out") && !message.contains("under `secrets`"),
                "{message}\n{text}"
            );
        }
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
