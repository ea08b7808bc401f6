use std::io::Write;

use clap::Args;
use serde_json::Value;
use shared::wire::{Item, ItemStatus, ItemType, Sharing, Version};

use crate::connection::Connection;
use crate::error::Error;
use crate::server::item_path;
use crate::source::ItemAddress;
use crate::text;

/// What to show.
#[derive(Args, Debug)]
pub struct ShowOptions {
    /// The item's id, or ID@NUMBER for one of its versions
    #[arg(value_name = "ID")]
    item: ItemAddress,
    /// Print the protocol alone
    #[arg(long, conflicts_with = "json")]
    protocol: bool,
    /// Print one JSON object: the item, or the version, as the API answers it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Prints what an item is, and its protocol.
///
/// # Errors
/// When the marketplace does not answer, or refuses.
pub async fn run(options: &ShowOptions, out: &mut dyn Write) -> Result<(), Error> {
    let api = options.connection.marketplace()?;
    if options.protocol {
        write!(out, "{}", options.item.protocol(&api).await?)?;
        return Ok(());
    }
    let path = item_path(&options.item.id);
    let path = match options.item.version {
        Some(number) => format!("{path}/versions/{number}"),
        None => path,
    };
    if options.json {
        return text::json(out, &api.get::<Value>(&path).await?);
    }
    let (rows, protocol) = if options.item.version.is_some() {
        of_version(api.get(&path).await?)
    } else {
        of_item(api.get(&path).await?)
    };
    for (name, value) in rows {
        if !value.is_empty() {
            writeln!(out, "{name:12} {}", text::line(&value))?;
        }
    }
    writeln!(out, "\n{}", text::lines(protocol.trim_end()))?;
    Ok(())
}

type Rows = Vec<(&'static str, String)>;

fn of_item(item: Item) -> (Rows, String) {
    let sharing = Sharing::from(&item);
    let audience = if sharing.is_public {
        "everybody".to_owned()
    } else if sharing.leaves_author() {
        sharing.group_list.join(", ")
    } else {
        "its author and admins".to_owned()
    };
    let word = |word: Option<&'static str>| word.unwrap_or_default().to_owned();
    let deprecated = item.deprecation.map(|deprecation| deprecation.reason);
    let rows = vec![
        ("id", item.id),
        ("name", item.name.unwrap_or_default()),
        ("author", item.author.unwrap_or_default()),
        ("type", word(item.kind.map(ItemType::as_str))),
        ("summary", item.summary.unwrap_or_default()),
        ("tags", item.tags.join(", ")),
        ("categories", item.categories.join(", ")),
        ("licence", item.license.unwrap_or_default()),
        ("data", item.data_url.unwrap_or_default()),
        ("visible to", audience),
        ("status", word(item.status.map(ItemStatus::as_str))),
        ("deprecated", deprecated.unwrap_or_default()),
        ("version", item.version.to_string()),
        ("withdrawn", item.withdrawn.unwrap_or_default()),
        ("updated", item.updated_at),
    ];
    (rows, item.protocol.unwrap_or_default())
}

fn of_version(version: Version) -> (Rows, String) {
    let rows = vec![
        ("version", version.number.to_string()),
        ("author", version.author.unwrap_or_default()),
        ("made", version.created_at),
        ("note", version.note.unwrap_or_default()),
        ("digest", version.digest),
        ("withdrawn", version.withdrawn.unwrap_or_default()),
    ];
    (rows, version.protocol.unwrap_or_default())
}
