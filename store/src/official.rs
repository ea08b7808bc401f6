//! What the catalogue knows of official templates, wherever they come from.

use serde_json::json;
use sha2::{Digest, Sha256};
use shared::wire::{ItemSource, ItemStatus, OFFICIAL_CATEGORY};

use super::bundle::rows::TemplateRow;
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

/// The item that a template makes.
pub fn item(template: TemplateRow) -> ItemToCreate {
    ItemToCreate {
        name: Some(template.name),
        author: Some(AUTHOR.to_owned()),
        kind: Some(template.kind),
        source: ItemSource::Marketplace,
        is_public: true,
        is_private: false,
        group_list: Vec::new(),
        data_type: None,
        data_url: template.data_url,
        license: None,
        use_blob: false,
        categories: vec![OFFICIAL_CATEGORY.to_owned()],
        tags: template.tags,
        summary: Some(template.summary),
        description: Some(template.description),
        protocol: template.protocol,
        use_number: 0,
        star_number: 0,
        status: Some(ItemStatus::Approved),
        review_note: None,
        protocol_valid: true,
        copied_from: None,
        version: 1,
        deprecation: None,
        withdrawn: None,
    }
}
