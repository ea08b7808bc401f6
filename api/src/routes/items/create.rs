//! From the body of `POST /items` to an item that is to be made.

use shared::access::Caller;
use shared::exposure::Shown;
use shared::wire::{
    ItemSource, ItemType, MAX_DESCRIPTION, MAX_PROTOCOL, NewItem, OFFICIAL_CATEGORY, Sharing,
};

use super::super::text::{check_amount, check_line, check_name, check_names, check_text, filled};
use super::review::Review;
use super::validation::validate;
use super::{check_groups, check_official};
use crate::config::SharedSecrets;
use crate::problem::{self, Refusal};
use store::ItemToCreate;

/// Checks the body and makes an item of it.
///
/// # Errors
/// 400 when something is missing, over its limit or invalid, 403 when the caller
/// may not do this.
pub(super) async fn checked(
    caller: &Caller,
    review: Review,
    secrets: SharedSecrets,
    new: NewItem,
) -> Result<ItemToCreate, Refusal> {
    let author = new.author.filter(|author| !author.is_empty());
    match author {
        None => {
            return Err(problem::bad_request(
                "The field `author` is missing: send the caller's user name.",
            ));
        }
        Some(author) if author != caller.name => {
            return Err(problem::forbidden(
                "The field `author` must be the caller: nobody shares items in the name of others.",
            ));
        }
        Some(_) => {}
    }
    let text = new.protocol.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| {
        problem::bad_request(
            "The field `protocol` is missing or empty: send the job protocol as YAML text.",
        )
    })?;
    if let Some(name) = &new.name {
        check_name("name", name)?;
    }
    check_text("protocol", Some(&text), MAX_PROTOCOL)?;
    check_text("description", new.description.as_deref(), MAX_DESCRIPTION)?;
    check_line("summary", new.summary.as_deref())?;
    check_line("dataUrl", new.data_url.as_deref())?;
    check_line("license", new.license.as_deref())?;
    check_names("tags", new.tags.as_deref(), &[])?;
    check_names("groupList", new.group_list.as_deref(), &[])?;
    let categories = new.categories.unwrap_or_default();
    check_amount("categories", &categories)?;
    if categories.iter().any(|name| name == OFFICIAL_CATEGORY) {
        check_official(caller)?;
    }
    let sharing = Sharing::of_new(new.is_public, new.is_private, new.group_list);
    check_groups(caller, &sharing, &[])?;
    // Last: it is what takes long.
    let report = validate(&text).await?;
    let name = new
        .name
        .or_else(|| report.protocol.and_then(|protocol| protocol.name));
    check_name("name", name.as_deref().unwrap_or_default())?;
    let texts = [
        ("protocol", Some(&text)),
        ("description", new.description.as_ref()),
        ("summary", new.summary.as_ref()),
        ("dataUrl", new.data_url.as_ref()),
        ("name", name.as_ref()),
        ("license", new.license.as_ref()),
    ];
    let tags = new.tags.iter().flatten().map(|tag| ("tags", Some(tag)));
    let shown = Shown {
        sharing: sharing.clone(),
        texts: texts
            .into_iter()
            .chain(tags)
            .filter_map(|(field, text)| Some((field, text?.as_str())))
            .collect(),
    };
    secrets.check_new(caller, shown).await?;
    let status = new.status.filter(|_| caller.admin);
    let status = status.unwrap_or_else(|| review.of_new(caller, &sharing));
    Ok(ItemToCreate {
        name,
        author: Some(caller.name.clone()),
        kind: Some(new.kind.unwrap_or(ItemType::Template)),
        source: new.source.unwrap_or(ItemSource::Marketplace),
        is_public: sharing.is_public,
        is_private: sharing.is_private,
        group_list: sharing.group_list,
        data_type: new.data_type,
        data_url: new.data_url,
        license: new.license.as_deref().and_then(filled),
        use_blob: new.use_blob.unwrap_or(false),
        categories,
        tags: new.tags.unwrap_or_default(),
        summary: new.summary,
        description: new.description,
        protocol: text,
        use_number: 0,
        star_number: 0,
        status: Some(status),
        review_note: None,
        protocol_valid: true,
        // As clients have it that send back what they got.
        copied_from: new.copied_from.filter(|origin| !origin.gone),
        deprecation: None,
        withdrawn: None,
        version: 1,
    })
}
