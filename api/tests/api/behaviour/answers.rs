//! What each route answers, row by row of docs/contract.md#routes.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Api, new_item, on_both};

/// One of everything, made by an admin.
struct Shelf {
    item: String,
    tag: String,
    category: String,
    storage: String,
}

impl Shelf {
    async fn new(api: &Api) -> Self {
        let make = async |path: &str, body: Value| {
            let answer = api.post("admin", path, &body).await;
            answer.assert(StatusCode::CREATED);
            let told: Value = answer.json();
            let id = told["id"].as_str().unwrap().to_owned();
            assert_eq!(told, json!({"id": id}), "{path}");
            id
        };
        let storage = json!({"storageAccount": "a", "containerName": "c", "connectionStrings": []});
        Self {
            item: make("/items", new_item("admin", json!({}))).await,
            tag: make("/tags", json!({"name": "t"})).await,
            category: make("/categories", json!({"name": "c"})).await,
            storage: make("/storages/blobs", storage).await,
        }
    }

    fn paths(&self) -> [String; 4] {
        [
            format!("/items/{}", self.item),
            format!("/tags/{}", self.tag),
            format!("/categories/{}", self.category),
            format!("/storages/blobs/{}", self.storage),
        ]
    }
}

on_both! {
    async fn a_change_is_answered_with_one_word(api: Api) {
        let shelf = Shelf::new(&api).await;
        let tag = format!("/items/{}/tag/{}", shelf.item, shelf.tag);
        let category = format!("/items/{}/category/{}", shelf.item, shelf.category);
        let mut rows = vec![
            (Method::POST, tag.clone(), "added"),
            (Method::DELETE, tag, "deleted"),
            (Method::POST, category.clone(), "added"),
            (Method::DELETE, category, "deleted"),
        ];
        rows.extend(shelf.paths().map(|path| (Method::PUT, path, "updated")));
        rows.extend(shelf.paths().map(|path| (Method::DELETE, path, "deleted")));
        for (method, path, word) in rows {
            let body = (method == Method::PUT).then(|| json!({}));
            let answer = api.send("admin", method, &path, body.as_ref()).await;
            answer.assert_text(StatusCode::OK, word);
            assert_eq!(answer.body, word, "{path}");
        }
        for path in shelf.paths() {
            api.get("admin", &path).await.assert_text(StatusCode::NOT_FOUND, "");
        }
    }
}

on_both! {
    /// The portal names a content type where there is no content
    /// (docs/contract.md#calls-of-the-portals-own).
    async fn a_read_is_json(api: Api) {
        let shelf = Shelf::new(&api).await;
        let item = format!("/items/{}", shelf.item);
        api.post("admin", &format!("{item}/tag/{}", shelf.tag), &Value::Null).await.assert(StatusCode::OK);
        api.post("admin", &format!("{item}/category/{}", shelf.category), &Value::Null).await.assert(StatusCode::OK);
        let lists = ["/items", "/items?fields=summary", "/tags", "/categories", "/storages/blobs"].map(str::to_owned);
        let of_item = ["tag", "category"].map(|what| format!("{item}/{what}"));
        let get = async |path: &str| {
            let token = api.openpai.token("admin");
            let request = api
                .request(Method::GET, path)
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json");
            let answer = Answer::of(request.send().await.0).await;
            answer.assert(StatusCode::OK);
            assert!(answer.header("content-type").starts_with("application/json"), "{path}");
            answer.json::<Value>()
        };
        for path in lists.iter().chain(&of_item) {
            let list = get(path).await;
            assert!(list.as_array().is_some_and(|list| !list.is_empty()), "{path}: {list}");
        }
        for path in shelf.paths() {
            let one = get(&path).await;
            assert!(path.ends_with(one["id"].as_str().unwrap()), "{path}: {one}");
        }
    }
}

on_both! {
    async fn what_is_unknown_is_404_for_everybody(api: Api) {
        let shelf = Shelf::new(&api).await;
        let ties = [
            format!("/items/nothing/tag/{}", shelf.tag),
            format!("/items/nothing/category/{}", shelf.category),
            format!("/items/{}/tag/nothing", shelf.item),
            format!("/items/{}/category/nothing", shelf.item),
        ];
        for path in &ties {
            for method in [Method::POST, Method::DELETE] {
                let answer = api.send("admin", method, path, None).await;
                answer.assert_text(StatusCode::NOT_FOUND, "nothing");
            }
        }
        for method in [Method::POST, Method::DELETE] {
            for path in &ties[..2] {
                api.send("bob", method.clone(), path, None).await.assert_text(StatusCode::NOT_FOUND, "item");
            }
        }
        for path in ["/tags/nothing", "/categories/nothing"] {
            for user in ["bob", "admin"] {
                api.get(user, path).await.assert_text(StatusCode::NOT_FOUND, "nothing");
            }
            for user in ["bob", "admin"] {
                for body in [json!({}), json!({"name": "n"})] {
                    api.put(user, path, &body).await.assert_text(StatusCode::NOT_FOUND, "nothing");
                }
                api.delete(user, path).await.assert_text(StatusCode::NOT_FOUND, "nothing");
            }
        }
        for (verdict, body) in [("approve", Value::Null), ("reject", json!({"reason": "r"}))] {
            for user in ["bob", "admin"] {
                let answer = api.post(user, &format!("/items/nothing/{verdict}"), &body).await;
                answer.assert_text(StatusCode::NOT_FOUND, "nothing");
            }
        }
        // What storages there are is for admins to know.
        api.get("admin", "/storages/blobs/nothing").await.assert(StatusCode::NOT_FOUND);
        api.get("bob", "/storages/blobs/nothing").await.assert(StatusCode::FORBIDDEN);
    }
}

on_both! {
    /// All that the document knows is asked, so that no new route is forgotten.
    async fn only_what_says_how_the_server_is_wants_no_token(api: Api) {
        let document: Value = api.get("", "/openapi.json").await.json();
        let bad = ["", "Bearer bad", &format!("Bearer {}", api.openpai.token_with_lifetime("admin", -10))];
        let mut open = Vec::new();
        let mut count = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            let path = path.replace(['{', '}'], "");
            for method in operations.as_object().unwrap().keys() {
                let method: Method = method.to_uppercase().parse().unwrap();
                let mut refused = 0;
                for header in bad {
                    let request = api.request(method.clone(), &path).header("authorization", header);
                    let answer = Answer::of(request.send().await.0).await;
                    if answer.status == StatusCode::UNAUTHORIZED {
                        refused += 1;
                    }
                }
                assert!(refused == 0 || refused == bad.len(), "{method} {path}");
                if refused == 0 {
                    open.push(format!("{method} {path}"));
                }
                count += 1;
            }
        }
        open.sort_unstable();
        assert_eq!(open, ["GET /", "GET /healthz", "GET /metrics", "GET /readyz"]);
        assert!(count > 30, "{count}");
    }
}
