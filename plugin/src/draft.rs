//! What the form for an item holds, apart from how it looks.

use serde::{Deserialize, Serialize};
use shared::wire::{DataType, Item, ItemChanges, ItemType, MAX_LINE, NewItem};

/// The contents of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Draft {
    /// One line.
    pub name: String,
    /// None stands for a template.
    pub kind: Option<ItemType>,
    /// One line.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// Separated by commas.
    pub tags: String,
    /// Of data items.
    pub data_type: Option<DataType>,
    /// Of data items; one line.
    pub data_url: String,
    /// Who may see it.
    pub audience: Audience,
    /// Who, if only some groups may.
    pub groups: Vec<String>,
    /// YAML text.
    pub protocol: String,
    /// The name and description that were last taken from the protocol: they
    /// may be replaced, unlike what the user typed.
    pub taken: (String, String),
}

/// Who may see an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Audience {
    /// Everybody on the cluster.
    #[default]
    Everybody,
    /// Members of some groups.
    Groups,
    /// Its author and admins.
    OnlyMe,
}

/// The fields that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The YAML text.
    Protocol,
    /// The item's name.
    Name,
    /// The one-line summary.
    Summary,
    /// The address of the data.
    DataUrl,
    /// The tags.
    Tags,
    /// The groups that may see it.
    Groups,
}

impl Field {
    /// The id of the field's control in the page.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Protocol => "field-protocol",
            Self::Name => "field-name",
            Self::Summary => "field-summary",
            Self::DataUrl => "field-data-url",
            Self::Tags => "field-tags",
            Self::Groups => "field-groups",
        }
    }
}

impl Draft {
    /// The form for an item that exists.
    pub(crate) fn of(item: &Item) -> Self {
        let audience = if item.is_private {
            Audience::OnlyMe
        } else if item.is_public {
            Audience::Everybody
        } else {
            Audience::Groups
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            name: text(&item.name),
            kind: item.kind,
            summary: text(&item.summary),
            description: text(&item.description),
            tags: item.tags.join(", "),
            data_type: item.data_type,
            data_url: text(&item.data_url),
            audience,
            groups: item.group_list.clone(),
            protocol: lines(&text(&item.protocol)),
            taken: Default::default(),
        }
    }

    /// Takes name and description over from the protocol, where the user has
    /// not typed their own.
    pub(crate) fn take_over(&mut self, name: &str, description: &str) {
        let free = |field: &str, taken: &str| field.is_empty() || field == taken;
        if free(&self.name, &self.taken.0) {
            name.clone_into(&mut self.name);
        }
        if free(&self.description, &self.taken.1) {
            description.clone_into(&mut self.description);
        }
        self.taken = (name.to_owned(), description.to_owned());
    }

    /// What keeps the draft from being sent, field by field, in the order of
    /// the form. The protocol's own diagnostics come on top of these.
    pub(crate) fn problems(&self) -> Vec<(Field, String)> {
        let mut problems = Vec::new();
        let too_long = |what: &str, text: &str| {
            let length = text.trim().chars().count();
            (length > MAX_LINE)
                .then(|| format!("{what} has {length} characters, {MAX_LINE} are the limit."))
        };
        if self.protocol.trim().is_empty() {
            problems.push((
                Field::Protocol,
                "Give a protocol: drop a file or type one.".into(),
            ));
        }
        if self.name.trim().is_empty() {
            problems.push((Field::Name, "Give the item a name.".into()));
        }
        problems.extend(too_long("The name", &self.name).map(|text| (Field::Name, text)));
        problems.extend(too_long("The summary", &self.summary).map(|text| (Field::Summary, text)));
        problems.extend(
            self.tag_names()
                .iter()
                .find_map(|tag| too_long("A tag", tag))
                .map(|text| (Field::Tags, text)),
        );
        if self.is_data() {
            problems.extend(
                too_long("The data's address", &self.data_url).map(|text| (Field::DataUrl, text)),
            );
        }
        if self.audience == Audience::Groups && self.groups.is_empty() {
            problems.push((
                Field::Groups,
                "Choose at least one group, or another audience.".into(),
            ));
        }
        problems
    }

    /// The body that makes the item.
    pub(crate) fn to_new(&self, author: &str) -> NewItem {
        NewItem {
            name: Some(self.name.trim().into()),
            author: Some(author.into()),
            kind: Some(self.kind.unwrap_or(ItemType::Template)),
            is_public: Some(self.audience == Audience::Everybody),
            is_private: Some(self.audience == Audience::OnlyMe),
            group_list: Some(self.group_list()),
            data_type: self.data_type.filter(|_| self.is_data()),
            data_url: self.data_address(),
            tags: Some(self.tag_names()),
            summary: filled(&self.summary),
            description: filled(&self.description),
            protocol: Some(self.protocol.clone()),
            ..NewItem::default()
        }
    }

    /// The body that brings an item to what the form holds. What the form
    /// does not show stays as it is, and so does a null type that the user
    /// left alone.
    pub(crate) fn to_changes(&self) -> ItemChanges {
        ItemChanges {
            name: Some(self.name.trim().into()),
            kind: self.kind,
            is_public: Some(self.audience == Audience::Everybody),
            is_private: Some(self.audience == Audience::OnlyMe),
            group_list: Some(self.group_list()),
            data_type: Some(self.data_type.filter(|_| self.is_data())),
            data_url: Some(self.data_address()),
            tags: Some(self.tag_names()),
            summary: Some(filled(&self.summary)),
            description: Some(filled(&self.description)),
            protocol: Some(self.protocol.clone()),
            ..ItemChanges::default()
        }
    }

    /// Whether the fields of data items count.
    pub(crate) fn is_data(&self) -> bool {
        self.kind == Some(ItemType::Data)
    }

    /// The tags, each once.
    pub(crate) fn tag_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self
            .tags
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            if !names.iter().any(|known| known == name) {
                names.push(name.into());
            }
        }
        names
    }

    fn group_list(&self) -> Vec<String> {
        if self.audience == Audience::Groups {
            self.groups.clone()
        } else {
            Vec::new()
        }
    }

    fn data_address(&self) -> Option<String> {
        filled(&self.data_url).filter(|_| self.is_data())
    }
}

/// A text with line ends as a text area keeps them.
pub(crate) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
