//! Many clients on few connections to the database.

use std::time::Duration;

use futures_util::future::join_all;
use marketplace_api::app::App;
use marketplace_api::startup::{self, Templates};
use poem::Endpoint;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::support::{Answer, Api, app, connect, new_item, on_both};

const CLIENTS: usize = 32;

/// A server on the same database, with so many connections.
async fn server(api: &Api, connections: u32) -> TestClient<impl Endpoint + use<>> {
    let opened = startup::open_with(&api.database, connections, Templates::Load).await;
    let (store, _) = opened.unwrap();
    let app = App {
        store,
        ..app(&api.database, api.openpai.url()).await
    };
    TestClient::new(app.endpoint())
}

async fn send(
    client: &TestClient<impl Endpoint>,
    token: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Answer {
    let mut request = client
        .request(method, path)
        .header("authorization", format!("Bearer {token}"));
    if let Some(body) = body {
        request = request.body_json(&body);
    }
    Answer::of(request.send().await.0).await
}

on_both! {
    async fn nobody_is_turned_away_where_clients_outnumber_connections(api: Api) {
        for connections in [2, 4] {
            let client = server(&api, connections).await;
            let token = api.openpai.token("alice");
            let work = (0..CLIENTS).map(async |number| {
                let body = new_item("alice", json!({"name": format!("item {number}"), "isPublic": true, "tags": ["t"]}));
                let made = send(&client, &token, Method::POST, "/items", Some(body)).await;
                made.assert(StatusCode::CREATED);
                let id = made.json::<Value>()["id"].as_str().unwrap().to_owned();
                let item = format!("/items/{id}");
                let change = json!({"summary": "changed"});
                for (method, path, body) in [
                    (Method::GET, item.clone(), None),
                    (Method::PUT, item.clone(), Some(change)),
                    (Method::PUT, format!("{item}/star"), None),
                    (Method::GET, "/items".to_owned(), None),
                    (Method::GET, "/items?limit=20&keyword=item".to_owned(), None),
                    (Method::GET, "/items/facets?tag=t".to_owned(), None),
                    (Method::GET, "/tags".to_owned(), None),
                    (Method::DELETE, item, None),
                ] {
                    let answer = send(&client, &token, method, &path, body).await;
                    assert!(answer.status.is_success(), "{path}: {answer:?}");
                }
            });
            join_all(work).await;
        }
    }
}

/// The database takes longer over lists than a request waits for a connection.
#[tokio::test]
async fn lists_that_take_long_leave_connections_to_others() {
    let api = Api::on_postgres().await;
    let client = server(&api, 4).await;
    let token = api.openpai.token("alice");
    let database = connect(&api.database).await;
    let lock = database.begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let paths = [
        "/items?limit=10",
        "/items",
        "/items/facets",
        "/items?keyword=smoke",
    ];
    let lists = join_all((0..CLIENTS).map(|number| {
        let path = paths[number % paths.len()];
        send(&client, &token, Method::GET, path, None)
    }));
    let others = async {
        // Longer than the time for which a connection is waited for.
        for _ in 0..14 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let answer = send(&client, &token, Method::GET, "/categories", None).await;
            answer.assert(StatusCode::OK);
        }
        lock.rollback().await.unwrap();
    };
    let both = Box::pin(futures_util::future::join(lists, others));
    let (answers, ()) = both.await;
    for answer in answers {
        answer.assert(StatusCode::OK);
    }
}
