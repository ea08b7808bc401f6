//! What every test needs: a server over a database of its own, and short ways
//! to talk to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fake_openpai::{Config, FakeOpenPai, Limits, Scheduler};
use marketplace_api::app::App;
use marketplace_api::auth::Memory;
use marketplace_api::config::{Database, SharedSecrets};
use marketplace_api::externals::Externals;
use marketplace_api::openapi::MAX_BODY_BYTES;
use marketplace_api::openpai::OpenPai;
use marketplace_api::run_watch::RunWatch;
use marketplace_api::startup;
use marketplace_api::stop::Stop;
use poem::endpoint::BoxEndpoint;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use poem::{EndpointExt, Response};
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::ConnectOptions as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::clock::Clock;
use tempfile::TempDir;

/// Makes one test for each database from one body.
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($api:ident: Api) $body:block) => {
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($api: $crate::support::Api) $body

            #[tokio::test]
            async fn sqlite() {
                check($crate::support::Api::on_sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                check($crate::support::Api::on_postgres().await).await;
            }
        }
    };
}
pub(crate) use on_both;

/// A protocol that is valid and short.
pub(crate) const PROTOCOL: &str = "\
protocolVersion: 2
name: smoke
type: job
prerequisites:
  - name: image
    type: dockerimage
    uri: ubuntu:22.04
taskRoles:
  main:
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}
    commands: [echo hello]
";

/// A clock that stands still until a test moves it.
#[derive(Clone)]
pub(crate) struct StoppedClock(Arc<Mutex<DateTime<Utc>>>);

impl StoppedClock {
    pub(crate) fn at(time: &str) -> Self {
        Self(Arc::new(Mutex::new(time.parse().unwrap())))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }

    /// As the server takes it.
    pub(crate) fn clock(&self) -> Clock {
        let clock = self.clone();
        Clock::new(move || clock.now())
    }
}

/// A server with its own database and identity provider.
pub(crate) struct Api {
    pub(crate) openpai: FakeOpenPai,
    pub(crate) database: Database,
    client: TestClient<BoxEndpoint<'static, Response>>,
    _folder: TempDir,
}

impl Api {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("test.db"));
        Self::start(database, folder).await
    }

    pub(crate) async fn on_postgres() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start(new_postgres_database().await, folder).await
    }

    /// On a database that is there already.
    pub(crate) async fn on(database: &Database) -> Self {
        Self::start(database.clone(), tempfile::tempdir().unwrap()).await
    }

    async fn start(database: Database, folder: TempDir) -> Self {
        // Each request has its token checked, a machine's at the speed of a machine.
        let config = Config {
            limits: Limits::NONE,
            ..Config::default()
        };
        let openpai = FakeOpenPai::start(config).await.unwrap();
        let client = TestClient::new(endpoint(&database, openpai.url()).await);
        Self {
            openpai,
            database,
            client,
            _folder: folder,
        }
    }

    /// The same server with `REQUIRE_APPROVAL`.
    pub(crate) async fn with_review(self) -> Self {
        let app = App {
            require_approval: true,
            ..app(&self.database, self.openpai.url()).await
        };
        Self {
            client: TestClient::new(app.endpoint().boxed()),
            ..self
        }
    }

    /// The same server with `SECRETS_IN_SHARED_ITEMS=warn`.
    pub(crate) async fn with_secrets_allowed(self) -> Self {
        let app = App {
            shared_secrets: SharedSecrets::Warn,
            ..app(&self.database, self.openpai.url()).await
        };
        Self {
            client: TestClient::new(app.endpoint().boxed()),
            ..self
        }
    }

    /// A server on the same database whose OpenPAI has the default scheduler.
    pub(crate) async fn with_default_scheduler(self) -> Self {
        let config = Config {
            limits: Limits::NONE,
            scheduler: Scheduler::Default,
            ..Config::default()
        };
        let openpai = FakeOpenPai::start(config).await.unwrap();
        let app = app(&self.database, openpai.url()).await;
        Self {
            openpai,
            client: TestClient::new(app.endpoint().boxed()),
            ..self
        }
    }

    /// The same server, which may ask whether what items lead to is there.
    pub(crate) async fn with_externals(self, externals: Externals) -> Self {
        let app = App {
            externals,
            ..app(&self.database, self.openpai.url()).await
        };
        Self {
            client: TestClient::new(app.endpoint().boxed()),
            ..self
        }
    }

    /// The same server by another clock than the system's.
    pub(crate) async fn with_clock(self, clock: &StoppedClock) -> Self {
        let app = app(&self.database, self.openpai.url()).await;
        let store = app.store.clone().with_clock(clock.clock());
        let app = App {
            run_watch: RunWatch::new(app.openpai.clone(), store.clone()),
            store,
            ..app
        };
        Self {
            client: TestClient::new(app.endpoint().boxed()),
            ..self
        }
    }

    /// Sends a request as `user`, or as nobody when that is empty.
    pub(crate) async fn send(
        &self,
        user: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let token = (!user.is_empty()).then(|| self.openpai.token(user));
        let mut request = self.client.request(method, path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(body) = body {
            request = request.body_json(body);
        }
        Answer::of(request.send().await.0).await
    }

    pub(crate) async fn get(&self, user: &str, path: &str) -> Answer {
        self.send(user, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, user: &str, path: &str, body: &Value) -> Answer {
        self.send(user, Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, user: &str, path: &str, body: &Value) -> Answer {
        self.send(user, Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, user: &str, path: &str) -> Answer {
        self.send(user, Method::DELETE, path, None).await
    }

    /// A request of which every detail matters.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
    ) -> poem::test::TestRequestBuilder<'_, BoxEndpoint<'static, Response>> {
        self.client.request(method, path)
    }

    /// Shares an item as `author`; `fields` go over the defaults.
    pub(crate) async fn create(&self, author: &str, fields: Value) -> String {
        let answer = self.post(author, "/items", &new_item(author, fields)).await;
        answer.assert(StatusCode::CREATED);
        answer.json::<Value>()["id"].as_str().unwrap().to_owned()
    }

    /// The names that `user` gets for a query, in order, without the official
    /// templates.
    pub(crate) async fn names(&self, user: &str, query: &str) -> Vec<String> {
        let answer = self.get(user, &format!("/items{query}")).await;
        answer.assert(StatusCode::OK);
        let items: Vec<Value> = answer.json();
        items
            .iter()
            .filter(|item| item["author"] != "OpenPAI")
            .map(|item| item["name"].as_str().unwrap_or("null").to_owned())
            .collect()
    }
}

/// The body of `POST /items`.
pub(crate) fn new_item(author: &str, fields: Value) -> Value {
    let mut body = json!({"name": "item", "author": author, "protocol": PROTOCOL});
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.extend(fields);
    }
    body
}

/// A server over a database that may be there already.
pub(crate) async fn endpoint(database: &Database, openpai: &str) -> BoxEndpoint<'static, Response> {
    app(database, openpai).await.endpoint().boxed()
}

