//! What happens when servers start.

use marketplace_api::startup;
use poem::http::StatusCode;
use poem::test::TestClient;
use serde_json::Value;

use crate::support::{Answer, Api, endpoint, on_both};

async fn official(api: &Api) -> Vec<Value> {
    let items: Vec<Value> = api
        .get("alice", "/items?category=official%20example")
        .await
        .json();
    items
}

on_both! {
    async fn an_empty_catalogue_gets_the_official_templates_once(api: Api) {
        let templates = official(&api).await;
        assert!(templates.len() >= 12);
        assert!(templates.iter().all(|item| item["isPublic"] == true && !item["tags"].as_array().unwrap().is_empty()));

        let gone = format!("/items/{}", templates[0]["id"].as_str().unwrap());
        api.delete("admin", &gone).await.assert(StatusCode::OK);
        let again = TestClient::new(endpoint(&api.database, api.openpai.url()).await);
        let token = api.openpai.token("alice");
        let request = again.get("/items").header("authorization", format!("Bearer {token}"));
        let items: Vec<Value> = Answer::of(request.send().await.0).await.json();
        assert_eq!(items.len(), templates.len() - 1);
    }
}

on_both! {
    async fn servers_that_start_at_once_do_not_get_in_each_others_way(api: Api) {
        let before = official(&api).await.len();
        let opened = futures_util::future::join_all((0..4).map(|_| startup::open(&api.database))).await;
        for store in opened {
            store.unwrap();
        }
        assert_eq!(official(&api).await.len(), before);
    }
}

mod on_a_fresh_database {
    use std::convert::Infallible;

    use marketplace_api::config::Database;
    use shared::access::ReadScope;
    use shared::wire::ItemFilter;
    use store::items::Detail;
    use store::listing::{Page, Viewer};

    use super::*;
    use crate::support;

    async fn check(database: Database) {
        let opened = futures_util::future::join_all((0..4).map(|_| startup::open(&database))).await;
        let stores: Vec<_> = opened.into_iter().map(Result::unwrap).collect();
        let mut names = Vec::new();
        let viewer = Viewer {
            name: "",
            scope: ReadScope::Everything,
            runnable: &[],
        };
        let (filter, page) = (ItemFilter::default(), Page::default());
        stores[0]
            .list(viewer, &filter, Detail::Summary, page, |item| {
                names.push(item.name);
                Ok::<_, Infallible>(())
            })
            .await
            .unwrap();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "each template is there once");
        assert!(count >= 12);
    }

    #[tokio::test]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        check(Database::Sqlite(folder.path().join("new/test.db"))).await;
    }

    #[tokio::test]
    async fn postgres() {
        check(support::new_postgres_database().await).await;
    }
}
