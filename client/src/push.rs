//! `marketplace push`: folders as items, so that a repository can keep templates.
//!
//! A folder belongs to the item that its `marketplace.lock` names, or else to the one of the
//! user's own that has its name: a first push whose answer or file got lost is found again.
//! Only what differs is sent. A field of the item that is neither what the folder says nor
//! what it last knew has been changed by somebody else, and that is not overwritten.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::ETAG;
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::exposure::{self, Shown};
use shared::protocol::{self, Diagnostic};
use shared::wire::{Created, Item, ItemFilter, Me};

use crate::connection::Connection;
use crate::error::Error;
use crate::fields::{self, Fields, VISIBILITY};
use crate::folder::{Folder, PROTOCOL};
use crate::lock::{Known, LOCK, Lock};
use crate::server::{Failure, Server, item_path};
use crate::text;

/// The most folders that one command takes.
const MAX_FOLDERS: usize = 500;

/// How often in a day the same new item may have been made and deleted.
const MAX_GONE: usize = 20;

/// How often somebody else may be faster.
const MAX_RACES: usize = 3;

/// What to push.
#[derive(Args, Debug)]
pub struct PushOptions {
    /// Folders with protocol.yaml and README.md
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Only say what would be done; nothing is changed, here or there
    #[arg(long)]
    dry_run: bool,
    /// Overwrite what others have changed in the marketplace, and say so
    #[arg(long)]
    force: bool,
    /// What has changed in the protocols, one line for the items' history
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Print one JSON array with an object a folder
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What became of a folder, or would.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    folder: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    action: Action,
    /// The fields that change.
    fields: Vec<&'static str>,
    /// Those of them with a value that the folder did not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overwritten: Vec<&'static str>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What is wrong with the protocol.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Create,
    Change,
    Unchanged,
    Refused,
}

impl Outcome {
    fn new(folder: &Folder, action: Action) -> Self {
        Self {
            folder: folder.path.display().to_string(),
            id: None,
            action,
            fields: Vec::new(),
            overwritten: Vec::new(),
            reason: None,
            diagnostics: Vec::new(),
        }
    }

    fn refused(folder: &Folder, reason: impl ToString) -> Self {
        Self {
            reason: Some(reason.to_string()),
            ..Self::new(folder, Action::Refused)
        }
    }
}

/// Makes the items what the folders say; answers whether none was refused. Nothing is sent
/// before all folders have been read.
///
/// # Errors
/// When a folder cannot be read, or the marketplace does not answer, or not this user:
/// folders before that one are pushed then, and told.
pub async fn run(options: &PushOptions, out: &mut dyn Write) -> Result<bool, Error> {
    if options.folders.len() > MAX_FOLDERS {
        let error = format!("push {MAX_FOLDERS} folders at a time at most");
        return Err(Error::usage(error));
    }
    let mut folders = Vec::new();
    for path in &options.folders {
        let folder = Folder::read(path).and_then(|folder| Ok((folder, Lock::read(path)?)));
        folders.push(folder.map_err(Error::Usage)?);
    }
    let api = options.connection.marketplace()?;
    let me: Me = api.get("/me").await?;
    let push = Push {
        options,
        api,
        user: me.username,
        secrets_refused: me.secrets_refused,
    };
    let mut outcomes = Vec::new();
    let mut end = Ok(());
    for (folder, lock) in folders {
        match push.one(&folder, &lock).await {
            Ok(outcome) => {
                if !options.json {
                    tell(&outcome, &folder, options.dry_run, out)?;
                }
                outcomes.push(outcome);
            }
            Err(error) => {
                end = Err(error);
                break;
            }
        }
    }
    if options.json {
        text::json(out, &outcomes)?;
    }
    end?;
    let is_refused = |outcome: &Outcome| outcome.action == Action::Refused;
    Ok(!outcomes.iter().any(is_refused))
}

struct Push<'o> {
    options: &'o PushOptions,
    api: Server,
    user: String,
    /// Whether what looks like a secret is not shared.
    secrets_refused: bool,
}

