//! What the list is narrowed down to, as the hash says it.

use web_sys::UrlSearchParams;

/// What an item may be chosen by. Its word is the same in the hash and in the API's query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Facet {
    /// A text that the item holds, exactly as typed.
    Keyword,
    /// What it is: any of several.
    Type,
    /// A category that it is in; of several, all.
    Category,
    /// A tag that it has; of several, all.
    Tag,
    /// Who made it.
    Author,
    /// Who may see it: any of several.
    Visibility,
    /// Where it stands in review: any of several.
    Status,
    /// Whether it is an official template.
    Official,
    /// Whether the user has starred it.
    Starred,
    /// Whether the user has used it lately.
    Used,
    /// Whether it runs in a virtual cluster of the user's.
    Runs,
    /// The order, which chooses nothing.
    Sort,
}

/// So many items are on a page of the list, and so many more come with each "more".
pub(crate) const PAGE: usize = 48;

/// So many are shown at most: whoever looks further had better narrow the list down, and
/// a link that somebody made by hand must not ask for everything.
pub(crate) const MOST: usize = 20 * PAGE;

/// What the list is narrowed down to, how it is sorted, and how much of it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filters {
    /// In the order of the facets; values of one facet in the order in which they came.
    chosen: Vec<(Facet, String)>,
    /// How many items show: whole pages.
    pub shown: usize,
}

impl Default for Filters {
    fn default() -> Self {
        Self {
            chosen: Vec::new(),
            shown: PAGE,
        }
    }
}

const YES_NO: &[&str] = &["true", "false"];

impl Facet {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 12] = [
        Self::Keyword,
        Self::Type,
        Self::Category,
        Self::Tag,
        Self::Author,
        Self::Visibility,
        Self::Status,
        Self::Official,
        Self::Starred,
        Self::Used,
        Self::Runs,
        Self::Sort,
    ];

    /// The word in hash (docs/contract.md#addresses) and query (docs/contract.md#filters),
    /// and the values that it takes; any without.
    const fn words(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Keyword => ("keyword", &[]),
            Self::Type => ("type", &["template", "data", "old"]),
            Self::Category => ("category", &[]),
            Self::Tag => ("tag", &[]),
            Self::Author => ("author", &[]),
            Self::Visibility => ("visibility", &["public", "groups", "private"]),
            Self::Status => ("status", &["pending", "approved", "rejected"]),
            Self::Official => ("official", YES_NO),
            Self::Starred => ("starred", YES_NO),
            Self::Used => ("used", YES_NO),
            Self::Runs => ("runsHere", YES_NO),
            Self::Sort => (
                "sort",
                &[
                    "relevance",
                    "-createdAt",
                    "-updatedAt",
                    "name",
                    "-starNumber",
                    "-useNumber",
                    "-success",
                    "-usedAt",
                ],
            ),
        }
    }

    /// Whether several values of it may be chosen.
    fn takes_several(self) -> bool {
        matches!(
            self,
            Self::Type | Self::Category | Self::Tag | Self::Visibility | Self::Status
        )
    }
}

impl Filters {
    /// What the query of a hash says. What is not understood is no filter.
    pub(super) fn parse(query: &UrlSearchParams) -> Self {
        let mut filters = Self::default();
        for facet in Facet::ALL {
            let (key, words) = facet.words();
            for value in query.get_all(key) {
                let value = value.as_string().unwrap_or_default();
                if !value.is_empty()
                    && (words.is_empty() || words.contains(&&*value))
                    && !filters.has(facet, &value)
                    && (facet.takes_several() || filters.get(facet).is_none())
                {
                    filters.chosen.push((facet, value));
                }
            }
        }
        let shown = query.get("shown").and_then(|number| number.parse().ok());
        filters.shown = shown.map_or(PAGE, whole_pages);
        filters
    }

    /// Writes them into the query of a hash.
    pub(super) fn write(&self, query: &UrlSearchParams) {
        for (facet, value) in &self.chosen {
            query.append(facet.words().0, value);
        }
        if self.shown != PAGE {
            query.append("shown", &self.shown.to_string());
        }
    }

