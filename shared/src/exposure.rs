//! Secrets in what others come to read of an item. The server refuses to share them, and
//! who pushes from a shell is told so beforehand.

use crate::protocol::{self, Diagnostic};
use crate::wire::{Item, Sharing};

/// The texts of an item that its author writes and others read, by their names on the
/// wire.
pub const FIELDS: [&str; 9] = [
    "protocol",
    "description",
    "summary",
    "dataUrl",
    "name",
    "tags",
    "license",
    "deprecation.reason",
    "withdrawn",
];

/// A text, and the name of its field.
pub type Text<'t> = (&'static str, &'t str);

/// What is read of an item, and by whom.
#[derive(Clone, Debug, Default)]
pub struct Shown<'t> {
    /// By whom.
    pub sharing: Sharing,
    /// What: one of [`FIELDS`] each, or `versionNote`; none of a field that is missing.
    pub texts: Vec<Text<'t>>,
}

impl<'i> From<&'i Item> for Shown<'i> {
    fn from(item: &'i Item) -> Self {
        let deprecation = item.deprecation.as_ref();
        let texts = [
            ("protocol", item.protocol.as_deref()),
            ("description", item.description.as_deref()),
            ("summary", item.summary.as_deref()),
            ("dataUrl", item.data_url.as_deref()),
            ("name", item.name.as_deref()),
            ("license", item.license.as_deref()),
            ("deprecation.reason", deprecation.map(|it| &*it.reason)),
            ("withdrawn", item.withdrawn.as_deref()),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(field, text)| Some((field, text?)));
        let tags = item.tags.iter().map(|tag| ("tags", &**tag));
        Self {
            sharing: Sharing::from(item),
            texts: texts.chain(tags).collect(),
        }
    }
}

impl<'t> Shown<'t> {
    /// The texts that somebody beside the author comes to read who could not `before`;
    /// of a new item that is nothing.
    pub fn news(self, before: &Shown<'_>) -> Vec<Text<'t>> {
        if !self.sharing.leaves_author() {
            return Vec::new();
        }
        let mut texts = self.texts;
        if !self.sharing.is_wider_than(&before.sharing) {
            texts.retain(|text| !before.texts.contains(text));
        }
        texts
    }
}

/// What mends those that stand below `secrets`.
const BELOW_SECRETS: &str =
    " (leave it empty under `secrets`: whoever uses the item is asked for it)";

/// The secrets in a text of this field. In a protocol those that the validator warns of, and
/// those below `secrets` that look like one, or are one by their key or their use: OpenPAI
/// hides these in jobs, but the item's text is read as it is.
pub fn find(field: &str, text: &str) -> Vec<Diagnostic> {
    let all = protocol::find_secrets(text);
    if field != "protocol" {
        return all;
    }
    let mut found = protocol::validate(text).diagnostics;
    found.retain(|one| one.code.starts_with("secret-"));
    let below = all.into_iter().map(|mut one| {
        one.message.push_str(BELOW_SECRETS);
        one
    });
    for one in below.chain(protocol::find_below_secrets(text)) {
        let is_known = |known: &Diagnostic| known.start < one.end && one.start < known.end;
        if !found.iter().any(is_known) {
            found.push(one);
        }
    }
    found.sort_by_key(|one| one.start);
    found
}

/// Why a text is not shared in which these were found, in one line.
pub fn refusal(field: &str, found: &[Diagnostic]) -> String {
    let first = found.first().map(ToString::to_string);
    let more = match found.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    format!(
        "The {field} would show others a secret: {}{more}. Mend it, or keep the item private; if it is no secret, an \
         admin can share it.",
        first.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sharing(groups: &[&str]) -> Sharing {
        Sharing {
            group_list: groups.iter().map(ToString::to_string).collect(),
            ..Sharing::default()
        }
    }

    fn shown<'t>(groups: &[&str], texts: &[Text<'t>]) -> Shown<'t> {
        Shown {
            sharing: sharing(groups),
            texts: texts.to_vec(),
        }
    }

    #[test]
    fn what_nobody_comes_to_read_is_no_news() {
        let (old, new) = (("summary", "old"), ("summary", "new"));
        let (one, other) = (("tags", "one"), ("tags", "other"));
        let before = shown(&["vision"], &[old, one]);
        for (groups, texts, news) in [
            (&[][..], &[new, other][..], &[][..]),
            (&["vision"], &[old, one], &[]),
            (&["vision"], &[new, one, other], &[new, other]),
            // Another field is another text.
            (&["vision"], &[("name", "old")], &[("name", "old")]),
            (&["nlp", "vision"], &[old, other], &[old, other]),
        ] {
            assert_eq!(
                shown(groups, texts).news(&before),
                news,
                "{groups:?} {texts:?}"
            );
        }
        assert_eq!(shown(&["vision"], &[old]).news(&Shown::default()), [old]);
    }

    #[test]
    fn values_below_secrets_are_read_with_the_item() {
        let protocol = |secrets: &str| {
            format!(
                "protocolVersion: 2\nname: job\ntype: job\nsecrets: {secrets}\nprerequisites:\n- {{name: i, type: dockerimage, uri: i, auth: {{username: u, password: <% $secrets.registry %>, registryuri: <% $secrets.host %>}}}}\ntaskRoles:\n  main:\n    dockerImage: i\n    resourcePerInstance: {{cpu: 1, memoryMB: 1, gpu: 0}}\n    commands: [run <% $secrets.seed %>]\n"
            )
        };
        for (secrets, path) in [
            ("{registry: hunter2}", "secrets.registry"),
            ("{registry: 1234}", "secrets.registry"),
            ("{db: {password: hunter2}}", "secrets.db.password"),
            ("{apiToken: [a, '']}", "secrets.apiToken[0]"),
            ("{token: &x hunter2, again: *x}", "secrets.token"),
        ] {
            let text = protocol(secrets);
            let found = find("protocol", &text);
            assert_eq!(found.len(), 1, "{text}\n{found:?}");
            assert_eq!(found[0].path, path);
            let refusal = refusal("protocol", &found);
            assert!(
                refusal.contains("leave it empty under `secrets`") && !refusal.contains("hunter2"),
                "{refusal}"
            );
        }
        for secrets in [
            "{registry: '', db: {password: null}, token: ' '}",
            "{registry: <yours>, token: change-me, password: '******'}",
            "{seed: of the template, host: registry.example, user: me}",
            "\"******\"",
        ] {
            assert_eq!(find("protocol", &protocol(secrets)), [], "{secrets}");
        }
    }

    #[test]
    fn every_text_of_an_item_is_among_what_is_shown() {
        let item: Item = serde_json::from_str(
            r#"{"id":"i","name":"n","author":"a","type":"data","source":"pai","isPublic":true,"isPrivate":false,
                "groupList":[],"dataType":null,"dataUrl":"u","license":"l","tags":["s","t"],"summary":"s",
                "description":"d","protocol":"p","useNumber":0,"starNumber":0,"status":null,"withdrawn":"w",
                "deprecation":{"reason":"r"},
                "createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"}"#,
        )
        .unwrap();
        let shown = Shown::from(&item);
        assert!(shown.sharing.is_public);
        let mut fields: Vec<_> = shown.texts.iter().map(|(field, _)| *field).collect();
        fields.dedup();
        fields.sort_unstable();
        let mut all = FIELDS;
        all.sort_unstable();
        assert_eq!(fields, all);
        assert_eq!(shown.texts.len(), FIELDS.len() + 1, "both tags");
    }
}
