//! The plugin's places, as the URL's hash names them. People have saved such
//! links (docs/contract.md#1-the-portal-and-pluginjs): what was understood once must stay so.

mod admin;
mod filters;

use web_sys::UrlSearchParams;

pub(crate) use filters::{Facet, Filters, MOST, PAGE};

pub(crate) use self::admin::{AdminPart, AuditFilter};

/// A place in the plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `#/?type=data&author=alice&keyword=x&category=y&tag=z&sort=name&shown=96`
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
    /// `#/drafts`
    Drafts,
    /// `#/check_jobs`
    CheckJobs,
    /// `#/admin?part=audit&user=alice`
    Admin(AdminPart),
    /// `#/versions?itemId=ID&from=1&to=3`
    Versions {
        /// Free text.
        id: String,
        /// The older one of two that are compared; the one before the other if absent.
        from: Option<i32>,
        /// The newer one; the newest if absent.
        to: Option<i32>,
    },
    /// `#/update?itemId=ID`
    Update {
        /// That of a copy; free text.
        id: String,
    },
    /// `#/news`
    News,
    /// `#/use?itemId=ID`
    Use {
        /// Free text.
        id: String,
    },
    /// Any other hash.
    Unknown,
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
    /// What its runs on this cluster have shown.
    Runs,
}

impl Route {
    /// The place that a URL's hash (with or without `#`) names. An empty hash
    /// is the list; an unknown filter value is no filter.
    pub(crate) fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let query = params(query);
        match path.trim_matches('/') {
            "" => Self::List(Filters::parse(&query)),
            "market_detail" => query
                .get("itemId")
                .map_or(Self::Unknown, |id| Self::Detail {
                    id,
                    tab: query
                        .get("tab")
                        .map_or_else(Tab::default, |word| Tab::parse(&word)),
                }),
            "create_item" => Self::Create,
            "edit_item" => query
                .get("itemId")
                .map_or(Self::Unknown, |id| Self::Edit { id }),
            "drafts" => Self::Drafts,
            "check_jobs" => Self::CheckJobs,
            "admin" => Self::Admin(AdminPart::parse(|key| query.get(key))),
            "versions" => query
                .get("itemId")
                .map_or(Self::Unknown, |id| Self::Versions {
                    id,
                    from: version(&query, "from"),
                    to: version(&query, "to"),
                }),
            "update" => query
                .get("itemId")
                .map_or(Self::Unknown, |id| Self::Update { id }),
            "news" => Self::News,
            "use" => query
                .get("itemId")
                .map_or(Self::Unknown, |id| Self::Use { id }),
            _ => Self::Unknown,
        }
    }

    /// The hash of the place, with `#`: fit for a link's `href`.
    pub(crate) fn hash(&self) -> String {
        match self {
            Self::List(filters) => hash("", |query| filters.write(query)),
            Self::Detail { id, tab } => hash("market_detail", |query| {
                query.append("itemId", id);
                if *tab != Tab::default() {
                    query.append("tab", tab.as_str());
                }
            }),
            Self::Create => hash("create_item", |_| ()),
            Self::Edit { id } => hash("edit_item", |query| query.append("itemId", id)),
            Self::Drafts => hash("drafts", |_| ()),
            Self::CheckJobs => hash("check_jobs", |_| ()),
            Self::Admin(part) => hash("admin", |query| {
                for (key, value) in part.query() {
                    if let Some(value) = value {
                        query.append(key, value);
                    }
                }
            }),
            Self::Versions { id, from, to } => hash("versions", |query| {
                query.append("itemId", id);
                for (key, number) in [("from", from), ("to", to)] {
                    if let Some(number) = number {
                        query.append(key, &number.to_string());
                    }
                }
            }),
            Self::Update { id } => hash("update", |query| query.append("itemId", id)),
            Self::News => hash("news", |_| ()),
            Self::Use { id } => hash("use", |query| query.append("itemId", id)),
            Self::Unknown => hash("", |_| ()),
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

/// The number of a version, if the query names one.
fn version(query: &UrlSearchParams, key: &str) -> Option<i32> {
    query.get(key)?.parse().ok().filter(|number| *number > 0)
}

/// A hash with a query of its own.
fn hash(path: &str, fill: impl FnOnce(&UrlSearchParams)) -> String {
    let query = params("");
    fill(&query);
    let query = String::from(query.to_string());
    let mark = if query.is_empty() { "" } else { "?" };
    format!("#/{path}{mark}{query}")
}

fn params(query: &str) -> UrlSearchParams {
    #[allow(clippy::expect_used, reason = "any text is a query")]
    UrlSearchParams::new_with_str(query).expect("URLSearchParams exists")
}

impl Tab {
    /// Every tab, in the order in which they stand.
    pub(crate) const ALL: [Self; 4] = [Self::Description, Self::Detail, Self::Protocol, Self::Runs];

    /// The word in the hash.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Detail => "detail",
            Self::Protocol => "protocol",
            Self::Runs => "runs",
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
