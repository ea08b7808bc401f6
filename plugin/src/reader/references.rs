//! What the names in a protocol stand for: `<% $parameters.x %>` in commands, and
//! the images, data, scripts and outputs that a task role names.

use shared::protocol::{Protocol, Reference, TaskRole};

use super::html::{push_text, text};
use crate::messages::reader as messages;

/// What the names of a protocol stand for.
#[derive(Clone, Copy)]
pub(super) struct References<'p>(pub(super) Option<&'p Protocol>);

impl<'p> References<'p> {
    /// The task role of this name.
    pub(super) fn role(self, name: &str) -> Option<&'p TaskRole> {
        let mut roles = self.0?.task_roles.iter();
        roles.find(|role| role.name == name)
    }

    /// A text in which OpenPAI fills in what stands between `<%` and `%>`, as HTML.
    pub(super) fn mark(self, written: &str, role: Option<&TaskRole>) -> String {
        let mut html = String::with_capacity(written.len() * 2);
        let mut rest = written;
        while let Some(start) = rest.find("<%") {
            let Some(length) = rest[start..].find("%>") else {
                break;
            };
            let end = start + length + 2;
            push_text(&mut html, &rest[..start]);
            let content = &rest[start + 2..end - 2];
            html.push_str(&reference(
                &rest[start..end],
                self.placeholder(content, role),
            ));
            rest = &rest[end..];
        }
        push_text(&mut html, rest);
        html
    }

    /// The name of a prerequisite as the value of a role's `key`, as HTML.
    pub(super) fn name(key: &str, name: &str, role: Option<&TaskRole>) -> Option<String> {
        let role = role?;
        let to = match key {
            "dockerImage" => &role.docker_image,
            "data" => &role.data,
            "output" => &role.output,
            "script" => &role.script,
            _ => return None,
        };
        let to = to.as_ref().filter(|to| to.name == name)?;
        Some(reference(name, uris(to)))
    }

    /// What OpenPAI puts into the place of a placeholder.
    fn placeholder(self, content: &str, role: Option<&TaskRole>) -> Option<String> {
        let (root, path) = content.trim().strip_prefix('$')?.split_once('.')?;
        let of = |to: Option<&Option<Reference>>| {
            let to = to?.as_ref()?;
            match path {
                "name" => Some(to.name.clone()),
                "uri" => uris(to),
                _ => {
                    let index = path.strip_prefix("uri[")?.strip_suffix(']')?;
                    to.uris.get(index.parse::<usize>().ok()?).cloned()
                }
            }
        };
        match root {
            "parameters" => {
                let mut all = self.0?.parameters.iter();
                let value = &all.find(|(name, _)| name == path)?.1;
                Some(match value.as_str() {
                    "" => messages::empty_value().to_owned(),
                    value => value.to_owned(),
                })
            }
            // Their values are shown nowhere.
            "secrets" => {
                let known = self.0?.secret_keys.iter().any(|key| key == path);
                known.then(|| messages::secret_filled_in().to_owned())
            }
            "data" => of(role.map(|role| &role.data)),
            "script" => of(role.map(|role| &role.script)),
            "output" => of(role.map(|role| &role.output)),
            _ => None,
        }
    }
}

fn uris(to: &Reference) -> Option<String> {
    (!to.uris.is_empty()).then(|| to.uris.join("\n"))
}

/// A name, and what shows on hover and focus: what it stands for.
fn reference(name: &str, stands_for: Option<String>) -> String {
    let name = text(name);
    let Some(value) = stands_for else {
        return format!(r#"<span class="hole">{name}</span>"#);
    };
    format!(
        r#"<button type="button" class="ref" data-tip="{}">{name}</button>"#,
        text(&value)
    )
}

#[cfg(test)]
mod tests {
    use shared::protocol::validate;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn names_tell_what_they_stand_for() {
        let protocol = validate(
            "protocolVersion: 2\nname: j\ntype: job\nsecrets: {key: hush}\nparameters: {lr: 0.1, none: ''}\nprerequisites:\n  - {name: i, type: dockerimage, uri: ubuntu}\n  - {name: d, type: data, uri: ['a&b', c]}\ntaskRoles:\n  main:\n    dockerImage: i\n    data: d\n    commands: [ls]\n",
        )
        .protocol
        .unwrap_or_default();
        let references = References(Some(&protocol));
        let role = references.role("main");
        for (written, tip) in [
            ("<% $parameters.lr %>", Some("0.1")),
            ("<%$parameters.none%>", Some(messages::empty_value())),
            ("<% $secrets.key %>", Some(messages::secret_filled_in())),
            ("<% $data.name %>", Some("d")),
            ("<% $data.uri[0] %>", Some("a&amp;b")),
            ("<% $data.uri[7] %>", None),
            ("<% $script.uri %>", None),
            ("<% $parameters.typo %>", None),
        ] {
            let html = references.mark(&format!("a < {written} b"), role);
            assert!(html.starts_with("a &lt; <"), "{html}");
            match tip {
                Some(tip) => assert!(html.contains(&format!(r#"data-tip="{tip}""#)), "{html}"),
                None => assert!(html.contains(r#"class="hole""#), "{html}"),
            }
            assert!(!html.contains("hush"), "{html}");
        }
        assert_eq!(references.mark("<% open", role), "&lt;% open");
        let image = References::name("dockerImage", "i", role);
        assert!(image.is_some_and(|html| html.contains(r#"data-tip="ubuntu""#)));
        assert_eq!(References::name("data", "other", role), None);
    }
}
