//! Who may do what with an item: the one access policy of the product.
//!
//! The server asks it for single items and derives the filter of its list
//! queries from [`ReadScope`]; the plugin asks it which buttons to show.
//! The rules are docs/contract.md#who-may-do-what.

use crate::wire::{Item, ItemStatus, Me};

/// Who is asking, as OpenPAI vouches for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's name.
    pub name: String,
    /// Whether the user is an admin of the cluster.
    pub admin: bool,
    /// The groups that the user is a member of.
    pub groups: Vec<String>,
}

impl From<Me> for Caller {
    fn from(me: Me) -> Self {
        Self {
            name: me.username,
            admin: me.admin,
            groups: me.groups,
        }
    }
}

/// What the policy needs to know about an item.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Null in some rows of old databases: such an item belongs to nobody.
    pub author: Option<&'a str>,
    /// Everybody may read it.
    pub is_public: bool,
    /// Only its author and admins may read it; wins over `is_public`.
    pub is_private: bool,
    /// The groups whose members may read it, if neither public nor private.
    pub group_list: &'a [String],
    /// It is in the official category.
    pub official: bool,
    /// Where it stands in review; null in some rows of old databases, which
    /// were never reviewed.
    pub status: Option<ItemStatus>,
}

impl Facts<'_> {
    /// Whether review keeps it from everybody but its author and admins,
    /// whomever it is shared with.
    fn is_held_back(&self) -> bool {
        self.status.is_some_and(ItemStatus::holds_back)
    }

    /// Whether anybody but its author and admins may read it.
    pub fn is_shared(&self) -> bool {
        !self.is_private && !self.is_held_back() && (self.is_public || !self.group_list.is_empty())
    }
}

impl<'a> From<&'a Item> for Facts<'a> {
    fn from(item: &'a Item) -> Self {
        Self {
            author: item.author.as_deref(),
            is_public: item.is_public,
            is_private: item.is_private,
            group_list: &item.group_list,
            official: item.is_official(),
            status: item.status,
        }
    }
}

/// Which items a caller may read. A single read asks [`ReadScope::admits`];
/// a list query turns the same value into its filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadScope<'a> {
    /// An admin reads everything.
    Everything,
    /// The caller's own items, and of those that review does not hold back the
    /// public ones and those shared with a group of theirs.
    Shared {
        /// The caller's name.
        author: &'a str,
        /// The caller's groups.
        groups: &'a [String],
    },
}

impl ReadScope<'_> {
    /// Whether the scope holds the item.
    pub fn admits(&self, item: &Facts<'_>) -> bool {
        match self {
            Self::Everything => true,
            Self::Shared { author, groups } => {
                item.author == Some(author)
                    || (!item.is_private
                        && !item.is_held_back()
                        && (item.is_public
                            || item.group_list.iter().any(|group| groups.contains(group))))
            }
        }
    }
}

