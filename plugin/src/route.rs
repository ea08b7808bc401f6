//! The plugin's places, as the URL's hash names them. People have saved such
//! links (docs/contract.md#1-the-portal-and-pluginjs): what was understood once must stay so.

mod admin;

use shared::wire::{ItemFilter, ItemType};

pub(crate) use self::admin::{AdminPart, AuditFilter};

/// A place in the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `#/?type=data&author=alice&keyword=x&category=y&tag=z`
    List(Filters),
    /// `#/market_detail?itemId=ID&tab=detail`
    Detail {
        /// Free text.
        id: String,
        /// Which part of the item shows.
        tab: Tab,
    },
    /// `#/create_item`
    Create,
    /// `#/edit_item?itemId=ID`
    Edit {
        /// Free text.
        id: String,
    },
    /// `#/admin?part=audit&user=alice`
    Admin(AdminPart),
    /// `#/use?itemId=ID`
    Use {
        /// Free text.
        id: String,
    },
    /// Any other hash.
    Unknown,
}

/// What the list is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filters {
    /// Only items of this type.
    pub kind: Option<ItemType>,
    /// Only items of this user.
    pub author: Option<String>,
    /// Only items that hold this text, exactly as typed.
    pub keyword: Option<String>,
    /// Only items of this category.
    pub category: Option<String>,
    /// Only items with this tag.
    pub tag: Option<String>,
}

/// The parts of an item's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What its author says about it.
    #[default]
    Description,
    /// What it asks of the cluster.
    Detail,
    /// The YAML text.
    Protocol,
}

impl Route {
    /// The place that a URL's hash (with or without `#`) names. An empty hash
    /// is the list; an unknown filter value is no filter.
    pub(crate) fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let value = |key: &str| {
            let pair = pairs.iter().find(|(name, _)| name == key);
            pair.map(|(_, value)| value.clone())
        };
        let filter = |key| value(key).filter(|text| !text.is_empty());
        match path.trim_matches('/') {
            "" => Self::List(Filters {
                kind: filter("type").and_then(|word| word.parse().ok()),
                author: filter("author"),
                keyword: filter("keyword"),
                category: filter("category"),
                tag: filter("tag"),
            }),
            "market_detail" => value("itemId").map_or(Self::Unknown, |id| Self::Detail {
                id,
                tab: value("tab").map_or_else(Tab::default, |word| Tab::parse(&word)),
            }),
            "create_item" => Self::Create,
            "admin" => Self::Admin(AdminPart::parse(value)),
            "edit_item" => value("itemId").map_or(Self::Unknown, |id| Self::Edit { id }),
            "use" => value("itemId").map_or(Self::Unknown, |id| Self::Use { id }),
            _ => Self::Unknown,
        }
    }

    /// The hash of the place, with `#`: fit for a link's `href`.
    pub(crate) fn hash(&self) -> String {
        match self {
            Self::List(filters) => {
                let Filters {
                    kind,
                    author,
                    keyword,
                    category,
                    tag,
                } = filters;
                hash(
                    "",
                    &[
                        ("type", kind.map(ItemType::as_str)),
                        ("author", author.as_deref()),
                        ("keyword", keyword.as_deref()),
                        ("category", category.as_deref()),
                        ("tag", tag.as_deref()),
                    ],
                )
            }
            Self::Detail { id, tab } => hash(
                "market_detail",
                &[
                    ("itemId", Some(id)),
                    ("tab", (*tab != Tab::default()).then(|| tab.as_str())),
                ],
            ),
            Self::Create => hash("create_item", &[]),
            Self::Edit { id } => hash("edit_item", &[("itemId", Some(id))]),
            Self::Admin(part) => hash("admin", &part.query()),
            Self::Use { id } => hash("use", &[("itemId", Some(id))]),
            Self::Unknown => hash("", &[]),
        }
    }

    /// The page of an item.
    pub(crate) fn detail(id: impl Into<String>) -> Self {
        Self::Detail {
            id: id.into(),
            tab: Tab::default(),
        }
    }
}

fn hash(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let given: Vec<_> = query
        .iter()
        .filter_map(|(key, value)| Some((key, (*value)?)))
        .collect();
    // Pairs of text cannot fail to encode.
    let query = serde_urlencoded::to_string(given).unwrap_or_default();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("#/{path}{mark}{query}")
}

impl Filters {
    /// The list without filters, but for one tag.
    pub(crate) fn of_tag(tag: &str) -> Self {
        Self {
            tag: Some(tag.into()),
            ..Self::default()
        }
    }

    /// The list without filters, but for one category.
    pub(crate) fn of_category(category: &str) -> Self {
        Self {
            category: Some(category.into()),
            ..Self::default()
        }
    }

    /// The list of one user's items.
    pub(crate) fn of_author(author: &str) -> Self {
        Self {
            author: Some(author.into()),
            ..Self::default()
        }
    }

    /// The filter as the API takes it.
    pub(crate) fn to_wire(&self) -> ItemFilter {
        let keyword = self
            .keyword
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        ItemFilter {
            kinds: self.kind.into_iter().collect(),
            author: self.author.clone(),
            keyword: keyword.map(Into::into),
            categories: self.category.iter().cloned().collect(),
            tags: self.tag.iter().cloned().collect(),
            ..ItemFilter::default()
        }
    }
}

impl Tab {
    /// Every tab, in the order in which they stand.
    pub(crate) const ALL: [Self; 3] = [Self::Description, Self::Detail, Self::Protocol];

    /// The word in the hash.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Detail => "detail",
            Self::Protocol => "protocol",
        }
    }

    /// What people read on the tab.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Description => "Description",
            Self::Detail => "Detail",
            Self::Protocol => "Protocol",
        }
    }

    fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|tab| tab.as_str() == word)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
