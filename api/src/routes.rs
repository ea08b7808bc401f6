//! The routes of the REST API, one module a resource. Paths, fields and
//! statuses are docs/contract.md#3-the-api.

mod audit;
mod categories;
mod health;
mod items;
mod labels;
mod me;
mod metrics;
mod news;
mod query;
mod storages;
mod tags;
mod text;

use poem_openapi::{OpenApiService, Tags};

use crate::externals::Externals;
use crate::fit::Fit;
use crate::metrics::Metrics;
use crate::openapi::Documented;
use crate::openpai::OpenPai;
use crate::run_watch::RunWatch;
use crate::stop::Stop;
pub use items::Review;
use store::Store;

/// The headings of the OpenAPI document.
#[derive(Tags)]
enum Heading {
    /// Templates and data sets.
    Items,
    /// Free words that authors put on items.
    Tags,
    /// The catalogue's shelves, kept by admins.
    Categories,
    /// The cluster's Azure Blob storages, kept by admins.
    Storages,
    /// Who is asking.
    Callers,
    /// Who did what when.
    Audit,
    /// How the server is.
    Health,
}

/// The routes of items.
type ItemRoutes = (
    items::Items,
    items::ItemFacets,
    items::ItemTags,
    items::ItemCategories,
    items::Stars,
    items::Follows,
    items::Reviews,
    items::ItemUse,
    items::EvidenceRoutes,
    items::ExternalRoutes,
    items::Versions,
);

/// All routes that the OpenAPI document describes.
pub type Api = (
    ItemRoutes,
    tags::TagRoutes,
    categories::CategoryRoutes,
    storages::StorageRoutes,
    me::Callers,
    news::NewsRoutes,
    audit::AuditRoutes,
    health::Health,
    metrics::Figures,
);

/// What the routes work with.
pub struct Parts {
    /// The catalogue.
    pub store: Store,
    /// The identity provider.
    pub openpai: OpenPai,
    /// Which items run where.
    pub fit: Fit,
    /// What becomes of jobs that were made of items.
    pub run_watch: RunWatch,
    /// What items lead to.
    pub externals: Externals,
    /// What the server counts.
    pub metrics: Metrics,
    /// Whether everybody may read that.
    pub public_metrics: bool,
    /// Whether the server is on its way down.
    pub stop: Stop,
}

impl Parts {
    fn health(&self) -> health::Health {
        health::Health {
            store: self.store.clone(),
            openpai: self.openpai.clone(),
            stop: self.stop.clone(),
        }
    }

    fn figures(&self, shown: bool) -> metrics::Figures {
        metrics::Figures {
            metrics: self.metrics.clone(),
            shown,
        }
    }
}

/// What a port for admins alone answers.
pub fn admin_service(parts: &Parts) -> OpenApiService<(health::Health, metrics::Figures), ()> {
    let api = (parts.health(), parts.figures(true));
    OpenApiService::new(api, "OpenPAI Marketplace", env!("CARGO_PKG_VERSION"))
}

/// Puts the routes together.
pub fn service(parts: &Parts) -> OpenApiService<Documented<Api>, ()> {
    let store = &parts.store;
    let items = (
        items::Items(store.clone(), parts.fit.clone()),
        items::ItemFacets(store.clone(), parts.fit.clone()),
        items::ItemTags(store.clone()),
        items::ItemCategories(store.clone()),
        items::Stars(store.clone()),
        items::Follows(store.clone()),
        items::Reviews(store.clone()),
        items::ItemUse(store.clone()),
        items::EvidenceRoutes(store.clone(), parts.run_watch.clone()),
        items::ExternalRoutes(store.clone(), parts.externals.clone()),
        items::Versions(store.clone()),
    );
    let api = (
        items,
        tags::TagRoutes(store.clone()),
        categories::CategoryRoutes(store.clone()),
        storages::StorageRoutes(store.clone()),
        me::Callers(parts.run_watch.clone()),
        news::NewsRoutes(store.clone()),
        audit::AuditRoutes(store.clone()),
        parts.health(),
        parts.figures(parts.public_metrics),
    );
    OpenApiService::new(Documented(api), "OpenPAI Marketplace", env!("CARGO_PKG_VERSION"))
        // Beside the document, wherever a proxy has put it.
        .server(".")
        .description(
        "The catalogue of job templates and data sets of an OpenPAI cluster. Every route but \
         those that say how the server is wants a bearer token of OpenPAI. Errors are one line of text, or problem details (RFC 9457) for a client that accepts JSON.",
    )
}
