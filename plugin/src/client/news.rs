//! What is new for the user.

use gloo_net::http::Method;
use shared::wire::{News, NewsRead};
use web_sys::Url;

use super::{Client, Failure, NO_HEADER, write};

impl Client {
    /// What has become of what the user follows or has used.
    pub(crate) async fn news(&self) -> Result<News, Failure> {
        self.get("/me/news").await
    }

    /// Notes that the user has read it up to this time.
    pub(crate) async fn read_news(&self, until: &str) -> Result<(), Failure> {
        let body = write(&NewsRead {
            until: until.to_owned(),
        })?;
        self.send(Method::PUT, "/me/news/read", Some(body), NO_HEADER)
            .await?;
        Ok(())
    }

    /// Where feed readers find the same, with links to `page`; nothing if that is no address.
    pub(crate) fn feed_address(&self, page: &str) -> Option<String> {
        let address = format!("{}/me/news.atom", self.endpoint.base);
        let address = Url::new_with_base(&address, page).ok()?;
        let page = Url::new(page).ok()?;
        page.set_hash("");
        address.search_params().append("page", &page.href());
        Some(address.href())
    }
}
