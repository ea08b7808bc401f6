use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::words;
use super::{CategoryRef, EvidenceSummary, TagRef, mentioned, null_is_default};
use crate::order;

/// The category that marks a template as official. Only admins may put an
/// item into it, take one out, or change one that is in it.
pub const OFFICIAL_CATEGORY: &str = "official example";

words! {
    /// What an item is.
    ItemType {
        /// A job to start from.
        Template = "template",
        /// A data set, wrapped in a job that fetches it.
        Data = "data",
        /// A template of the time before types existed.
        Old = "old",
    }
}

words! {
    /// Where an item was made.
    ItemSource {
        /// In the marketplace.
        Marketplace = "marketplace",
        /// With "Save template" on the portal's submit page.
        Pai = "pai",
    }
}

words! {
    /// Where an item stands in review.
    ItemStatus {
        /// Waits for an admin.
        Pending = "pending",
        /// Anybody whom it is shared with may see it.
        Approved = "approved",
        /// An admin refused it.
        Rejected = "rejected",
        /// An admin has taken it out of use: nobody can use it, and only an admin lets
        /// it out.
        Quarantined = "quarantined",
    }
}

words! {
    /// Whom an item is shared with.
    Visibility {
        /// Everybody.
        Public = "public",
        /// The members of its groups, of which there may be none.
        Groups = "groups",
        /// Nobody.
        Private = "private",
    }
}

impl ItemStatus {
    /// Whether an item in this state is kept from everybody but its author and
    /// admins, whomever it is shared with.
    pub const fn holds_back(self) -> bool {
        matches!(self, Self::Pending | Self::Rejected | Self::Quarantined)
    }
}

words! {
    /// Where a data item's data lies.
    DataType {
        /// In the cluster's Azure Blob storage.
        Blob = "blob",
        /// In a GitHub repository.
        Github = "github",
    }
}

/// Another item that one names: what it was copied from, or what takes its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Origin {
    /// The id of an item that the caller may read, or of one that is gone.
    pub id: String,
    /// What it is called now. Ignored on create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which of its versions was copied; absent from copies of before there were versions.
    /// On create it defaults to the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// The number of its newest version. Ignored on create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<i32>,
    /// Whether it has been deleted. On create such an origin is ignored.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gone: bool,
}

