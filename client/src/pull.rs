use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use reqwest::Method;
use serde_json::json;
use shared::wire::Item;

use crate::connection::Connection;
use crate::error::Error;
use crate::fields;
use crate::folder::Folder;
use crate::lock::{Known, Lock};
use crate::server::item_path;
use crate::text;

/// What to fetch, and where to.
#[derive(Args, Debug)]
pub struct PullOptions {
    /// The item's id
    id: String,
    /// The folder that it is written to, which is made if it is missing
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Write over files that say what the item has never said
    #[arg(long)]
    force: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Writes an item into a folder. Files that say the same are left as they are, and those
/// that have changed since the folder last knew the item need `--force`.
///
/// # Errors
/// When the marketplace does not answer, or refuses; when files would be lost, or cannot be
/// read or written.
pub async fn run(options: &PullOptions, out: &mut dyn Write) -> Result<(), Error> {
    let PullOptions { id, folder, .. } = options;
    let id = id.strip_prefix("item:").unwrap_or(id);
    let mut lock = Lock::read(folder).map_err(Error::Usage)?;
    let is_there = Folder::is_one(folder);
    let mine = match Folder::read(folder) {
        Ok(mine) => Some(mine),
        // With `--force` whatever is there is written over.
        Err(_) if !is_there || options.force => None,
        Err(error) => return Err(Error::Usage(error)),
    };
    let api = options.connection.marketplace()?;
    let answer = api.send(api.request(Method::GET, &item_path(id))).await?;
    let item: Item = answer.json()?;
    let theirs = fields::of_item(&item);
    let changed = mine
        .as_ref()
        .map(|mine| fields::differing(&mine.fields, &theirs));
    let is_same = changed.as_ref().is_some_and(Vec::is_empty);
    if let (Some(mine), Some(changed)) = (&mine, &changed)
        && !options.force
    {
        let known = lock.known(&api.url).filter(|known| known.id == id);
        let seen = fields::digests(&mine.fields);
        let lost: Vec<_> = changed
            .iter()
            .filter(|name| known.and_then(|known| known.fields.get(**name)) != seen.get(**name))
            .copied()
            .collect();
        if !lost.is_empty() {
            return Err(Error::failed(format!(
                "{} says something else that would be lost: {}. --force writes over it",
                folder.display(),
                lost.join(", ")
            )));
        }
    }
    if !is_same {
        Folder::write(folder, &item).map_err(Error::Failed)?;
    }
    let known = Known {
        id: id.to_owned(),
        fields: fields::digests(&theirs),
    };
    lock.note(folder, &api.url, known).map_err(Error::Failed)?;
    let shown = folder.display().to_string();
    if options.json {
        let names = changed.unwrap_or_else(|| fields::ALL.to_vec());
        let report = json!({ "folder": shown, "id": id, "changed": !is_same, "fields": names });
        return text::json(out, &report);
    }
    if is_same {
        writeln!(out, "{shown}: unchanged")?;
    } else {
        writeln!(out, "{shown}: pulled {}", text::line(id))?;
    }
    Ok(())
}
