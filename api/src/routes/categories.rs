//! `/categories`: anybody reads them, admins make, change and delete them.

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Category, Created, NewCategory};

use super::Heading;
use super::text::{check_line, check_name};
use crate::auth::SignedIn;
use crate::openapi::{CreatedJson, Json, Path, Text};
use crate::problem::{self, Failure, Refusal, may};
use store::Store;

/// The routes.
pub struct CategoryRoutes(pub(super) Store);

#[OpenApi(tag = "Heading::Categories")]
impl CategoryRoutes {
    /// All categories, by name
    #[oai(path = "/categories", method = "get")]
    async fn list(&self, _caller: SignedIn) -> Result<Json<Vec<Category>>, Failure<0>> {
        Ok(Json(self.0.categories().await?))
    }

    /// One category
    #[oai(path = "/categories/:id", method = "get")]
    async fn get(
        &self,
        _caller: SignedIn,
        id: Path,
    ) -> Result<Json<Category>, Failure<{ may::NOT_FIND }>> {
        Ok(Json(self.0.category(&id).await?))
    }

    /// Make a category
    #[oai(path = "/categories", method = "post")]
    async fn create(
        &self,
        SignedIn(caller): SignedIn,
        body: Json<NewCategory>,
    ) -> Result<CreatedJson<Created>, Failure<{ may::READ_BODY | may::FORBID | may::CONFLICT }>>
    {
        check_curator(&caller)?;
        let mut category = body.0;
        check(&category)?;
        let name = category.name.take().unwrap_or_default();
        check_name("name", &name)?;
        let id = self
            .0
            .create_category(&caller.name, &name, category)
            .await?;
        Ok(CreatedJson(Created { id }))
    }

    /// Change a category
    #[oai(path = "/categories/:id", method = "put")]
    async fn update(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        body: Json<NewCategory>,
    ) -> Result<Text, Failure<{ may::READ_BODY | may::FORBID | may::NOT_FIND | may::CONFLICT }>>
    {
        self.check_curator(&caller, &id).await?;
        check(&body.0)?;
        if let Some(name) = &body.0.name
            && let Err(refusal) = check_name("name", name)
            && self.0.category(&id).await?.name != *name
        {
            return Err(refusal.into());
        }
        self.0.update_category(&caller.name, &id, body.0).await?;
        Ok(PlainText("updated"))
    }

    /// Delete a category and take all items out of it
    #[oai(path = "/categories/:id", method = "delete")]
    async fn delete(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
    ) -> Result<Text, Failure<{ may::FORBID | may::NOT_FIND }>> {
        self.check_curator(&caller, &id).await?;
        self.0.delete_category(&caller.name, &id).await?;
        Ok(PlainText("deleted"))
    }
}

impl CategoryRoutes {
    /// That there is no such category is told to everybody (docs/contract.md#3-the-api).
    async fn check_curator(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        if !caller.may_curate() {
            self.0.category(id).await?;
        }
        check_curator(caller)
    }
}

fn check_curator(caller: &Caller) -> Result<(), Refusal> {
    if caller.may_curate() {
        Ok(())
    } else {
        Err(problem::forbidden("Only admins keep the categories."))
    }
}

fn check(category: &NewCategory) -> Result<(), Refusal> {
    check_line(
        "description",
        category.description.as_ref().and_then(Option::as_deref),
    )
}