/// The parts of such a server.
pub(crate) async fn app(database: &Database, openpai: &str) -> App {
    let store = startup::open(database).await.unwrap();
    let openpai = OpenPai::new(openpai.to_owned(), Duration::from_secs(1)).unwrap();
    App {
        run_watch: RunWatch::new(openpai.clone(), store.clone()),
        externals: Externals::off(),
        store,
        openpai,
        token_memory: Memory::default(),
        max_body_bytes: MAX_BODY_BYTES,
        request_timeout: Duration::from_secs(30),
        require_approval: false,
        shared_secrets: SharedSecrets::Refuse,
        sas_lifetime: Duration::from_mins(1),
        public_metrics: true,
        stop: Stop::default(),
    }
}

/// An empty database of its own.
pub(crate) async fn new_postgres_database() -> Database {
    Database::from_url(&testkit::database::create().await).unwrap()
}

/// How to connect to a `PostgreSQL` database past the server.
pub(crate) fn postgres_url(database: &Database) -> reqwest::Url {
    match database {
        Database::Postgres(address) => address.options().to_url_lossy(),
        Database::Sqlite(file) => panic!("{} is no PostgreSQL database", file.display()),
    }
}

/// The database itself, past the server.
pub(crate) async fn connect(database: &Database) -> DatabaseConnection {
    let url = match database {
        Database::Sqlite(file) => format!("sqlite://{}?mode=rwc", file.display()),
        Database::Postgres(_) => postgres_url(database).to_string(),
    };
    sea_orm::Database::connect(url).await.unwrap()
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: poem::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(mut response: Response) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.take_body().into_string().await.unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn assert(&self, status: StatusCode) {
        assert_eq!(self.status, status, "{}", self.body);
    }

    /// One line of plain text, as the portal shows it.
    #[track_caller]
    pub(crate) fn assert_text(&self, status: StatusCode, part: &str) {
        self.assert(status);
        assert!(
            self.header("content-type").starts_with("text/plain"),
            "{self:?}"
        );
        assert!(
            !self.body.contains('\n') && self.body.contains(part),
            "{}",
            self.body
        );
    }

    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}