impl Origin {
    /// The item with this id.
    pub fn of(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

/// That an item should not be used any more, though it can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deprecation {
    /// Why, in the author's words: at least 1 and at most 255 characters.
    pub reason: String,
    /// The item to use in its place, unless that is kept from the caller. Absent from lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Origin>,
    /// Since when: ISO 8601 with milliseconds and `Z`. Ignored in requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// A template or data set of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Item {
    /// Free text: mostly UUIDs, but old databases hold others.
    pub id: String,
    /// Null in some rows of old databases.
    pub name: Option<String>,
    /// The user who made it; null in some rows of old databases.
    pub author: Option<String>,
    /// Null in some rows of old databases.
    #[serde(rename = "type")]
    pub kind: Option<ItemType>,
    /// Where it was made.
    pub source: ItemSource,
    /// Everybody may read it.
    pub is_public: bool,
    /// Only its author and admins may read it.
    pub is_private: bool,
    /// The groups whose members may read it, if neither public nor private.
    pub group_list: Vec<String>,
    /// Where a data item's data lies.
    pub data_type: Option<DataType>,
    /// The data's address.
    pub data_url: Option<String>,
    /// Under what others may use it: an SPDX identifier, or a short sentence. Absent
    /// from items that have none, which look as they did to clients of the first
    /// marketplace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The job reads or writes the cluster's Azure Blob storage.
    #[serde(default, deserialize_with = "null_is_default")]
    pub use_blob: bool,
    /// The names of its categories.
    #[serde(default, deserialize_with = "null_is_default")]
    pub categories: Vec<String>,
    /// The names of its tags.
    #[serde(default, deserialize_with = "null_is_default")]
    pub tags: Vec<String>,
    /// One line about it.
    pub summary: Option<String>,
    /// Markdown. Absent from lists with `fields=summary`.
    #[serde(default)]
    pub description: Option<String>,
    /// The job protocol as YAML text. Absent from lists with `fields=summary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// How often it was used.
    pub use_number: i32,
    /// How many users starred it.
    pub star_number: i32,
    /// Where it stands in review; null in some rows of old databases.
    pub status: Option<ItemStatus>,
    /// What the reviewing admin had to say; null for everybody but the author
    /// and admins.
    #[serde(default)]
    pub review_note: Option<String>,
    /// Whether the protocol is valid; some of old databases are not.
    #[serde(default = "yes")]
    pub protocol_valid: bool,
    /// What it was copied from, unless that is kept from the caller. Absent from lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_from: Option<Origin>,
    /// The number of its newest version, which its `protocol` is. Absent while it has only
    /// the first one, so that it looks as it did to clients of the first marketplace.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub version: i32,
    /// Why it should not be used any more, and what to use in its place. Absent from items
    /// that are not deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<Deprecation>,
    /// Why its newest version should not be used any more. Absent unless it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    /// What its runs on this cluster of late come to. Absent while there are too few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceSummary>,
    /// When the nightly run of it succeeded last: ISO 8601 with milliseconds and `Z`. Absent
    /// from items that are not run nightly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary_passed_at: Option<String>,
    /// Whether the caller has starred it.
    #[serde(default)]
    pub starred: bool,
    /// Whether the caller is told what becomes of it. Absent from summaries, and where not.
    #[serde(default, skip_serializing_if = "is_false")]
    pub followed: bool,
    /// Whether it has the name of an official template, or one that looks like
    /// it, and is none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub resembles_official: bool,
    /// ISO 8601 with milliseconds and `Z`.
    pub created_at: String,
    /// ISO 8601 with milliseconds and `Z`.
    pub updated_at: String,
    /// Its tags.
    #[serde(rename = "ItemTags", default)]
    pub item_tags: Vec<TagRef>,
    /// Its categories.
    #[serde(rename = "ItemCategories", default)]
    pub item_categories: Vec<CategoryRef>,
}

/// A default for flags: servers that do not send `protocolValid` never kept an
/// invalid protocol.
fn yes() -> bool {
    true
}

fn first() -> i32 {
    1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_first(number: &i32) -> bool {
    *number == 1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Item {
    /// Whether it is one of the official templates.
    pub fn is_official(&self) -> bool {
        self.item_categories
            .iter()
            .any(|category| category.name == OFFICIAL_CATEGORY)
    }
}

/// The body of `POST /items`. Fields that a client may not set (`id`,
/// `createdAt`, `useNumber`, …) are ignored, so a client may send back what it
/// got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewItem {
    /// Defaults to the protocol's `name`.
    pub name: Option<String>,
    /// Must be the caller.
    pub author: Option<String>,
    /// Defaults to `template`.
    #[serde(rename = "type")]
    pub kind: Option<ItemType>,
    /// Defaults to `marketplace`.
    pub source: Option<ItemSource>,
    /// Defaults to true, unless the item is private or names groups.
    pub is_public: Option<bool>,
    /// Wins over `isPublic`.
    pub is_private: Option<bool>,
    /// Emptied when the item is public or private.
    pub group_list: Option<Vec<String>>,
    /// Where a data item's data lies.
    pub data_type: Option<DataType>,
    /// The data's address, at most 255 characters.
    pub data_url: Option<String>,
    /// Under what others may use it: an SPDX identifier, or a short sentence, at most
    /// 255 characters; an empty one is none. Taken for every type, as `dataUrl` is: a
    /// type may change, and templates may have a licence too. The plugin asks for one
    /// for data items.
    pub license: Option<String>,
    /// The job reads or writes the cluster's Azure Blob storage.
    pub use_blob: Option<bool>,
    /// Names of existing categories.
    pub categories: Option<Vec<String>>,
    /// Names of tags; new ones are made.
    pub tags: Option<Vec<String>>,
    /// One line, at most 255 characters.
    pub summary: Option<String>,
    /// Markdown.
    pub description: Option<String>,
    /// Required: the job protocol as YAML text.
    pub protocol: Option<String>,
    /// Heeded for admins, ignored for everybody else.
    pub status: Option<ItemStatus>,
    /// What it is a copy of: an item that the caller may read. It stays so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_from: Option<Origin>,
}

/// The body of `PUT /items/{id}`: what is mentioned changes, the rest stays.
/// Fields that a client may not set are ignored, but for `author`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ItemChanges {
    /// At least 1 and at most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Only admins may change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// What the item is.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ItemType>,
    /// Where the item was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<ItemSource>,
    /// True makes a private item public, unless `isPrivate` is true as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    /// Wins over `isPublic`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
    /// Emptied when the item is public or private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_list: Option<Vec<String>>,
    /// Null clears it.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub data_type: Option<Option<DataType>>,
    /// At most 255 characters; null clears it.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub data_url: Option<Option<String>>,
    /// At most 255 characters; null and an empty one clear it.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub license: Option<Option<String>>,
    /// The job reads or writes the cluster's Azure Blob storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_blob: Option<bool>,
    /// Replaces the item's categories: names of existing ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// Replaces the item's tags: names; new ones are made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// One line, at most 255 characters; null clears it.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub summary: Option<Option<String>>,
    /// Markdown; null clears it.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub description: Option<Option<String>>,
    /// The job protocol as YAML text; must be valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// What has changed in the protocol, one line, at most 255 characters; the version that
    /// the change makes keeps it. Ignored if the protocol stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_note: Option<String>,
    /// Says that the item should not be used any more, and why; null takes it back. The
    /// successor is another item that the caller may read.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub deprecation: Option<Option<Deprecation>>,
    /// Which version of its origin a copy has from now on: one that was taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_version: Option<i32>,
    /// Heeded for admins, ignored for everybody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    /// What the author should know of the review; null clears it. Heeded for
    /// admins, ignored for everybody else.
    #[serde(
        deserialize_with = "mentioned",
        skip_serializing_if = "Option::is_none"
    )]
    pub review_note: Option<Option<String>>,
}

