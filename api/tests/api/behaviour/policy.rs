//! The access policy as clients meet it: every operation, for everybody, on
//! items of every kind; lists and single items agree (docs/contract.md#3-the-api).

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Api, on_both};

/// alice and carol are in the group vision, bob is not.
const CALLERS: [&str; 5] = ["admin", "alice", "carol", "bob", ""];

/// What each of [`CALLERS`] is told.
type Told = [u16; 5];

struct Kind {
    name: &'static str,
    fields: Value,
    /// What an admin does to it.
    admin: Option<Value>,
    reads: Told,
    writes: Told,
}

/// What only admins do: reviewing, and keeping the official category.
const CURATES: Told = [200, 403, 403, 403, 401];

fn kinds() -> [Kind; 10] {
    let kind = |name, fields, admin, reads, writes| Kind {
        name,
        fields,
        admin,
        reads,
        writes,
    };
    let author = [200, 200, 403, 403, 401];
    #[rustfmt::skip]
    let kinds = [
        kind("public",    json!({}),                        None,                                               [200, 200, 200, 200, 401], author),
        kind("protected", json!({"groupList": ["vision"]}), None,                                               [200, 200, 200, 403, 401], author),
        kind("private",   json!({"isPrivate": true}),       None,                                               author,                    author),
        kind("for nobody", json!({"isPublic": false}),      None,                                               author,                    author),
        kind("official",  json!({}),                        Some(json!({"categories": ["official example"]})),  [200, 200, 200, 200, 401], [200, 403, 403, 403, 401]),
        kind("pending",   json!({}),                        Some(json!({"status": "pending"})),                 author,                    author),
        kind("rejected",  json!({}),                        Some(json!({"status": "rejected"})),                author,                    author),
        kind("protected, pending",  json!({"groupList": ["vision"]}), Some(json!({"status": "pending"})),       author,                    author),
        kind("protected, rejected", json!({"groupList": ["vision"]}), Some(json!({"status": "rejected"})),      author,                    author),
        kind("private, rejected",   json!({"isPrivate": true}),       Some(json!({"status": "rejected"})),      author,                    author),
    ];
    kinds
}

/// A tag, a category, and the official category, by id.
struct Shelf {
    tag: String,
    category: String,
    official: String,
}

impl Shelf {
    async fn new(api: &Api) -> Self {
        let id = async |path, name| {
            let made = api.post("admin", path, &json!({"name": name})).await;
            made.json::<Value>()["id"].as_str().unwrap().to_owned()
        };
        let categories: Vec<Value> = api.get("admin", "/categories").await.json();
        let official = categories
            .iter()
            .find(|category| category["name"] == "official example")
            .unwrap();
        Self {
            tag: id("/tags", "policy").await,
            category: id("/categories", "policy").await,
            official: official["id"].as_str().unwrap().to_owned(),
        }
    }
}

async fn make(api: &Api, kind: &Kind) -> String {
    let mut fields = kind.fields.clone();
    fields["name"] = json!(kind.name);
    let id = api.create("alice", fields).await;
    if let Some(changes) = &kind.admin {
        let path = format!("/items/{id}");
        api.put("admin", &path, changes)
            .await
            .assert(StatusCode::OK);
    }
    id
}

