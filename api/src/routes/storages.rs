//! `/storages/blobs`: the cluster's Azure Blob storages, for admins only, since
//! their connection strings open everything in an account.

use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Created, NewStorage, Storage};

use super::Heading;
use super::text::{check_line, check_name};
use crate::auth::SignedIn;
use crate::openapi::{Answer, Json, Path, Text};
use crate::problem::{self, Failure, Refusal, responses};
use store::Store;
use store::storages::StorageFilter;

/// The routes.
pub struct StorageRoutes(pub(super) Store);

type Reading = Failure<{ responses::FORBIDDEN | responses::NOT_FOUND }>;

#[OpenApi(tag = "Heading::Storages")]
impl StorageRoutes {
    /// The storages, oldest first
    ///
    /// Everything that is given must hold.
    #[oai(path = "/storages/blobs", method = "get")]
    async fn list(
        &self,
        SignedIn(caller): SignedIn,
        /// The exact type, mostly `blob`.
        r#type: Query<Option<String>>,
        /// The exact account.
        #[oai(name = "storageAccount")]
        storage_account: Query<Option<String>>,
        /// The exact container.
        #[oai(name = "containerName")]
        container_name: Query<Option<String>>,
        /// Somebody whom the storage names among its users.
        user: Query<Option<String>>,
    ) -> Result<Json<Vec<Storage>>, Failure<{ responses::BAD_REQUEST | responses::FORBIDDEN }>>
    {
        check_admin(&caller)?;
        let given = |text: Query<Option<String>>| text.0.filter(|text| !text.is_empty());
        let filter = StorageFilter {
            kind: given(r#type),
            storage_account: given(storage_account),
            container_name: given(container_name),
            user: given(user),
        };
        Ok(Json(self.0.storages(filter).await?))
    }

    /// Make a storage known
    #[oai(path = "/storages/blobs", method = "post")]
    async fn create(
        &self,
        SignedIn(caller): SignedIn,
        body: Json<NewStorage>,
    ) -> Result<Answer<201, Created>, Failure<{ responses::BODY_REFUSED | responses::FORBIDDEN }>>
    {
        check_admin(&caller)?;
        let new = body.0;
        check_name(
            "storageAccount",
            new.storage_account.as_deref().unwrap_or_default(),
        )?;
        check_name(
            "containerName",
            new.container_name.as_deref().unwrap_or_default(),
        )?;
        if new.connection_strings.is_none() {
            return Err(problem::bad_request(
                "The field `connectionStrings` is missing or null: send a list of the account's connection strings, \
                 which may be empty.",
            )
            .into());
        }
        check(&new)?;
        let id = self.0.create_storage(&caller.name, new).await?;
        tracing::info!(caller = caller.name, storage = id, "storage created");
        Ok(Answer(Created { id }))
    }

    /// One storage
    #[oai(path = "/storages/blobs/:id", method = "get")]
    async fn get(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Json<Storage>, Reading> {
        check_admin(&caller)?;
        Ok(Json(self.0.storage(&id).await?))
    }

    /// Change what is mentioned
    #[oai(path = "/storages/blobs/:id", method = "put")]
    async fn update(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        body: Json<NewStorage>,
    ) -> Result<
        Text,
        Failure<{ responses::BODY_REFUSED | responses::FORBIDDEN | responses::NOT_FOUND }>,
    > {
        check_admin(&caller)?;
        check(&body.0)?;
        self.0.update_storage(&caller.name, &id, body.0).await?;
        tracing::info!(caller = caller.name, storage = id.0, "storage updated");
        Ok(PlainText("updated"))
    }

    /// Forget a storage; what is in it stays
    #[oai(path = "/storages/blobs/:id", method = "delete")]
    async fn delete(&self, SignedIn(caller): SignedIn, id: Path) -> Result<Text, Reading> {
        check_admin(&caller)?;
        self.0.delete_storage(&caller.name, &id).await?;
        tracing::info!(caller = caller.name, storage = id.0, "storage deleted");
        Ok(PlainText("deleted"))
    }
}

fn check_admin(caller: &Caller) -> Result<(), Refusal> {
    problem::check(
        caller.admin,
        "Only admins may see or change the cluster's storages.",
    )
}

/// Empty texts among tokens and users pass: old rows hold them, and a client
/// may send back what it got.
fn check(storage: &NewStorage) -> Result<(), Refusal> {
    for (field, text) in [
        ("type", &storage.kind),
        ("storageAccount", &storage.storage_account),
        ("containerName", &storage.container_name),
    ] {
        if let Some(text) = text {
            check_name(field, text)?;
        }
    }
    let users = storage.users.iter().flatten();
    users
        .map(String::as_str)
        .try_for_each(|user| check_line("users", Some(user)))
}
