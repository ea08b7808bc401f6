//! What people call facets and their values.

use crate::messages::{item, list as text};
use crate::route::Facet;

/// The name of a facet.
pub(super) fn facet(facet: Facet) -> &'static str {
    match facet {
        Facet::Keyword => text::search(),
        Facet::Type => text::facet_type(),
        Facet::Category => text::facet_category(),
        Facet::Tag => text::facet_tag(),
        Facet::Author => text::facet_author(),
        Facet::Visibility => text::facet_visibility(),
        Facet::Status => text::facet_status(),
        Facet::Official | Facet::Starred | Facet::Used | Facet::Runs => text::facet_only(),
        Facet::Sort => text::sort(),
    }
}

/// The name of a value; of what people have named themselves, that.
pub(super) fn value(facet: Facet, value: &str) -> String {
    let name = match (facet, value) {
        (Facet::Type, "template") => item::template(),
        (Facet::Type, "data") => item::data(),
        (Facet::Type, "old") => item::old(),
        (Facet::Visibility, "public") => text::visibility_public(),
        (Facet::Visibility, "groups") => text::visibility_groups(),
        (Facet::Visibility, "private") => text::visibility_private(),
        (Facet::Status, "pending") => text::status_pending(),
        (Facet::Status, "approved") => text::status_approved(),
        (Facet::Status, "rejected") => text::status_rejected(),
        (Facet::Official, "true") => text::official(),
        (Facet::Official, _) => text::not_official(),
        (Facet::Starred, "true") => text::starred(),
        (Facet::Starred, _) => text::not_starred(),
        (Facet::Used, "true") => text::used(),
        (Facet::Used, _) => text::not_used(),
        (Facet::Runs, "true") => text::runs_here(),
        (Facet::Runs, _) => text::runs_not_here(),
        _ => value,
    };
    name.to_owned()
}
