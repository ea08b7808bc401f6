//! `/items/{id}/evidence`: what an item's runs on this cluster have shown.

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param;
use poem_openapi::payload::PlainText;
use shared::access::Caller;
use shared::wire::{Evidence, ExitAnswer, Item};

use super::super::Heading;
use super::{Changing, check_writer, readable};
use crate::auth::SignedIn;
use crate::config::SharedSecrets;
use crate::openapi::{Json, Path, Text};
use crate::problem::{self, Failure, Refusal, responses};
use crate::run_watch::RunWatch;
use store::Store;

/// The longest answer to an exit code, in characters.
const MAX_ANSWER: usize = 1000;

/// The routes.
pub struct EvidenceRoutes(pub(in super::super) Store, pub(in super::super) RunWatch);

type Answering = Failure<{ responses::BODY_REFUSED | responses::FORBIDDEN | responses::NOT_FOUND }>;

#[OpenApi(tag = "Heading::Items")]
impl EvidenceRoutes {
    /// What an item's runs have shown
    ///
    /// Of the last 90 days, and of the 20 newest runs of each user at most. A run is a job that
    /// was submitted within 24 hours after `POST /items/{id}/use` with what that answered.
    /// Nothing is told under three runs that count by two people, of all and of each part.
    #[oai(path = "/items/:id/evidence", method = "get")]
    async fn get(
        &self,
        request: &Request,
        SignedIn(caller): SignedIn,
        id: Path,
    ) -> Result<Json<Evidence>, Changing> {
        readable(&self.0, &caller, &id).await?;
        self.1.look(request, &caller);
        Ok(Json(self.0.evidence(&id).await?))
    }

    /// Say something about an exit code
    ///
    /// For those whose job ends with it: plain text. Its author and admins may.
    #[oai(path = "/items/:id/evidence/exit-codes/:code", method = "put")]
    async fn answer(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// As `GET /items/{id}/evidence` tells it.
        code: param::Path<i32>,
        Data(secrets): Data<&SharedSecrets>,
        body: Json<ExitAnswer>,
    ) -> Result<Text, Answering> {
        let answer = body.0.answer.trim();
        if answer.is_empty() || answer.chars().count() > MAX_ANSWER {
            return Err(problem::bad_request(format!(
                "The field `answer` must have 1 to {MAX_ANSWER} characters."
            ))
            .into());
        }
        self.set_answer(&caller, &id, code.0, Some(answer), |item| {
            secrets.check_text(&caller, item, ("answer", answer))
        })
        .await?;
        Ok(PlainText("updated"))
    }

    /// Say nothing about an exit code any more
    #[oai(path = "/items/:id/evidence/exit-codes/:code", method = "delete")]
    async fn remove(
        &self,
        SignedIn(caller): SignedIn,
        id: Path,
        /// As `GET /items/{id}/evidence` tells it.
        code: param::Path<i32>,
    ) -> Result<Text, Changing> {
        self.set_answer(&caller, &id, code.0, None, |_| Ok(()))
            .await?;
        Ok(PlainText("deleted"))
    }
}

impl EvidenceRoutes {
    async fn set_answer(
        &self,
        caller: &Caller,
        id: &str,
        code: i32,
        answer: Option<&str>,
        check: impl FnOnce(&Item) -> Result<(), Refusal> + Send,
    ) -> Result<(), Refusal> {
        let decide = |item: &Item| {
            check_writer(caller, item)?;
            check(item)
        };
        self.0
            .set_exit_answer(id, code, &caller.name, answer, decide)
            .await?;
        tracing::info!(
            caller = caller.name,
            item = id,
            code,
            "answer to an exit code"
        );
        Ok(())
    }
}