/// Which items a list is of. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// The exact name.
    pub name: Option<String>,
    /// The exact author.
    pub author: Option<String>,
    /// Its type is one of these; any without one.
    pub kinds: Vec<ItemType>,
    /// Where it was made.
    pub source: Option<ItemSource>,
    /// A part of name, author, summary, description or a tag, in any case.
    pub keyword: Option<String>,
    /// Names of tags; the item has all of them.
    pub tags: Vec<String>,
    /// Names of categories; the item is in all.
    pub categories: Vec<String>,
    /// Whether everybody may read it.
    pub is_public: Option<bool>,
    /// Whether only its author and admins may read it.
    pub is_private: Option<bool>,
    /// Its visibility is one of these; any without one.
    pub visibilities: Vec<Visibility>,
    /// Its state in review is one of these; any without one.
    pub statuses: Vec<ItemStatus>,
    /// Whether the caller has starred it.
    pub starred: Option<bool>,
    /// Whether it is one of the official templates.
    pub official: Option<bool>,
    /// Whether it is among the last items that the caller has used.
    pub used: Option<bool>,
    /// Whether a job of it runs, now or later, in a virtual cluster of the caller's.
    pub runs_here: Option<bool>,
}

impl ItemFilter {
    /// The filter as the query of `GET /items`: names of parameters and their values.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string());
        let mut query = Vec::new();
        let single = [
            ("name", self.name.clone()),
            ("author", self.author.clone()),
            ("source", self.source.map(|word| word.to_string())),
            ("keyword", self.keyword.clone()),
            ("isPublic", flag(self.is_public)),
            ("isPrivate", flag(self.is_private)),
            ("starred", flag(self.starred)),
            ("official", flag(self.official)),
            ("used", flag(self.used)),
            ("runsHere", flag(self.runs_here)),
        ];
        query.extend(
            single
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        query.extend(self.kinds.iter().map(|word| ("type", word.to_string())));
        query.extend(
            self.visibilities
                .iter()
                .map(|word| ("visibility", word.to_string())),
        );
        query.extend(
            self.statuses
                .iter()
                .map(|word| ("status", word.to_string())),
        );
        for (key, names) in [("tag", &self.tags), ("category", &self.categories)] {
            query.extend(names.iter().map(|name| (key, name.clone())));
            // See `names_of`.
            if let [name] = &names[..]
                && name.contains(',')
            {
                query.push((key, String::new()));
            }
        }
        query
    }

    /// Takes all values of a query parameter: a single one holds names separated
    /// by commas, of several each is one name, commas and all. So a name with a
    /// comma can be asked for, a lone one with an empty value beside it.
    pub fn names_of(values: &[String]) -> Vec<String> {
        match values {
            [one] => split_commas(one),
            several => several
                .iter()
                .filter(|name| !name.is_empty())
                .cloned()
                .collect(),
        }
    }
}

