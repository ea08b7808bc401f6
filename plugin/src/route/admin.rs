//! The parts of the page for admins, as the hash says them.

/// A part of the page for admins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum AdminPart {
    /// What waits for review.
    #[default]
    Review,
    /// The tags.
    Tags,
    /// The categories.
    Categories,
    /// The storages that jobs get at.
    Storages,
    /// Who did what when.
    Audit(AuditFilter),
}

/// Which lines of the audit show. Empty texts filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditFilter {
    /// Who.
    pub user: String,
    /// The id of an item.
    pub item: String,
    /// What was done, in the words of the API.
    pub action: String,
    /// The first day, such as `2026-01-31`.
    pub since: String,
    /// The last day.
    pub until: String,
}

impl AdminPart {
    /// The word in the hash.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Tags => "tags",
            Self::Categories => "categories",
            Self::Storages => "storages",
            Self::Audit(_) => "audit",
        }
    }

    /// The part that the query of a hash names, of which `value` reads the parameters.
    pub(super) fn parse(value: impl Fn(&str) -> Option<String>) -> Self {
        let text = |key| value(key).unwrap_or_default();
        match text("part").as_str() {
            "tags" => Self::Tags,
            "categories" => Self::Categories,
            "storages" => Self::Storages,
            "audit" => Self::Audit(AuditFilter {
                user: text("user"),
                item: text("item"),
                action: text("action"),
                since: text("since"),
                until: text("until"),
            }),
            _ => Self::Review,
        }
    }

    /// The parameters that [`AdminPart::parse`] reads.
    pub(super) fn query(&self) -> Vec<(&'static str, Option<&str>)> {
        let mut query = vec![("part", (*self != Self::Review).then(|| self.as_str()))];
        if let Self::Audit(filter) = self {
            query.extend(filter.fields().map(|(key, value)| {
                let value = Some(value).filter(|value| !value.is_empty());
                (key, value)
            }));
        }
        query
    }
}

impl AuditFilter {
    /// Names and values, in the words of hash and API.
    pub(crate) fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("user", &self.user),
            ("item", &self.item),
            ("action", &self.action),
            ("since", &self.since),
            ("until", &self.until),
        ]
    }
}
