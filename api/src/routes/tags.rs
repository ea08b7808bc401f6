//! `/tags`: anybody makes tags, admins change and delete them.

use poem_openapi::OpenApi;
use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Created, NewTag, Tag};

use super::Heading;
use super::text::{check_line, check_name};
use crate::auth::SignedIn;
use crate::openapi::{CreatedJson, Json, Path, Text};
use crate::problem::{self, Failure, Refusal, may};
use store::Store;

/// The routes.
pub struct TagRoutes(pub(super) Store);

#[OpenApi(tag = "Heading::Tags")]
impl TagRoutes {
    /// All tags, by name
    ///
    /// Those that only items have which the caller may not see are left out.
    #[oai(path = "/tags", method = "get")]
    async fn list(&self, SignedIn(caller): SignedIn) -> Result<Json<Vec<Tag>>, Failure<0>> {
        Ok(Json(self.0.tags(caller.read_scope()).await?))
    }

    /// One tag
    #[oai(path = "/tags/:id", method = "get")]
    async fn get(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
    ) -> Result<Json<Tag>, Failure<{ may::NOT_FIND }>> {
        Ok(Json(self.0.tag(caller.read_scope(), &id).await?))
    }

    /// Make a tag
    ///
    /// A name that differs from another tag's in case only is taken: 409.
    #[oai(path = "/tags", method = "post")]
    async fn create(
        &self,
        SignedIn(caller): SignedIn,
        body: Json<NewTag>,
    ) -> Result<CreatedJson<Created>, Failure<{ may::READ_BODY | may::CONFLICT }>> {
        let mut tag = body.0;
        check(&tag)?;
        let name = tag.name.take().unwrap_or_default();
        check_name("name", &name)?;
        let scope = caller.read_scope();
        let id = self.0.create_tag(&caller.name, scope, &name, tag).await?;
        Ok(CreatedJson(Created { id }))
    }

    /// Change a tag
    #[oai(path = "/tags/:id", method = "put")]
    async fn update(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        body: Json<NewTag>,
    ) -> Result<Text, Failure<{ may::READ_BODY | may::FORBID | may::NOT_FIND | may::CONFLICT }>>
    {
        self.check_curator(&caller, &id).await?;
        check(&body.0)?;
        if let Some(name) = &body.0.name
            && let Err(refusal) = check_name("name", name)
            && self.0.tag(caller.read_scope(), &id).await?.name != *name
        {
            return Err(refusal.into());
        }
        self.0.update_tag(&caller.name, &id, body.0).await?;
        Ok(PlainText("updated"))
    }

    /// Delete a tag and take it from all items
    #[oai(path = "/tags/:id", method = "delete")]
    async fn delete(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
    ) -> Result<Text, Failure<{ may::FORBID | may::NOT_FIND }>> {
        self.check_curator(&caller, &id).await?;
        self.0.delete_tag(&caller.name, &id).await?;
        Ok(PlainText("deleted"))
    }
}

impl TagRoutes {
    /// That there is no such tag is told to everybody (docs/contract.md#3-the-api).
    async fn check_curator(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        if !caller.may_curate() {
            self.0.tag(caller.read_scope(), id).await?;
        }
        check_curator(caller)
    }
}

fn check_curator(caller: &Caller) -> Result<(), Refusal> {
    if caller.may_curate() {
        Ok(())
    } else {
        Err(problem::forbidden(
            "Only admins may change or delete tags: they belong to everybody.",
        ))
    }
}

fn check(tag: &NewTag) -> Result<(), Refusal> {
    check_line("color", tag.color.as_ref().and_then(Option::as_deref))?;
    check_line(
        "description",
        tag.description.as_ref().and_then(Option::as_deref),
    )
}