/// Splits a comma-separated query value; blanks around names and empty names
/// do not count.
fn split_commas(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Who an item is shared with: the three fields `isPublic`, `isPrivate` and
/// `groupList`, kept consistent. This is the only way to make them, on create
/// and on update alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Everybody may read it.
    pub is_public: bool,
    /// Only its author and admins may read it; never together with
    /// `is_public`.
    pub is_private: bool,
    /// Members of these may read it; empty if public or private.
    pub group_list: Vec<String>,
}

impl From<&Item> for Sharing {
    fn from(item: &Item) -> Self {
        Self {
            is_public: item.is_public,
            is_private: item.is_private,
            group_list: item.group_list.clone(),
        }
        .consistent()
    }
}

impl Sharing {
    /// What a new item gets. Whoever says nothing shares with everybody, as in
    /// the first marketplace; whoever only names groups means those groups.
    pub fn of_new(
        is_public: Option<bool>,
        is_private: Option<bool>,
        group_list: Option<Vec<String>>,
    ) -> Self {
        let is_private = is_private.unwrap_or(false);
        let group_list = group_list.unwrap_or_default();
        Self {
            is_public: is_public.unwrap_or(!is_private && group_list.is_empty()),
            is_private,
            group_list,
        }
        .consistent()
    }

    /// What an item gets when a client mentions some of the three. A flag that
    /// is switched on switches the other one off, unless the client mentions
    /// that one too: then `isPrivate` wins.
    #[must_use]
    pub fn changed(
        self,
        is_public: Option<bool>,
        is_private: Option<bool>,
        group_list: Option<Vec<String>>,
    ) -> Self {
        Self {
            is_public: is_public.unwrap_or(self.is_public && is_private != Some(true)),
            is_private: is_private.unwrap_or(self.is_private && is_public != Some(true)),
            group_list: group_list.unwrap_or(self.group_list),
        }
        .consistent()
    }

    /// Whether anybody but the author and admins may read it, as far as sharing
    /// is concerned.
    pub fn leaves_author(&self) -> bool {
        self.is_public || !self.group_list.is_empty()
    }

    /// Whether somebody may read it who could not with `old`. Nobody knows who
    /// is in a group, so a group that is new counts.
    pub fn is_wider_than(&self, old: &Self) -> bool {
        let is_new = |group| !old.group_list.contains(group);
        !old.is_public && (self.is_public || self.group_list.iter().any(is_new))
    }

    fn consistent(mut self) -> Self {
        self.is_public &= !self.is_private;
        if self.is_public || self.is_private {
            self.group_list.clear();
        }
        order::by(&mut self.group_list, Ord::cmp);
        self.group_list.dedup();
        self.group_list.retain(|group| !group.is_empty());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn sharing(is_public: bool, is_private: bool, names: &[&str]) -> Sharing {
        Sharing {
            is_public,
            is_private,
            group_list: groups(names),
        }
    }

    #[test]
    fn a_filter_is_a_query() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let query = |tags: &[&str], categories: &[&str]| {
            let filter = ItemFilter {
                author: Some("alice".to_owned()),
                kinds: vec![ItemType::Data, ItemType::Old],
                tags: names(tags),
                categories: names(categories),
                starred: Some(true),
                runs_here: Some(true),
                ..ItemFilter::default()
            };
            let pairs = filter.query().into_iter();
            let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
            pairs.join("&")
        };
        let others = "author=alice&starred=true&runsHere=true&type=data&type=old";
        assert_eq!(query(&[], &[]), others);
        assert_eq!(
            query(&["a", "b"], &["c"]),
            format!("{others}&tag=a&tag=b&category=c")
        );
        assert_eq!(
            query(&["a,b"], &["c, d", "e"]),
            format!("{others}&tag=a,b&tag=&category=c, d&category=e")
        );
    }

    #[test]
    fn a_new_item_is_public_unless_told_otherwise() {
        assert_eq!(Sharing::of_new(None, None, None), sharing(true, false, &[]));
        assert_eq!(
            Sharing::of_new(None, None, Some(groups(&["b", "a", "a", ""]))),
            sharing(false, false, &["a", "b"])
        );
        assert_eq!(
            Sharing::of_new(None, Some(true), None),
            sharing(false, true, &[])
        );
        assert_eq!(
            Sharing::of_new(Some(false), None, None),
            sharing(false, false, &[])
        );
    }

