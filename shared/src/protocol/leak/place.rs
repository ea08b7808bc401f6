//! Where OpenPAI fills in `<% $secrets.NAME %>`, and how it arrives there
//! (docs/contract.md#placeholders).

use super::super::findings::Path;
use super::super::schema::RUNTIME_PLUGINS;
use super::super::yaml::Node;

/// What becomes of a value, which decides what mends a secret in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A command, which gets secrets with [`ESCAPED`] written as HTML does.
    Command,
    /// What commands copy: they get it as if it stood in them.
    Copied,
    /// What docker images are fetched with. It gets secrets as they are.
    Auth,
    /// Parameters of a runtime plugin, which get secrets as they are.
    Plugin,
    /// Nothing is filled in: all other values, comments, and texts that are no protocol.
    Plain,
}

/// What commands get changed.
const ESCAPED: [char; 5] = ['&', '<', '>', '"', '\''];

/// What leads to a value.
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl Place {
    /// What becomes of the value at this path.
    pub(super) fn of(root: Node<'_>, path: &Path<'_>) -> Self {
        use Step::{Index, Key};
        let mut steps = Vec::new();
        let mut at = path;
        loop {
            at = match at {
                Path::Root => break,
                Path::Key(parent, key) => {
                    steps.push(Key(key));
                    parent
                }
                Path::Index(parent, index) => {
                    steps.push(Index(*index));
                    parent
                }
            };
        }
        steps.reverse();
        let is_image = |index: usize| {
            let all = root.get("prerequisites");
            let kind = all.and_then(|all| all.item(index)?.get("type")?.as_str());
            kind == Some("dockerimage")
        };
        match &steps[..] {
            [
                Key("prerequisites"),
                Index(index),
                Key("auth"),
                Key("username" | "password" | "registryuri"),
            ] if is_image(*index) => Self::Auth,
            [Key("prerequisites"), Index(index), Key("uri"), ..] if !is_image(*index) => {
                Self::Copied
            }
            [Key("parameters"), _, ..] => Self::Copied,
            [Key("taskRoles"), Key(_), Key("commands"), Index(_)]
            | [
                Key("deployments"),
                Index(_),
                Key("taskRoles"),
                Key(_),
                Key("preCommands" | "postCommands"),
                Index(_),
            ] => Self::Command,
            [
                Key("extras"),
                Key(RUNTIME_PLUGINS),
                Index(_),
                Key("parameters"),
                ..,
            ] => Self::Plugin,
            _ => Self::Plain,
        }
    }

    /// Whether a placeholder in this place would not become the secret that it names.
    pub(super) fn changes(self, secret: &str) -> bool {
        matches!(self, Self::Command | Self::Copied) && secret.contains(ESCAPED)
    }
}
