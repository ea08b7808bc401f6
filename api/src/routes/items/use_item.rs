//! `POST /items/{id}/use`: from an item to a job that can be submitted.

use std::time::Duration;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use reqwest::Url;
use serde_json::{Map, Value};
use shared::access::Caller;
use shared::protocol;
use shared::wire::{Item, ItemStatus, JobProtocol};

use super::{Heading, readable, validation};
use crate::auth::SignedIn;
use crate::openapi::{Answer, Path};
use crate::problem::{self, Failure, Refusal, responses};
use crate::run_watch;
use crate::storage::{self, SasLifetime, grant};
use store::Store;
use store::runs::NewUse;

/// The route.
pub struct ItemUse(pub(in crate::routes) Store);

#[OpenApi(tag = "Heading::Items")]
impl ItemUse {
    /// Use an item
    ///
    /// Counts the use and answers the protocol as OpenPAI's submit page takes
    /// it, stamped with `extras.marketplace` (item, version, a digest of what runs, and the id of this use), by
    /// which the job is known again when it has run. With `version` only if the item is that version still:
    /// who has looked at one does not run another. Of an item in quarantine no job is made. If the item has `useBlob`, access to the cluster's storage, which
    /// ends after some days, is among its secrets: handle the answer like one.
    #[oai(path = "/items/:id/use", method = "post")]
    async fn use_item(
        &self,
        SignedIn(caller): SignedIn,
        lifetime: Data<&SasLifetime>,
        id: Path,
        /// The number of the version that was looked at.
        version: Query<Option<i32>>,
    ) -> Result<
        Answer<200, JobProtocol>,
        Failure<
            {
                responses::FORBIDDEN
                    | responses::NOT_FOUND
                    | responses::PRECONDITION_FAILED
                    | responses::UNUSABLE
            },
        >,
    > {
        let item = readable(&self.0, &caller, &id).await?;
        if item.status == Some(ItemStatus::Quarantined) {
            return Err(problem::conflict(
                "An admin has taken this item out of use; its page says why.",
            )
            .into());
        }
        if version.0.is_some_and(|version| version != item.version) {
            return Err(problem::outdated(format!(
                "The item's protocol has changed in the meantime: it is version {} now. Please load it again.",
                item.version
            ))
            .into());
        }
        let text = item.protocol.as_deref().unwrap_or_default();
        let mut protocol = validation::run(text, job).await??;
        if item.use_blob {
            let address = self
                .storage(&caller, &item, &protocol, lifetime.0.0)
                .await?;
            grant::add(&mut protocol, &address);
        }
        let use_id = self.0.ids().next();
        let digest = run_watch::stamp(&mut protocol, &item, &use_id);
        let new = NewUse {
            id: &use_id,
            item_id: &id,
            version: item.version,
            user: &caller.name,
            digest: &digest,
        };
        self.0.count_use(new).await?;
        tracing::info!(
            caller = caller.name,
            item = id.0,
            storage = item.use_blob,
            "item used"
        );
        Ok(Answer(JobProtocol(protocol)))
    }
}

impl ItemUse {
    /// The container that the caller's job gets, with access of its own.
    async fn storage(
        &self,
        caller: &Caller,
        item: &Item,
        protocol: &Map<String, Value>,
        lifetime: Duration,
    ) -> Result<Url, Refusal> {
        let data = item
            .data_url
            .as_deref()
            .and_then(|url| Url::parse(url).ok());
        let holds = |account: &str, container: &str| {
            data.as_ref()
                .is_some_and(|url| storage::holds(account, container, url))
        };
        let storage = self.0.storage_for(&caller.name, holds).await?;
        let storage = storage.ok_or_else(|| {
            problem::conflict(
                "This item needs the cluster's Azure Blob storage, and there is none that you may use: ask an admin \
                 to set one up.",
            )
        })?;
        let now = self.0.clock().now();
        storage::access(&storage, grant::rights(protocol), now, lifetime).map_err(|error| {
            let (account, container) = (&storage.storage_account, &storage.container_name);
            tracing::warn!(storage = storage.id, account, container, %error, "a storage gives no access");
            problem::conflict(format!(
                "The storage `{account}/{container}`, which this item needs, gives no access: {error}. Ask an admin to \
                 mend it."
            ))
        })
    }
}

fn job(text: &str) -> Result<Map<String, Value>, Refusal> {
    let report = protocol::validate(text);
    if !report.is_valid() {
        return Err(problem::unusable_protocol(report.diagnostics));
    }
    match protocol::to_json(text) {
        Ok(Value::Object(protocol)) => Ok(protocol),
        Ok(_) => Err(problem::unusable_protocol(Vec::new())),
        Err(diagnostics) => Err(problem::unusable_protocol(diagnostics)),
    }
}