    /// The list of the items of which one thing is chosen.
    pub(crate) fn of(facet: Facet, value: &str) -> Self {
        Self::default().with(facet, value)
    }

    /// The list without filters, but for one tag.
    pub(crate) fn of_tag(tag: &str) -> Self {
        Self::of(Facet::Tag, tag)
    }

    /// The list without filters, but for one category.
    pub(crate) fn of_category(category: &str) -> Self {
        Self::of(Facet::Category, category)
    }

    /// The list of one user's items.
    pub(crate) fn of_author(author: &str) -> Self {
        Self::of(Facet::Author, author)
    }

    /// Whether only what belongs to the user is listed: made, starred or used by them.
    pub(crate) fn are_mine(&self, user: &str) -> bool {
        self.has(Facet::Author, user)
            || self.has(Facet::Starred, "true")
            || self.has(Facet::Used, "true")
    }

    /// Whether nothing is chosen, not even an order.
    pub(crate) fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// What is chosen, in the order of the facets.
    pub(crate) fn chosen(&self) -> &[(Facet, String)] {
        &self.chosen
    }

    /// The first value of a facet.
    pub(crate) fn get(&self, facet: Facet) -> Option<&str> {
        let mut of_facet = self.chosen.iter().filter(|(other, _)| *other == facet);
        of_facet.next().map(|(_, value)| &**value)
    }

    /// Whether the value is chosen.
    pub(crate) fn has(&self, facet: Facet, value: &str) -> bool {
        self.chosen
            .iter()
            .any(|(other, chosen)| *other == facet && chosen == value)
    }

    /// The same with one more value, from the first page on. A facet that takes only one
    /// has this one then; an empty value is none.
    #[must_use]
    pub(crate) fn with(&self, facet: Facet, value: &str) -> Self {
        let mut filters = self.without(facet, facet.takes_several().then_some(value));
        if !value.is_empty() {
            let before = |(other, _): &&(Facet, String)| *other <= facet;
            let place = filters.chosen.iter().take_while(before).count();
            filters.chosen.insert(place, (facet, value.to_owned()));
        }
        filters
    }

    /// The same without a value, or without any of the facet, from the first page on.
    #[must_use]
    pub(crate) fn without(&self, facet: Facet, value: Option<&str>) -> Self {
        let stays = |(other, chosen): &&(Facet, String)| {
            *other != facet || value.is_some_and(|value| chosen != value)
        };
        Self {
            chosen: self.chosen.iter().filter(stays).cloned().collect(),
            shown: PAGE,
        }
    }

    /// The same, with so many items on the page.
    #[must_use]
    pub(crate) fn showing(&self, number: usize) -> Self {
        Self {
            chosen: self.chosen.clone(),
            shown: whole_pages(number),
        }
    }

    /// The query by which the API chooses the same, each parameter with an `&` after it;
    /// which page is still to be said.
    pub(crate) fn query(&self) -> String {
        let mut query = String::new();
        for (facet, value) in &self.chosen {
            let value = match facet {
                Facet::Keyword => value.trim(),
                _ => value,
            };
            if value.is_empty() {
                continue;
            }
            let value = String::from(js_sys::encode_uri_component(value));
            // A lone name is split at its commas, of several each is taken as it is.
            let is_name = matches!(facet, Facet::Tag | Facet::Category);
            for _ in 0..if is_name && value.contains("%2C") {
                2
            } else {
                1
            } {
                query.extend([facet.words().0, "=", &value, "&"]);
            }
        }
        if self.has(Facet::Used, "true") && self.get(Facet::Sort).is_none() {
            query.push_str("sort=-usedAt&");
        }
        query
    }
}

/// The next number of items that fills whole pages, and is not too large.
fn whole_pages(number: usize) -> usize {
    number.clamp(PAGE, MOST).div_ceil(PAGE) * PAGE
}