on_both! {
    async fn role_by_visibility_by_operation(api: Api) {
        let shelf = Shelf::new(&api).await;
        let (get, put, post, delete) = (&Method::GET, &Method::PUT, &Method::POST, &Method::DELETE);
        for kind in kinds() {
            let id = make(&api, &kind).await;
            let tag = format!("/tag/{}", shelf.tag);
            let category = format!("/category/{}", shelf.category);
            let official = format!("/category/{}", shelf.official);
            let summary = json!({"summary": kind.name});
            let reason = json!({"reason": "because"});
            // What changes the kind of the item stands at the end.
            #[rustfmt::skip]
            let operations = [
                (get,    "",               None,           kind.reads),
                (get,    "/tag",           None,           kind.reads),
                (get,    "/category",      None,           kind.reads),
                (put,    "/star",          None,           kind.reads),
                (delete, "/star",          None,           kind.reads),
                (post,   tag.as_str(),     None,           kind.writes),
                (delete, tag.as_str(),     None,           kind.writes),
                (post,   &category,        None,           kind.writes),
                (delete, &category,        None,           kind.writes),
                (put,    "",               Some(&summary), kind.writes),
                (post,   official.as_str(), None,          CURATES),
                (delete, official.as_str(), None,          CURATES),
                (post,   "/reject",        Some(&reason),  CURATES),
                (post,   "/approve",       None,           CURATES),
            ];
            for (method, sub, body, told) in operations {
                // Admins last: what they do changes what the others may.
                for (caller, status) in CALLERS.into_iter().zip(told).rev() {
                    let path = format!("/items/{id}{sub}");
                    let answer = api.send(caller, method.clone(), &path, body).await;
                    let what = format!("{caller} {} {method} {sub}: {}", kind.name, answer.body);
                    assert_eq!(answer.status.as_u16(), status, "{what}");
                }
            }
        }
    }
}

on_both! {
    async fn who_may_delete(api: Api) {
        for kind in kinds() {
            let kept = make(&api, &kind).await;
            for (caller, status) in CALLERS.into_iter().zip(kind.writes) {
                let may = status == 200;
                let id = if may { make(&api, &kind).await } else { kept.clone() };
                let path = format!("/items/{id}");
                let what = format!("{caller} deletes {}", kind.name);
                assert_eq!(api.delete(caller, &path).await.status.as_u16(), status, "{what}");
                let left = api.get("admin", &path).await.status == StatusCode::OK;
                assert_eq!(left, !may, "{what}");
            }
        }
    }
}

on_both! {
    async fn lists_and_single_items_agree(api: Api) {
        let mut items = Vec::new();
        for kind in kinds() {
            items.push((make(&api, &kind).await, kind));
        }
        for (index, caller) in CALLERS.into_iter().enumerate() {
            for query in ["", "?author=alice&keyword=ALI&type=template", "?source=marketplace&fields=summary"] {
                let list = api.get(caller, &format!("/items{query}")).await;
                let told = if caller.is_empty() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
                list.assert(told);
                let listed: Vec<Value> = if told == StatusCode::OK { list.json() } else { vec![] };
                for (id, kind) in &items {
                    let found = listed.iter().any(|item| item["id"] == id.as_str());
                    assert_eq!(found, kind.reads[index] == 200, "{caller} {} in the list {query}", kind.name);
                }
            }
        }
    }
}

on_both! {
    /// In the groups are: carol in default and vision, bob in default and nlp.
    async fn lists_and_single_items_agree_after_every_update(api: Api) {
        let id = api.create("alice", json!({"name": "shared", "groupList": ["vision"]})).await;
        let path = format!("/items/{id}");
        let steps: [(Value, &[&str]); 9] = [
            (json!({}), &["carol"]),
            (json!({"groupList": ["nlp"]}), &["bob"]),
            (json!({"groupList": ["default", "nlp", "vision"]}), &["bob", "carol"]),
            (json!({"isPrivate": true}), &[]),
            (json!({"isPrivate": false, "groupList": ["default", "vision"]}), &["bob", "carol"]),
            (json!({"groupList": []}), &[]),
            (json!({"isPublic": true, "groupList": ["vision"]}), &["bob", "carol"]),
            (json!({"isPublic": false}), &[]),
            (json!({"author": "bob", "groupList": []}), &["bob"]),
        ];
        for (changes, readers) in steps {
            api.put("admin", &path, &changes).await.assert(StatusCode::OK);
            for user in ["bob", "carol"] {
                let reads = readers.contains(&user);
                let status = if reads { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(api.get(user, &path).await.status, status, "{user} {changes}");
                // Once, however many of its groups the reader is in.
                for query in ["?name=shared", "?keyword=shared", "?isPrivate=false&name=shared"] {
                    let found = api.names(user, query).await;
                    assert_eq!(found.len(), usize::from(reads), "{user} {changes} {query}");
                }
            }
        }
        api.get("alice", &path).await.assert(StatusCode::FORBIDDEN);
        assert!(api.names("alice", "").await.is_empty(), "it is bob's now");
    }
}
