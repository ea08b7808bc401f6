//! What the catalogue knows of official templates, wherever they come from.

use serde_json::json;
use sha2::{Digest, Sha256};
use shared::wire::OFFICIAL_CATEGORY;

use super::{ItemToCreate, search};

/// Who the official templates are by, in the first marketplace too.
pub const AUTHOR: &str = "OpenPAI";

/// The name under which the catalogue remembers that they were loaded: an
/// admin who deletes one does not want it back.
pub const MARK: &str = "official templates loaded";

/// What is said about the official category.
pub const DESCRIPTION: &str = "Kept by the admins of the cluster.";

/// A digest of what an official template is: not of whom it is shared with, nor of how
/// often it is used. That a tag is written in another case changes nothing, because
/// the catalogue may have it so already.
pub fn digest(item: &ItemToCreate) -> String {
    let mut tags: Vec<String> = item.tags.iter().map(|tag| search::fold(tag)).collect();
    tags.sort_unstable();
    let content = json!([
        item.name,
        item.kind,
        item.summary,
        item.description,
        item.protocol,
        item.data_url,
        item.categories.iter().any(|name| name == OFFICIAL_CATEGORY),
        tags,
    ]);
    format!("{:x}", Sha256::digest(content.to_string()))
}