    #[test]
    fn private_wins_and_flags_empty_the_groups() {
        let g = || Some(groups(&["g"]));
        assert_eq!(
            Sharing::of_new(Some(true), Some(true), g()),
            sharing(false, true, &[])
        );
        assert_eq!(
            Sharing::of_new(Some(true), None, g()),
            sharing(true, false, &[])
        );
        let protected = sharing(false, false, &["g"]);
        assert_eq!(
            protected.clone().changed(Some(true), None, None),
            sharing(true, false, &[])
        );
        assert_eq!(
            protected.changed(None, Some(true), g()),
            sharing(false, true, &[])
        );
    }

    #[test]
    fn switching_one_flag_on_switches_the_other_off() {
        let private = sharing(false, true, &[]);
        assert_eq!(
            private.clone().changed(Some(true), None, None),
            sharing(true, false, &[])
        );
        assert_eq!(
            private.clone().changed(Some(true), Some(true), None),
            private
        );
        assert_eq!(
            sharing(true, false, &[]).changed(None, Some(true), None),
            private
        );
    }

    #[test]
    fn groups_alone_do_not_open_a_private_item() {
        let private = sharing(false, true, &[]);
        assert_eq!(
            private.clone().changed(None, None, Some(groups(&["g"]))),
            private
        );
        assert_eq!(
            private.changed(None, Some(false), Some(groups(&["g"]))),
            sharing(false, false, &["g"])
        );
    }

    #[test]
    fn who_comes_to_see_more() {
        let public = sharing(true, false, &[]);
        let private = sharing(false, true, &[]);
        let nobody = sharing(false, false, &[]);
        let one = sharing(false, false, &["a"]);
        let two = sharing(false, false, &["a", "b"]);
        let rising = [&nobody, &one, &two, &public];
        for (index, narrow) in rising.iter().enumerate() {
            assert_eq!(narrow.leaves_author(), index > 0, "{narrow:?}");
            assert!(!narrow.is_wider_than(narrow), "{narrow:?}");
            for wide in &rising[index + 1..] {
                assert!(wide.is_wider_than(narrow), "{wide:?} than {narrow:?}");
                assert!(!narrow.is_wider_than(wide), "{narrow:?} than {wide:?}");
            }
            assert!(!private.is_wider_than(narrow), "{narrow:?}");
        }
        assert!(!private.leaves_author());
        assert!(one.is_wider_than(&private));
        assert!(sharing(false, false, &["b"]).is_wider_than(&one));
    }

    #[test]
    fn an_old_row_full_of_nulls_is_read() {
        let item: Item = serde_json::from_str(
            r#"{"id":"","name":null,"author":null,"type":null,"source":"pai","isPublic":true,
                "isPrivate":true,"groupList":[],"dataType":null,"dataUrl":null,"useBlob":null,
                "categories":null,"tags":null,"summary":null,"description":null,"protocol":"",
                "useNumber":0,"starNumber":0,"status":null,
                "createdAt":"2020-01-01T00:00:00.000Z","updatedAt":"2020-01-01T00:00:00.000Z"}"#,
        )
        .unwrap();
        assert_eq!(item.name, None);
        assert!(item.tags.is_empty() && !item.use_blob);
    }

    #[test]
    fn an_update_tells_null_from_absent() {
        let changes: ItemChanges = serde_json::from_str(r#"{"summary":null}"#).unwrap();
        assert_eq!(changes.summary, Some(None));
        assert_eq!(changes.description, None);
        assert_eq!(
            serde_json::to_string(&changes).unwrap(),
            r#"{"summary":null}"#
        );
    }

    #[test]
    fn names_with_commas_are_told_from_several() {
        for (values, names) in [
            (&[][..], &[][..]),
            (&[""], &[]),
            (&[" a ,,b,"], &["a", "b"]),
            (&["a", "b"], &["a", "b"]),
            (&["a,b", "c"], &["a,b", "c"]),
            (&["a,b", ""], &["a,b"]),
            (&["", ""], &[]),
        ] {
            assert_eq!(ItemFilter::names_of(&groups(values)), groups(names));
        }
    }
}