impl Push<'_> {
    async fn one(&self, folder: &Folder, lock: &Lock) -> Result<Outcome, Error> {
        let report = protocol::validate(folder.text("protocol"));
        if !report.is_valid() {
            let errors = report.errors().cloned().collect();
            return Ok(Outcome {
                diagnostics: errors,
                ..Outcome::refused(folder, "the protocol is invalid")
            });
        }
        let done = async {
            let known = lock.known(&self.api.url);
            let found = match known {
                Some(known) => Some(known.id.clone()),
                None => self.named(folder.text("name")).await?,
            };
            match found {
                Some(id) => self.change(folder, lock, &id).await,
                None => self.create(folder, lock).await,
            }
        };
        done.await.or_else(|failure| match failure {
            // It concerns this folder alone.
            Stop::Refused(refusal)
                if refusal.status.is_some_and(|status| {
                    status.is_client_error()
                        && status != StatusCode::UNAUTHORIZED
                        && status != StatusCode::TOO_MANY_REQUESTS
                }) =>
            {
                Ok(Outcome::refused(folder, refusal))
            }
            Stop::Refused(failure) => Err(failure.into()),
            Stop::Here(error) => Err(Error::Failed(error)),
        })
    }

    /// The item of the user's own with this name, if there is one.
    async fn named(&self, name: &str) -> Result<Option<String>, Stop> {
        let filter = ItemFilter {
            name: Some(name.to_owned()),
            author: Some(self.user.clone()),
            ..ItemFilter::default()
        };
        let mut path = "/items?fields=summary&limit=2".to_owned();
        for (key, value) in filter.query() {
            let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
            path = format!("{path}&{key}={value}");
        }
        let items: Vec<Item> = self.api.get(&path).await?;
        match &items[..] {
            [] => Ok(None),
            [item] => Ok(Some(item.id.clone())),
            _ => Err(Stop::Here(anyhow::anyhow!(
                "you have several items named “{}”: pull the one that is meant into its folder first",
                text::line(name)
            ))),
        }
    }

    async fn create(&self, folder: &Folder, lock: &Lock) -> Result<Outcome, Stop> {
        let mut fields = folder.fields.clone();
        // Nobody shares unasked.
        fields.entry(VISIBILITY).or_insert_with(|| "private".into());
        let mut names = fields::ALL.to_vec();
        names.retain(|name| fields.contains_key(*name));
        let mut outcome = Outcome {
            fields: names.clone(),
            ..Outcome::new(folder, Action::Create)
        };
        if self.options.dry_run {
            let refused = self.would_show(folder, &Shown::default(), &fields, None);
            return Ok(refused.unwrap_or(outcome));
        }
        let mut body = fields::body(&fields, &names);
        body.insert("author".to_owned(), json!(self.user));
        let body = serde_json::to_vec(&body).map_err(|error| Stop::Here(error.into()))?;
        // Sent again after an answer that got lost, it makes no second item.
        let mut key = Sha256::new_with_prefix(outcome.folder.as_bytes());
        key.update([0]);
        key.update(&body);
        let mut id = self.post(&body, key.clone()).await?;
        let mut item = self.read(&id).await;
        for _ in 0..MAX_GONE {
            match &item {
                // It was made so before, within a day, and has been deleted since.
                Err(Stop::Refused(gone)) if gone.status == Some(StatusCode::NOT_FOUND) => {
                    key.update(&id);
                    id = self.post(&body, key.clone()).await?;
                    item = self.read(&id).await;
                }
                _ => break,
            }
        }
        let item = item?;
        self.note(folder, lock, &id, &item.0)?;
        outcome.id = Some(id);
        Ok(outcome)
    }

    async fn post(&self, body: &[u8], key: Sha256) -> Result<String, Stop> {
        let request = self
            .api
            .request(Method::POST, "/items")
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", format!("{:x}", key.finalize()))
            .body(body.to_vec());
        Ok(self.api.send(request).await?.json::<Created>()?.id)
    }

    /// The item and its `ETag`.
    async fn read(&self, id: &str) -> Result<(Item, String), Stop> {
        let request = self.api.request(Method::GET, &item_path(id));
        let answer = self.api.send(request).await?;
        let tag = answer.headers.get(ETAG);
        let tag = tag.and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        Ok((answer.json()?, tag.to_owned()))
    }

    /// Whoever is faster is looked at: what they have changed is told, or does not matter.
    async fn change(&self, folder: &Folder, lock: &Lock, id: &str) -> Result<Outcome, Stop> {
        for _ in 1..MAX_RACES {
            match self.try_change(folder, lock, id).await {
                Err(Stop::Refused(failure))
                    if failure.status == Some(StatusCode::PRECONDITION_FAILED) => {}
                outcome => return outcome,
            }
        }
        self.try_change(folder, lock, id).await
    }

    async fn try_change(&self, folder: &Folder, lock: &Lock, id: &str) -> Result<Outcome, Stop> {
        let (item, tag) = match self.read(id).await {
            Err(Stop::Refused(gone)) if gone.status == Some(StatusCode::NOT_FOUND) => {
                let path = folder.path.join(LOCK);
                return Ok(Outcome::refused(
                    folder,
                    format!(
                        "the item is gone: remove {} to make a new one",
                        path.display()
                    ),
                ));
            }
            item => item?,
        };
        let theirs = fields::of_item(&item);
        let names = fields::differing(&folder.fields, &theirs);
        let mut outcome = Outcome {
            id: Some(id.to_owned()),
            ..Outcome::new(folder, Action::Unchanged)
        };
        if names.is_empty() {
            if !self.options.dry_run {
                self.note(folder, lock, id, &item)?;
            }
            return Ok(outcome);
        }
        let known = lock.known(&self.api.url);
        let now = fields::digests(&theirs);
        let mut others = names.clone();
        others.retain(|name| known.and_then(|known| known.fields.get(*name)) != now.get(*name));
        if !others.is_empty() && !self.options.force {
            let what = others.join(", ");
            let pull = format!("`marketplace pull {id} {}`", outcome.folder);
            return Ok(Outcome {
                id: outcome.id,
                ..Outcome::refused(
                    folder,
                    if known.is_some() {
                        format!(
                            "changed in the marketplace since this folder last knew the item: {what}. {pull} takes \
                             that over, --force overwrites it"
                        )
                    } else {
                        format!(
                            "you have an item of this name, which this folder does not know, and which differs in: \
                             {what}. {pull} takes it over, --force overwrites it"
                        )
                    },
                )
            });
        }
        outcome.action = Action::Change;
        outcome.fields = names;
        outcome.overwritten = others;
        if self.options.dry_run {
            let mut fields = theirs.clone();
            for name in &outcome.fields {
                fields.insert((*name).to_owned(), folder.fields[*name].clone());
            }
            let is_version = outcome.fields.contains(&"protocol");
            let note = self.options.note.as_deref().filter(|_| is_version);
            let refused = self.would_show(folder, &fields::shown(&theirs), &fields, note);
            let refused = refused.map(|refused| Outcome {
                id: outcome.id.clone(),
                ..refused
            });
            return Ok(refused.unwrap_or(outcome));
        }
        let mut body = fields::body(&folder.fields, &outcome.fields);
        if let Some(note) = &self.options.note {
            body.insert("versionNote".to_owned(), json!(note));
        }
        let body = serde_json::to_vec(&body).map_err(|error| Stop::Here(error.into()))?;
        let request = self
            .api
            .request(Method::PUT, &item_path(id))
            .header("Content-Type", "application/json")
            // Somebody may be changing it just now.
            .header("If-Match", tag)
            .body(body);
        self.api.send(request).await?;
        let (item, _) = self.read(id).await?;
        self.note(folder, lock, id, &item)?;
        Ok(outcome)
    }

    /// The refusal, if others would come to read what looks like a secret.
    fn would_show(
        &self,
        folder: &Folder,
        before: &Shown<'_>,
        fields: &Fields,
        note: Option<&str>,
    ) -> Option<Outcome> {
        if !self.secrets_refused {
            return None;
        }
        let mut now = fields::shown(fields);
        now.texts.extend(note.map(|note| ("versionNote", note)));
        now.news(before).into_iter().find_map(|(field, text)| {
            let found = exposure::find(field, text);
            (!found.is_empty()).then(|| Outcome {
                diagnostics: if field == "protocol" {
                    found.clone()
                } else {
                    Vec::new()
                },
                ..Outcome::refused(
                    folder,
                    exposure::refusal(field, &found).trim_end_matches('.'),
                )
            })
        })
    }

    fn note(&self, folder: &Folder, lock: &Lock, id: &str, item: &Item) -> Result<(), Stop> {
        let known = Known {
            id: id.to_owned(),
            fields: fields::digests(&fields::of_item(item)),
        };
        lock.clone()
            .note(&folder.path, &self.api.url, known)
            .map_err(Stop::Here)
    }
}

