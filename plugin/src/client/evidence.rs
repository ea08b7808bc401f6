//! What runs of an item have shown.

use gloo_net::http::Method;
use serde_json::Value;
use shared::wire::ExitAnswer;

use super::{Client, Failure, NO_HEADER, item_path, write};

impl Client {
    /// What the runs of an item have shown: `shared::wire::Evidence` as JSON, which is read by
    /// hand (code that reads the type would be half of what shows it).
    pub(crate) async fn evidence(&self, id: &str) -> Result<Value, Failure> {
        self.get(&format!("{}/evidence", item_path(id))).await
    }

    /// Whether an item's images and data are there: `shared::wire::External`s as JSON.
    pub(crate) async fn externals(&self, id: &str) -> Result<Value, Failure> {
        self.get(&format!("{}/externals", item_path(id))).await
    }

    /// Says something about an exit code of an item, or, with nothing, nothing any more.
    pub(crate) async fn answer_exit_code(
        &self,
        id: &str,
        code: i32,
        answer: Option<String>,
    ) -> Result<(), Failure> {
        let path = format!("{}/evidence/exit-codes/{code}", item_path(id));
        let (method, body) = match answer {
            Some(answer) => (Method::PUT, Some(write(&ExitAnswer { answer })?)),
            None => (Method::DELETE, None),
        };
        self.send(method, &path, body, NO_HEADER).await?;
        Ok(())
    }
}
