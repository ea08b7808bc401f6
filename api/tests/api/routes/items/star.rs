//! `/items/{id}/star`.

use futures_util::future::join_all;
use poem::http::StatusCode;
use serde_json::Value;

use crate::support::{Api, on_both};

async fn item(api: &Api, user: &str, id: &str) -> (i64, bool) {
    let item: Value = api.get(user, &format!("/items/{id}")).await.json();
    (
        item["starNumber"].as_i64().unwrap(),
        item["starred"].as_bool().unwrap(),
    )
}

on_both! {
    async fn a_star_is_the_callers_own_and_given_once(api: Api) {
        let id = api.create("alice", serde_json::json!({})).await;
        let star = format!("/items/{id}/star");
        for _ in 0..2 {
            let answer = api.put("bob", &star, &Value::Null).await;
            answer.assert(StatusCode::OK);
            assert_eq!(answer.body, "starred");
        }
        assert_eq!(item(&api, "bob", &id).await, (1, true));
        assert_eq!(item(&api, "alice", &id).await, (1, false));

        let starred = async |user: &str| -> Vec<bool> {
            let list: Vec<Value> = api.get(user, "/items").await.json();
            assert!(list.len() > 1);
            list.iter().filter(|other| other["starred"] == true).map(|other| other["id"] == id.as_str()).collect()
        };
        assert_eq!(starred("bob").await, [true]);
        assert!(starred("alice").await.is_empty());

        for _ in 0..2 {
            let answer = api.delete("bob", &star).await;
            answer.assert(StatusCode::OK);
            assert_eq!(answer.body, "deleted");
        }
        assert_eq!(item(&api, "bob", &id).await, (0, false));
        api.put("bob", "/items/nothing/star", &Value::Null).await.assert(StatusCode::NOT_FOUND);
        api.delete("bob", "/items/nothing/star").await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn the_number_is_true_under_fifty_requests_at_once(api: Api) {
        let id = api.create("alice", serde_json::json!({})).await;
        let star = format!("/items/{id}/star");
        let users = ["admin", "alice", "bob", "carol"];
        let same = join_all((0..50).map(|_| api.put("bob", &star, &Value::Null))).await;
        assert!(same.iter().all(|answer| answer.status == StatusCode::OK));
        assert_eq!(item(&api, "bob", &id).await, (1, true));

        // Everybody changes their mind many times; who comes last, stays.
        let mixed = join_all((0..50).map(|n| {
            let user = users[n % 4];
            let (api, star) = (&api, &star);
            async move {
                if n % 3 == 0 { api.delete(user, star).await } else { api.put(user, star, &Value::Null).await }
            }
        })).await;
        assert!(mixed.iter().all(|answer| answer.status == StatusCode::OK));
        let mut stars = 0;
        for user in users {
            stars += i64::from(item(&api, user, &id).await.1);
        }
        assert_eq!(item(&api, "alice", &id).await.0, stars);

        join_all(users.map(|user| api.put(user, &star, &Value::Null))).await;
        assert_eq!(item(&api, "carol", &id).await, (4, true));
    }
}
