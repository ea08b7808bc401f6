//! What the form for an item holds, apart from how it looks.

use shared::order;
use shared::wire::{DataType, Item, ItemChanges, ItemType, MAX_LINE, MAX_PROTOCOL, NewItem};

use crate::components::badge::{data_name, kind_name};
use crate::messages;

/// The contents of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Of data items; one line.
    pub license: String,
    /// Whether its jobs get at the cluster's Azure Blob storage.
    pub use_blob: bool,
    /// Names of those that there are.
    pub categories: Vec<String>,
    /// Who may see it.
    pub audience: Audience,
    /// Who, if only some groups may.
    pub groups: Vec<String>,
    /// YAML text.
    pub protocol: String,
    /// What has changed in it, for the history of an item that exists; one line.
    pub version_note: String,
    /// Whether the user has typed a name, even if it is empty by now: the
    /// protocol's own no longer takes its place.
    pub name_typed: bool,
    /// The same for the description.
    pub description_typed: bool,
}

/// A version of an item that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    /// What the form shows of it.
    pub content: Draft,
    /// The API's name for it.
    pub etag: String,
}

/// A new item on its way to the marketplace, under the name by which the API
/// knows it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The `Idempotency-Key`.
    pub key: String,
    /// What was sent.
    pub content: Draft,
    /// Whether the item may have been made: there was no answer that says no.
    pub open: bool,
}

/// Who may see an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Everybody on the cluster.
    Everybody,
    /// Members of some groups.
    Groups,
    /// Its author and admins: what nobody has decided to share is shared with nobody.
    #[default]
    OnlyMe,
}

/// The fields of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The YAML text.
    Protocol,
    /// What has changed in it.
    VersionNote,
    /// The item's name.
    Name,
    /// Template or data.
    Kind,
    /// The one-line summary.
    Summary,
    /// Markdown.
    Description,
    /// Where the data lies.
    DataType,
    /// The address of the data.
    DataUrl,
    /// Under what others may use the data.
    License,
    /// Whether its jobs get at the cluster's storage.
    UseBlob,
    /// The categories.
    Categories,
    /// The tags.
    Tags,
    /// Who may see it.
    Groups,
}

impl Field {
    /// Every field, in the order of the form.
    pub(crate) const ALL: [Self; 13] = [
        Self::Protocol,
        Self::VersionNote,
        Self::Name,
        Self::Kind,
        Self::DataType,
        Self::DataUrl,
        Self::License,
        Self::UseBlob,
        Self::Summary,
        Self::Description,
        Self::Categories,
        Self::Tags,
        Self::Groups,
    ];