impl Caller {
    /// Which items the caller may read.
    pub fn read_scope(&self) -> ReadScope<'_> {
        if self.admin {
            ReadScope::Everything
        } else {
            ReadScope::Shared {
                author: &self.name,
                groups: &self.groups,
            }
        }
    }

    /// Whether the caller may read the item.
    pub fn may_read(&self, item: &Facts<'_>) -> bool {
        self.read_scope().admits(item)
    }

    /// Whether the caller may change or delete the item: its author may,
    /// unless it is official; admins always may.
    pub fn may_write(&self, item: &Facts<'_>) -> bool {
        self.admin || (item.author == Some(self.name.as_str()) && !item.official)
    }

    /// Whether the caller may see what the reviewing admin had to say.
    pub fn may_see_review(&self, item: &Facts<'_>) -> bool {
        self.admin || item.author == Some(self.name.as_str())
    }

    /// Whether the caller may read versions of the item's protocol that nobody else could
    /// read while they were it.
    pub fn may_see_all_versions(&self, item: &Facts<'_>) -> bool {
        self.admin || item.author == Some(self.name.as_str())
    }

    /// The groups in `wanted` with which the caller may not share an item that
    /// is shared with `present` already. Admins share with any group, others
    /// with their own; a group that is there, maybe by an admin's doing, may stay.
    pub fn foreign_groups<'a>(&self, wanted: &'a [String], present: &[String]) -> Vec<&'a str> {
        if self.admin {
            return Vec::new();
        }
        let foreign = |group: &&String| !self.groups.contains(group) && !present.contains(group);
        wanted.iter().filter(foreign).map(String::as_str).collect()
    }

    /// Whether the caller may put an item into the official category or take
    /// it out, review items, manage categories, change or delete tags, and
    /// read the audit.
    pub fn may_curate(&self) -> bool {
        self.admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ItemStatus::{Approved, Pending, Rejected};

    fn caller(name: &str, admin: bool, groups: &[&str]) -> Caller {
        Caller {
            name: name.into(),
            admin,
            groups: groups.iter().map(ToString::to_string).collect(),
        }
    }

    /// Role × visibility × operation, as the contract has it.
    #[test]
    fn the_policy_as_a_table() {
        let group = ["vision".to_owned()];
        let admin = caller("root", true, &[]);
        let author = caller("alice", false, &[]);
        let member = caller("bob", false, &["nlp", "vision"]);
        let stranger = caller("carol", false, &["nlp"]);
        let callers = [&admin, &author, &member, &stranger];

        // (public, private, groups, official), status → (readers, writers), in the order of `callers`.
        #[rustfmt::skip]
        let table = [
            ("public",              (true,  false, false, false), Some(Approved), [1, 1, 1, 1], [1, 1, 0, 0]),
            ("public, old row",     (true,  false, false, false), None,           [1, 1, 1, 1], [1, 1, 0, 0]),
            ("public, pending",     (true,  false, false, false), Some(Pending),  [1, 1, 0, 0], [1, 1, 0, 0]),
            ("public, rejected",    (true,  false, false, false), Some(Rejected), [1, 1, 0, 0], [1, 1, 0, 0]),
            ("pending with groups", (true,  false, true,  false), Some(Pending),  [1, 1, 0, 0], [1, 1, 0, 0]),
            ("protected",           (false, false, true,  false), Some(Approved), [1, 1, 1, 0], [1, 1, 0, 0]),
            ("protected, old row",  (false, false, true,  false), None,           [1, 1, 1, 0], [1, 1, 0, 0]),
            ("protected, pending",  (false, false, true,  false), Some(Pending),  [1, 1, 0, 0], [1, 1, 0, 0]),
            ("protected, rejected", (false, false, true,  false), Some(Rejected), [1, 1, 0, 0], [1, 1, 0, 0]),
            ("private, rejected",   (false, true,  false, false), Some(Rejected), [1, 1, 0, 0], [1, 1, 0, 0]),
            ("protected, no group", (false, false, false, false), Some(Approved), [1, 1, 0, 0], [1, 1, 0, 0]),
            ("private",             (false, true,  false, false), Some(Approved), [1, 1, 0, 0], [1, 1, 0, 0]),
            ("private with groups", (false, true,  true,  false), Some(Approved), [1, 1, 0, 0], [1, 1, 0, 0]),
            ("private and public",  (true,  true,  false, false), Some(Approved), [1, 1, 0, 0], [1, 1, 0, 0]),
            ("official",            (true,  false, false, true),  Some(Approved), [1, 1, 1, 1], [1, 0, 0, 0]),
            ("official, pending",   (true,  false, false, true),  Some(Pending),  [1, 1, 0, 0], [1, 0, 0, 0]),
            ("official, private",   (false, true,  false, true),  Some(Approved), [1, 1, 0, 0], [1, 0, 0, 0]),
        ];
        for (what, (is_public, is_private, grouped, official), status, readers, writers) in table {
            let facts = Facts {
                author: Some("alice"),
                is_public,
                is_private,
                group_list: if grouped { &group } else { &[] },
                official,
                status,
            };
            for (index, caller) in callers.iter().enumerate() {
                let who = &caller.name;
                assert_eq!(
                    caller.may_read(&facts),
                    readers[index] == 1,
                    "{who} reads {what}"
                );
                assert_eq!(
                    caller.may_write(&facts),
                    writers[index] == 1,
                    "{who} writes {what}"
                );
            }
        }
    }

    #[test]
    fn one_shares_with_groups_of_ones_own() {
        let names =
            |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        let wanted = names(&["nlp", "speech", "vision"]);
        let foreign = |caller: &Caller, present: &[&str]| {
            caller.foreign_groups(&wanted, &names(present)).join(" ")
        };
        let bob = caller("bob", false, &["nlp"]);
        assert_eq!(foreign(&bob, &[]), "speech vision");
        assert_eq!(foreign(&bob, &["vision", "other"]), "speech");
        assert_eq!(foreign(&caller("root", true, &[]), &[]), "");
    }

    #[test]
    fn an_item_without_author_belongs_to_nobody() {
        let facts = Facts {
            author: None,
            is_public: false,
            is_private: true,
            group_list: &[],
            official: false,
            status: None,
        };
        assert!(!caller("", false, &[]).may_read(&facts));
        assert!(caller("root", true, &[]).may_write(&facts));
    }
}
