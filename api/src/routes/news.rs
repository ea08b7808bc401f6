//! `/me/news`: what has become of the items that the caller follows or has used.

mod feed;

use chrono::{DateTime, Utc};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::PlainText;
use shared::wire::{News, NewsRead};

use super::{Heading, query};
use crate::auth::{FeedReader, SignedIn};
use crate::openapi::{Json, Text};
use crate::problem::{self, Failure, responses};
use feed::Feed;
use store::Store;
use store::listing::Viewer;

/// The routes.
pub struct NewsRoutes(pub(super) Store);

#[OpenApi(tag = "Heading::Callers")]
impl NewsRoutes {
    /// What is new for the caller
    ///
    /// New versions of items that the caller follows; versions that were withdrawn, and items
    /// that were deprecated or taken out of use, if the caller follows the item or has used
    /// just that within 90 days. Items that the caller may not see any more are left out, but
    /// for those in quarantine. The newest 50.
    #[oai(path = "/me/news", method = "get")]
    async fn news(&self, SignedIn(caller): SignedIn) -> Result<Json<News>, Failure<0>> {
        Ok(Json(self.0.news(Viewer::from(&*caller)).await?))
    }

    /// Note that the caller has read the news
    #[oai(path = "/me/news/read", method = "put")]
    async fn read(
        &self,
        SignedIn(caller): SignedIn,
        body: Json<NewsRead>,
    ) -> Result<Text, Failure<{ responses::BODY_REFUSED }>> {
        let until = DateTime::parse_from_rfc3339(&body.0.until).map_err(|_| {
            problem::bad_request(
                "The field `until` must be a time such as 2026-01-31T12:00:00.000Z: the `at` of the newest entry.",
            )
        })?;
        let until: DateTime<Utc> = until.to_utc();
        self.0.set_news_read(&caller.name, until).await?;
        Ok(PlainText("read"))
    }

    /// What is new for the caller, as an Atom feed
    ///
    /// For feed readers, which send a name and a password (HTTP Basic): any name, and a token
    /// of OpenPAI, such as an application token. Entries lead to `page`, if it is given: the
    /// address of the marketplace's page in the portal.
    #[oai(path = "/me/news.atom", method = "get")]
    async fn atom(
        &self,
        FeedReader(caller): FeedReader,
        /// Such as `https://portal.example/plugin.html?index=0`, at most 1000 characters.
        page: Query<Option<String>>,
    ) -> Result<Feed, Failure<{ responses::BAD_REQUEST }>> {
        let page = feed::page(query::given(page.0))?;
        let news = self.0.news(Viewer::from(&*caller)).await?;
        let now = self.0.clock().now();
        Ok(feed::of(news, page.as_ref(), now))
    }
}