/// Why a folder was not pushed.
enum Stop {
    /// By the marketplace, or it does not answer.
    Refused(Failure),
    /// By this machine.
    Here(anyhow::Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

fn tell(
    outcome: &Outcome,
    folder: &Folder,
    dry_run: bool,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let id = outcome.id.as_deref().map(text::line).unwrap_or_default();
    let fields = outcome.fields.join(", ");
    let name = &outcome.folder;
    match (outcome.action, dry_run) {
        (Action::Create, true) => writeln!(out, "{name}: would be created")?,
        (Action::Create, false) => writeln!(out, "{name}: created as {id}")?,
        (Action::Change, true) => writeln!(out, "{name}: would change {id}: {fields}")?,
        (Action::Change, false) => writeln!(out, "{name}: changed {id}: {fields}")?,
        (Action::Unchanged, _) => writeln!(out, "{name}: unchanged")?,
        (Action::Refused, _) => {
            let reason = outcome.reason.as_deref().unwrap_or_default();
            writeln!(out, "{name}: refused: {reason}")?;
        }
    }
    if !outcome.overwritten.is_empty() {
        let verb = if dry_run {
            "would overwrite"
        } else {
            "overwrote"
        };
        let fields = outcome.overwritten.join(", ");
        writeln!(
            out,
            "{name}: {verb} what this folder did not know: {fields}"
        )?;
    }
    let protocol = folder.text("protocol");
    let shown = protocol::masked(protocol, &outcome.diagnostics);
    let file = Path::new(name).join(PROTOCOL).display().to_string();
    for diagnostic in &outcome.diagnostics {
        writeln!(out, "{}", diagnostic.render(&file, &shown))?;
    }
    Ok(())
}
