use std::io::Write;

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::Value;
use shared::wire::{Item, ItemFilter, ItemType};

use crate::connection::Connection;
use crate::error::Error;
use crate::text;

/// What to look for.
#[derive(Args, Debug)]
pub struct SearchOptions {
    /// Words, each of which an item has in its name, author, summary, tags or description
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// Only items with exactly this name
    #[arg(long)]
    name: Option<String>,
    /// Only items of this author
    #[arg(long, value_name = "USER")]
    author: Option<String>,
    /// Only items with this tag; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only items in this category; may be repeated
    #[arg(long = "category", value_name = "CATEGORY")]
    categories: Vec<String>,
    /// Only items of this type: template, data or old; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    kinds: Vec<ItemType>,
    /// Only official templates
    #[arg(long)]
    official: bool,
    /// Only items that you have starred
    #[arg(long)]
    starred: bool,
    /// Only items that run, now or later, in a virtual cluster of yours
    #[arg(long)]
    runs_here: bool,
    /// Which come first: relevance, -createdAt, -updatedAt, name, -starNumber or -useNumber
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true)]
    sort: Option<String>,
    /// How many at most, 1 to 500
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
    /// How many to leave out before the first
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    offset: u32,
    /// Print one JSON array with the items, without their texts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

impl SearchOptions {
    fn path(&self) -> String {
        let keyword = self.words.join(" ");
        let filter = ItemFilter {
            name: self.name.clone(),
            author: self.author.clone(),
            kinds: self.kinds.clone(),
            keyword: (!keyword.trim().is_empty()).then_some(keyword),
            tags: self.tags.clone(),
            categories: self.categories.clone(),
            official: self.official.then_some(true),
            starred: self.starred.then_some(true),
            runs_here: self.runs_here.then_some(true),
            ..ItemFilter::default()
        };
        let sort = self.sort.clone().map(|sort| ("sort", sort));
        let mut path = format!(
            "/items?fields=summary&limit={}&offset={}",
            self.limit, self.offset
        );
        for (key, value) in filter.query().into_iter().chain(sort) {
            let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
            path = format!("{path}&{key}={value}");
        }
        path
    }
}

/// Prints the items that match.
///
/// # Errors
/// When the marketplace does not answer, or refuses.
pub async fn run(options: &SearchOptions, out: &mut dyn Write) -> Result<(), Error> {
    let api = options.connection.marketplace()?;
    let answer = api.send(api.request(Method::GET, &options.path())).await?;
    if options.json {
        // As it was answered: what this program does not know of is there too.
        return text::json(out, &answer.json::<Value>()?);
    }
    let items: Vec<Item> = answer.json()?;
    let rows: Vec<[String; 3]> = items
        .iter()
        .map(|item| {
            let texts = [Some(&item.id), item.author.as_ref(), item.name.as_ref()];
            texts.map(|text| text.map_or(String::new(), |text| text::line(text)))
        })
        .collect();
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    };
    let (ids, authors) = (width(0), width(1));
    for [id, author, name] in &rows {
        writeln!(out, "{id:ids$}  {author:authors$}  {name}")?;
    }
    let shown = u64::from(options.offset) + rows.len() as u64;
    if let Some(total) = answer
        .number("x-total-count")
        .filter(|total| *total > shown)
    {
        // Not among the lines, which a program may read.
        out.flush()?;
        eprintln!("{total} in all: --offset {shown} goes on");
    }
    Ok(())
}