    /// What people read above the field.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Protocol => messages::form::label_protocol(),
            Self::VersionNote => messages::form::label_version_note(),
            Self::Name => messages::form::label_name(),
            Self::Kind => messages::form::label_type(),
            Self::Summary => messages::form::label_summary(),
            Self::Description => messages::form::label_description(),
            Self::DataType => messages::form::label_data_type(),
            Self::DataUrl => messages::form::label_data_url(),
            Self::License => messages::form::label_license(),
            Self::UseBlob => messages::form::label_use_blob(),
            Self::Categories => messages::detail::categories(),
            Self::Tags => messages::form::label_tags(),
            Self::Groups => messages::form::label_audience(),
        }
    }

    /// The id of the field's control in the page.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Protocol => "field-protocol",
            Self::VersionNote => "field-version-note",
            Self::Name => "field-name",
            Self::Kind => "field-type",
            Self::Summary => "field-summary",
            Self::Description => "field-description",
            Self::DataType => "field-data-type",
            Self::DataUrl => "field-data-url",
            Self::License => "field-license",
            Self::UseBlob => "field-use-blob",
            Self::Categories => "field-categories",
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
            description: lines(&text(&item.description)),
            tags: join_tags(&item.tags),
            data_type: item.data_type,
            data_url: text(&item.data_url),
            license: text(&item.license),
            use_blob: item.use_blob,
            categories: item.categories.clone(),
            audience,
            groups: item.group_list.clone(),
            protocol: lines(&text(&item.protocol)),
            version_note: String::new(),
            // What the protocol says is for items that nobody has named yet.
            name_typed: true,
            description_typed: true,
        }
    }

    /// What people see of a field; texts that show alike are the same.
    pub(crate) fn shown(&self, field: Field) -> String {
        match field {
            Field::Protocol => self.protocol.clone(),
            Field::VersionNote => self.version_note.trim().into(),
            Field::Name => self.name.trim().into(),
            Field::Kind => self.kind.map_or("", kind_name).into(),
            Field::Summary => self.summary.trim().into(),
            Field::Description => self.description.trim().into(),
            Field::DataType => self.place().map_or("", data_name).into(),
            Field::DataUrl => self.of_data(&self.data_url).unwrap_or_default(),
            Field::License => self.of_data(&self.license).unwrap_or_default(),
            Field::UseBlob if self.use_blob => messages::form::yes().into(),
            Field::UseBlob => messages::form::no().into(),
            Field::Categories => joined(&self.categories),
            Field::Tags => join_tags(&self.tag_names()),
            Field::Groups => match self.audience {
                Audience::Everybody => messages::form::everybody().into(),
                Audience::Groups => messages::form::some_of(&joined(&self.groups)),
                Audience::OnlyMe => messages::form::only_me().into(),
            },
        }
    }

    /// Takes a field over from another draft.
    pub(crate) fn copy(&mut self, field: Field, from: &Self) {
        let from = from.clone();
        match field {
            Field::Protocol => self.protocol = from.protocol,
            Field::VersionNote => self.version_note = from.version_note,
            Field::Name => self.name = from.name,
            Field::Kind => self.kind = from.kind,
            Field::Summary => self.summary = from.summary,
            Field::Description => self.description = from.description,
            Field::DataType => self.data_type = from.data_type,
            Field::DataUrl => self.data_url = from.data_url,
            Field::License => self.license = from.license,
            Field::UseBlob => self.use_blob = from.use_blob,
            Field::Categories => self.categories = from.categories,
            Field::Tags => self.tags = from.tags,
            Field::Groups => (self.audience, self.groups) = (from.audience, from.groups),
        }
    }

    /// Whether a field shows something else than in another draft.
    pub(crate) fn differs(&self, field: Field, other: &Self) -> bool {
        self.shown(field) != other.shown(field)
    }

    /// Whether nothing was changed, so that there is nothing to lose.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        !Field::ALL.iter().any(|&field| self.differs(field, other))
    }

    /// The fields in which the newer version of an item shows something else
    /// than the draft, although they were alike or the draft was made from an
    /// older version: what somebody else has changed since `base`.
    pub(crate) fn conflicts(&self, base: &Self, newer: &Self) -> Vec<Field> {
        let changed = |field: &Field| newer.differs(*field, base) && newer.differs(*field, self);
        Field::ALL.into_iter().filter(changed).collect()
    }

    /// The newer version of an item with what the draft changes of the older
    /// one, `base`.
    pub(crate) fn merged(&self, base: &Self, newer: &Self) -> Self {
        let mut merged = newer.clone();
        for field in Field::ALL {
            if self.differs(field, base) {
                merged.copy(field, self);
            }
        }
        merged
    }

    /// Takes name and description over from the protocol, where the user has
    /// not typed their own.
    pub(crate) fn take_over(&mut self, name: &str, description: &str) {
        if !self.name_typed {
            name.clone_into(&mut self.name);
        }
        if !self.description_typed {
            description.clone_into(&mut self.description);
        }
    }

    /// The draft as a list of texts, to be stored.
    pub(crate) fn to_texts(&self) -> Vec<String> {
        let flag = |flag: bool| if flag { "yes" } else { "" }.to_owned();
        let audience = match self.audience {
            Audience::Everybody => "",
            Audience::Groups => "groups",
            Audience::OnlyMe => "me",
        };
        let mut texts = vec![
            self.protocol.clone(),
            self.name.clone(),
            self.kind.map_or("", ItemType::as_str).to_owned(),
            self.summary.clone(),
            self.description.clone(),
            self.tags.clone(),
            self.data_type.map_or("", DataType::as_str).to_owned(),
            self.data_url.clone(),
            self.license.clone(),
            self.version_note.clone(),
            flag(self.name_typed),
            flag(self.description_typed),
            audience.to_owned(),
            flag(self.use_blob),
            self.categories.len().to_string(),
        ];
        texts.extend(self.categories.iter().cloned());
        texts.extend(self.groups.iter().cloned());
        texts
    }

    /// The draft that [`Draft::to_texts`] has made this of.
    pub(crate) fn from_texts(texts: Vec<String>) -> Option<Self> {
        let mut texts = texts.into_iter();
        let mut next = || texts.next();
        Some(Self {
            protocol: next()?,
            name: next()?,
            kind: next()?.parse().ok(),
            summary: next()?,
            description: next()?,
            tags: next()?,
            data_type: next()?.parse().ok(),
            data_url: next()?,
            license: next()?,
            version_note: next()?,
            name_typed: !next()?.is_empty(),
            description_typed: !next()?.is_empty(),
            audience: match next()?.as_str() {
                "groups" => Audience::Groups,
                "me" => Audience::OnlyMe,
                "" => Audience::Everybody,
                // Of another release, whose texts are not these.
                _ => return None,
            },
            use_blob: !next()?.is_empty(),
            categories: {
                let number: usize = next()?.parse().ok()?;
                (0..number).map(|_| next()).collect::<Option<_>>()?
            },
            groups: texts.collect(),
        })
    }

    /// What keeps the draft from being sent, field by field, in the order of
    /// the form. The protocol's own diagnostics come on top of these. What is
    /// still as in `base`, the item that exists, is not sent and no problem.
    pub(crate) fn problems(&self, base: Option<&Self>) -> Vec<(Field, String)> {
        let mut problems = Vec::new();
        let too_long = |say: fn(&str, &str) -> String, text: &str| {
            let length = text.trim().chars().count();
            let [length_text, limit] = [length, MAX_LINE].map(messages::number);
            (length > MAX_LINE).then(|| say(&length_text, &limit))
        };
        if self.protocol.trim().is_empty() {
            problems.push((Field::Protocol, messages::form::protocol_missing().into()));
        }
        problems.extend(self.too_long().map(|text| (Field::Protocol, text)));
        problems.extend(
            too_long(messages::form::version_note_too_long, &self.version_note)
                .map(|text| (Field::VersionNote, text)),
        );
        if self.name.trim().is_empty() {
            problems.push((Field::Name, messages::form::name_missing().into()));
        }
        problems.extend(
            too_long(messages::form::name_too_long, &self.name).map(|text| (Field::Name, text)),
        );
        if self.is_data() {
            problems.extend(
                too_long(messages::form::address_too_long, &self.data_url)
                    .map(|text| (Field::DataUrl, text)),
            );
            problems.extend(
                too_long(messages::form::license_too_long, &self.license)
                    .map(|text| (Field::License, text)),
            );
        }
        problems.extend(
            too_long(messages::form::summary_too_long, &self.summary)
                .map(|text| (Field::Summary, text)),
        );
        problems.extend(
            self.tag_names()
                .iter()
                .find_map(|tag| too_long(messages::form::tag_too_long, tag))
                .map(|text| (Field::Tags, text)),
        );
        if self.audience == Audience::Groups && self.groups.is_empty() {
            problems.push((Field::Groups, messages::form::groups_missing().into()));
        }
        problems.retain(|(field, _)| base.is_none_or(|base| self.differs(*field, base)));
        problems
    }

    /// What is wrong with a protocol that the marketplace does not take for its length.
    pub(crate) fn too_long(&self) -> Option<String> {
        let [size, limit] =
            [self.protocol.len(), MAX_PROTOCOL].map(|bytes| messages::number(bytes.div_ceil(1024)));
        (self.protocol.len() > MAX_PROTOCOL)
            .then(|| messages::form::protocol_too_long(&size, &limit))
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
            data_type: self.place(),
            data_url: self.of_data(&self.data_url),
            license: self.of_data(&self.license),
            use_blob: Some(self.use_blob),
            categories: Some(self.categories.clone()),
            tags: Some(self.tag_names()),
            summary: filled(&self.summary),
            description: filled(&self.description),
            protocol: Some(self.protocol.clone()),
            ..NewItem::default()
        }
    }

    /// The body that makes `base` into what the form holds: it mentions only
    /// what the user has changed.
    pub(crate) fn to_changes(&self, base: &Self) -> ItemChanges {
        let changed = |field| self.differs(field, base);
        let sharing = changed(Field::Groups);
        ItemChanges {
            name: changed(Field::Name).then(|| self.name.trim().into()),
            kind: self.kind.filter(|_| changed(Field::Kind)),
            is_public: sharing.then_some(self.audience == Audience::Everybody),
            is_private: sharing.then_some(self.audience == Audience::OnlyMe),
            group_list: sharing.then(|| self.group_list()),
            data_type: changed(Field::DataType).then(|| self.place()),
            data_url: changed(Field::DataUrl).then(|| self.of_data(&self.data_url)),
            license: changed(Field::License).then(|| self.of_data(&self.license)),
            use_blob: changed(Field::UseBlob).then_some(self.use_blob),
            categories: changed(Field::Categories).then(|| self.categories.clone()),
            tags: changed(Field::Tags).then(|| self.tag_names()),
            summary: changed(Field::Summary).then(|| filled(&self.summary)),
            description: changed(Field::Description).then(|| filled(&self.description)),
            protocol: changed(Field::Protocol).then(|| self.protocol.clone()),
            version_note: filled(&self.version_note).filter(|_| changed(Field::Protocol)),
            ..ItemChanges::default()
        }
    }

    /// Whether the fields of data items count.
    pub(crate) fn is_data(&self) -> bool {
        self.kind == Some(ItemType::Data)
    }

    /// Whether it is worth to be asked whether jobs get at the cluster's storage.
    pub(crate) fn may_use_blob(&self) -> bool {
        self.use_blob || !self.is_data() || self.data_type == Some(DataType::Blob)
    }

    /// The tags, each once. A name with a comma stands in quotes.
    pub(crate) fn tag_names(&self) -> Vec<String> {
        split_tags(&self.tags)
    }

    fn group_list(&self) -> Vec<String> {
        if self.audience == Audience::Groups {
            self.groups.clone()
        } else {
            Vec::new()
        }
    }

    fn place(&self) -> Option<DataType> {
        self.data_type.filter(|_| self.is_data())
    }

    /// A line that counts for data items only.
    fn of_data(&self, line: &str) -> Option<String> {
        filled(line).filter(|_| self.is_data())
    }
}

/// Names in an order that does not depend on the one in which they were chosen.
fn joined(names: &[String]) -> String {
    let mut names = names.to_vec();
    order::by(&mut names, Ord::cmp);
    messages::list_of(&names)
}

fn split_tags(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let (mut begun, mut quoted) = (false, false);
    let parts = text.split(|c: char| {
        let ends = c == ',' && !quoted;
        quoted = if c == '"' { !begun } else { quoted };
        begun = !ends && (begun || !c.is_whitespace());
        ends
    });
    for part in parts.map(str::trim) {
        let inner = part
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let name = inner.unwrap_or(part).trim();
        if !name.is_empty() && !names.iter().any(|known| known == name) {
            names.push(name.into());
        }
    }
    names
}

fn join_tags(names: &[String]) -> String {
    let quoted = |name: &String| {
        if name.contains(',') {
            format!("\"{name}\"")
        } else {
            name.clone()
        }
    };
    names.iter().map(quoted).collect::<Vec<_>>().join(", ")
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
