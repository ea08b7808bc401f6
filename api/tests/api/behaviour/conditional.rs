//! `ETag`, `If-None-Match` and `If-Match`.

use futures_util::future::join_all;
use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Api, on_both};

async fn send(
    api: &Api,
    user: &str,
    method: Method,
    path: &str,
    (name, value): (&str, &str),
    body: &Value,
) -> Answer {
    let token = api.openpai.token(user);
    let request = api
        .request(method, path)
        .header("authorization", format!("Bearer {token}"))
        .header(name, value)
        .body_json(body);
    Answer::of(request.send().await.0).await
}

/// Reads what the client has under `etag` already.
async fn again(api: &Api, user: &str, path: &str, etag: &str) -> Answer {
    send(
        api,
        user,
        Method::GET,
        path,
        ("if-none-match", etag),
        &Value::Null,
    )
    .await
}

async fn etag(api: &Api, user: &str, path: &str) -> String {
    let answer = api.get(user, path).await;
    answer.assert(StatusCode::OK);
    let etag = answer.header("etag").to_owned();
    assert!(
        etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10,
        "{etag}"
    );
    etag
}

on_both! {
    async fn a_client_that_has_the_answer_is_told_304(api: Api) {
        let id = api.create("alice", json!({})).await;
        for path in [&format!("/items/{id}"), "/items", "/items?fields=summary", &format!("/items/{id}/tag"), "/tags", "/categories", "/me"] {
            let known = etag(&api, "alice", path).await;
            for header in [known.clone(), format!("W/{known}"), format!("\"x\", {known}"), "*".to_owned()] {
                let answer = again(&api, "alice", path, &header).await;
                answer.assert(StatusCode::NOT_MODIFIED);
                assert_eq!(answer.body, "");
                assert_eq!(answer.header("etag"), known);
                assert_eq!(answer.header("cache-control"), "private, no-cache");
                assert_eq!(answer.header("vary"), "Authorization");
                assert_eq!(answer.header("access-control-allow-origin"), "*");
            }
            for header in ["\"x\"", "x", "", "\"x"] {
                let answer = again(&api, "alice", path, header).await;
                answer.assert(StatusCode::OK);
                assert_eq!(answer.header("etag"), known);
            }
        }
        again(&api, "alice", "/items/nothing", "*").await.assert(StatusCode::NOT_FOUND);
        again(&api, "bob", &format!("/items/{id}/nowhere"), "*").await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn no_change_hides_behind_a_304(api: Api) {
        let id = api.create("alice", json!({"groupList": ["vision"], "isPublic": false})).await;
        let path = format!("/items/{id}");
        let made: Value = api.post("admin", "/tags", &json!({"name": "t"})).await.json();
        let tag = made["id"].as_str().unwrap();
        let steps = [
            ("alice", Method::PUT, path.clone(), json!({"summary": "s"})),
            ("alice", Method::POST, format!("{path}/tag/{tag}"), Value::Null),
            ("admin", Method::PUT, format!("/tags/{tag}"), json!({"color": "red"})),
            ("carol", Method::PUT, format!("{path}/star"), Value::Null),
            ("alice", Method::PUT, format!("{path}/star"), Value::Null),
            ("admin", Method::POST, format!("{path}/reject"), json!({"reason": "r"})),
            ("alice", Method::PUT, path.clone(), json!({"groupList": ["vision", "default"]})),
            ("alice", Method::DELETE, format!("{path}/tag/{tag}"), Value::Null),
        ];
        for (user, method, target, body) in steps {
            let before = (etag(&api, "alice", &path).await, etag(&api, "alice", "/items").await);
            let what = format!("{user} {method} {target} {body}");
            api.send(user, method, &target, Some(&body)).await.assert(StatusCode::OK);
            again(&api, "alice", &path, &before.0).await.assert(StatusCode::OK);
            again(&api, "alice", "/items", &before.1).await.assert(StatusCode::OK);
            let after = etag(&api, "alice", &path).await;
            assert_ne!(after, before.0, "{what}");
        }
        // What is different for somebody else has another tag.
        assert_ne!(etag(&api, "alice", &path).await, etag(&api, "admin", &path).await);
        let alices = etag(&api, "alice", &path).await;
        let forbidden = send(&api, "bob", Method::GET, "/items?author=alice", ("if-none-match", &alices), &Value::Null).await;
        forbidden.assert(StatusCode::OK);
    }
}

on_both! {
    async fn who_comes_second_is_told_412(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        let seen = etag(&api, "alice", &path).await;
        let put = async |user: &str, tag: &str, name: &str| {
            send(&api, user, Method::PUT, &path, ("if-match", tag), &json!({"name": name})).await
        };
        let first = put("admin", &seen, "admin's").await;
        first.assert(StatusCode::OK);
        assert_eq!(first.header("etag"), etag(&api, "admin", &path).await);
        put("alice", &seen, "alice's").await.assert_text(StatusCode::PRECONDITION_FAILED, "load it again");
        assert_eq!(api.get("alice", &path).await.json::<Value>()["name"], "admin's");

        let now = first.header("etag");
        for (tag, status) in [
            (format!("W/{now}"), StatusCode::PRECONDITION_FAILED),
            ("garbage".to_owned(), StatusCode::BAD_REQUEST),
            (String::new(), StatusCode::BAD_REQUEST),
            (format!("\"x\", {now}"), StatusCode::OK),
            (now.to_owned(), StatusCode::PRECONDITION_FAILED),
            ("*".to_owned(), StatusCode::OK),
        ] {
            assert_eq!(put("alice", &tag, &format!("after {tag}")).await.status, status, "{tag}");
        }
        // Without rights the rest is nobody's business.
        put("bob", &seen, "bob's").await.assert(StatusCode::FORBIDDEN);

        let delete = async |tag: &str| send(&api, "alice", Method::DELETE, &path, ("if-match", tag), &Value::Null).await;
        delete(&seen).await.assert(StatusCode::PRECONDITION_FAILED);
        let current = etag(&api, "alice", &path).await;
        delete(&current).await.assert(StatusCode::OK);
        delete("*").await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn a_star_does_not_get_in_an_editors_way(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        let seen = etag(&api, "alice", &path).await;
        api.put("bob", &format!("{path}/star"), &Value::Null).await.assert(StatusCode::OK);
        api.put("alice", &format!("{path}/star"), &Value::Null).await.assert(StatusCode::OK);
        send(&api, "alice", Method::PUT, &path, ("if-match", &seen), &json!({"name": "edited"})).await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn of_many_editors_at_once_one_wins(api: Api) {
        let id = api.create("alice", json!({})).await;
        let path = format!("/items/{id}");
        let seen = etag(&api, "alice", &path).await;
        let answers = join_all((0..10).map(|n| {
            let (api, path, seen) = (&api, &path, &seen);
            async move {
                let body = json!({"summary": format!("by {n}")});
                send(api, "alice", Method::PUT, path, ("if-match", seen), &body).await.status
            }
        })).await;
        let count = |status| answers.iter().filter(|answer| **answer == status).count();
        assert_eq!((count(StatusCode::OK), count(StatusCode::PRECONDITION_FAILED)), (1, 9));
    }
}
