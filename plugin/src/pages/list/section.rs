use crate::messages;
use crate::route::{Facet, Filters};

/// Why the user sees an item. Each item is in one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// The cluster's admins vouch for it.
    Official,
    /// Everybody sees it.
    Public,
    /// Members of some groups see it.
    Shared,
    /// Its author and admins see it.
    Private,
}

impl Section {
    pub(super) const ALL: [Self; 4] = [Self::Official, Self::Public, Self::Shared, Self::Private];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Official => messages::list::section_official(),
            Self::Public => messages::list::section_public(),
            Self::Shared => messages::list::section_shared(),
            Self::Private => messages::list::section_private(),
        }
    }

    /// What its items have that others have not.
    pub(super) fn filters(self) -> Filters {
        let visibility = match self {
            Self::Official => return Filters::of(Facet::Official, "true"),
            Self::Public => "public",
            Self::Shared => "groups",
            Self::Private => "private",
        };
        Filters::of(Facet::Official, "false").with(Facet::Visibility, visibility)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::client::EARLY;

    #[wasm_bindgen_test]
    fn the_loader_asks_for_the_first_section() {
        let loader = include_str!("../../../loader.js");
        assert_eq!(Section::ALL[0].filters().query(), EARLY);
        let asked = format!(
            "/items?fields=summary&{EARLY}limit={}&offset=0\"",
            super::super::browse::FEW
        );
        assert!(loader.contains(&asked), "{asked}");
    }
}
