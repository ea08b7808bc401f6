//! Puts the REST server together: the routes, their description, and what
//! stands in front of all of them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use poem::http::{StatusCode, header};
use poem::web::Html;
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Route, get};

use crate::auth::{Authenticator, Memory};
use crate::config::SharedSecrets;
use crate::externals::Externals;
use crate::fit::Fit;
use crate::list_memory::ListMemory;
use crate::metrics::Metrics;
use crate::middleware::{Front, conditional, until_ready};
use crate::openapi::BodyLimit;
use crate::openpai::OpenPai;
use crate::patterns::Patterns;
use crate::routes::{self, Review};
use crate::run_watch::RunWatch;
use crate::stop::Stop;
use crate::storage::SasLifetime;
use store::Store;

/// What the server needs to run.
pub struct App {
    /// The catalogue.
    pub store: Store,
    /// The identity provider.
    pub openpai: OpenPai,
    /// What follows jobs that were made of items.
    pub run_watch: RunWatch,
    /// Whether what items lead to is there.
    pub externals: Externals,
    /// How long the identity provider's word counts.
    pub token_memory: Memory,
    /// The most bytes that a request's body may have.
    pub max_body_bytes: usize,
    /// The longest that a request may take: above the slowest honest one, and
    /// below the minute after which pylon gives up.
    pub request_timeout: Duration,
    /// Whether what non-admins share waits for an admin.
    pub require_approval: bool,
    /// What becomes of secrets in what somebody shares.
    pub shared_secrets: SharedSecrets,
    /// How long a job may use the cluster's storage.
    pub sas_lifetime: Duration,
    /// Whether `/metrics` answers everybody who reaches the API.
    pub public_metrics: bool,
    /// How `/readyz` knows that the server is on its way down.
    pub stop: Stop,
}

impl App {
    /// The whole server as one endpoint.
    pub fn endpoint(self) -> impl Endpoint<Output = Response> + 'static {
        self.endpoints().0
    }

    /// The same, and for a port of its own what admins alone
    /// are to reach: figures, and how the server is.
    pub fn endpoints(
        self,
    ) -> (
        impl Endpoint<Output = Response> + 'static,
        impl Endpoint<Output = Response> + 'static,
    ) {
        let clock = self.store.clock().clone();
        let authenticator = Authenticator::new(self.openpai.clone(), self.token_memory, clock);
        let fit = Fit::new(
            self.openpai.clone(),
            authenticator.clone(),
            self.store.clone(),
        );
        let metrics = Metrics::new(self.store.clone(), &self.openpai, authenticator.clone());
        let parts = routes::Parts {
            store: self.store,
            openpai: self.openpai,
            fit,
            run_watch: self.run_watch,
            externals: self.externals,
            metrics: metrics.clone(),
            public_metrics: self.public_metrics,
            stop: self.stop,
        };
        let service = routes::service(&parts);
        let document: Arc<str> = service.spec().into();
        let front = Front {
            patterns: Patterns::of(&document),
            metrics,
            timeout: self.request_timeout,
            ids: parts.store.ids().clone(),
        };
        let admin = Route::new().nest_no_strip("/", routes::admin_service(&parts));
        let admin = front.clone().before(admin);
        // The page is over a megabyte; it is made when somebody first opens it.
        let page = OnceLock::new();
        let docs = {
            let service = routes::service(&parts);
            poem::endpoint::make_sync(move |request: Request| {
                // The page takes its own address for the API's, whose paths are beside it.
                if request.original_uri().path().ends_with("/docs/") {
                    return Response::builder()
                        .status(StatusCode::PERMANENT_REDIRECT)
                        .header(header::LOCATION, "../docs")
                        .finish();
                }
                Html(page.get_or_init(|| service.swagger_ui_html()).clone()).into_response()
            })
        };
        let store = parts.store.clone();
        let api = Route::new()
            .at(
                "/openapi.json",
                get(poem::endpoint::make_sync(move |_| {
                    Response::builder()
                        .content_type("application/json")
                        .body(document.to_string())
                })),
            )
            .at("/docs", get(docs))
            .nest_no_strip("/", service)
            .data(authenticator)
            .data(BodyLimit(self.max_body_bytes))
            .data(ListMemory::default())
            .data(Review {
                required: self.require_approval,
            })
            .data(self.shared_secrets)
            .data(SasLifetime(self.sas_lifetime))
            .around(conditional)
            .around(move |inner, request| until_ready(store.clone(), inner, request));
        (front.before(api), admin)
    }
}
