//! What may be in the body of a request: the same care on every route that
//! takes one.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Api, PROTOCOL, new_item, on_both};

/// A route that takes a body, and one that is right for it.
struct Route {
    method: Method,
    path: String,
    body: Value,
}

/// All of them, for an admin.
async fn routes(api: &Api) -> Vec<Route> {
    let storage = json!({"storageAccount": "a", "containerName": "c", "connectionStrings": []});
    let mut routes = Vec::new();
    for (path, body) in [
        ("/items", new_item("admin", json!({}))),
        ("/tags", json!({"name": "old"})),
        ("/categories", json!({"name": "old"})),
        ("/storages/blobs", storage),
    ] {
        let made = api.post("admin", path, &body).await;
        made.assert(StatusCode::CREATED);
        let id = made.json::<Value>()["id"].as_str().unwrap().to_owned();
        let mut body = body;
        if path == "/tags" || path == "/categories" {
            body["name"] = json!("new");
        }
        routes.push(Route {
            method: Method::PUT,
            path: format!("{path}/{id}"),
            body: body.clone(),
        });
        routes.push(Route {
            method: Method::POST,
            path: path.to_owned(),
            body,
        });
        if path == "/items" {
            routes.push(Route {
                method: Method::POST,
                path: format!("/items/{id}/reject"),
                body: json!({"reason": "because"}),
            });
        }
    }
    routes
}

async fn send(api: &Api, route: &Route, body: impl Into<String>) -> Answer {
    let token = api.openpai.token("admin");
    let request = api
        .request(route.method.clone(), &route.path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body.into());
    Answer::of(request.send().await.0).await
}

/// All that the catalogue holds, but for what was counted or written down.
async fn everything(api: &Api) -> Vec<String> {
    let mut all = Vec::new();
    for path in ["/items", "/tags", "/categories", "/storages/blobs"] {
        all.push(api.get("admin", path).await.body);
    }
    all
}

on_both! {
    async fn what_is_malformed_is_400_and_changes_nothing(api: Api) {
        let routes = routes(&api).await;
        let before = everything(&api).await;
        for route in &routes {
            for body in ["", "{", "[]", "null", "7", "\"x\"", "{}{}", "{\"name\":}", "\u{feff}{}"] {
                let answer = send(&api, route, body).await;
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{} {} {body}", route.method, route.path);
                answer.assert_text(StatusCode::BAD_REQUEST, "");
            }
        }
        assert_eq!(everything(&api).await, before);
    }
}

on_both! {
    async fn wrong_types_and_unknown_words_are_400_by_name(api: Api) {
        let routes = routes(&api).await;
        let before = everything(&api).await;
        let long = "ü".repeat(256);
        let of_items = [
            ("name", json!(1)), ("author", json!(["admin"])), ("protocol", json!({})), ("summary", json!(true)),
            ("description", json!(1)), ("isPublic", json!("true")), ("isPrivate", json!(0)), ("useBlob", json!("no")),
            ("groupList", json!("vision")), ("tags", json!({"a": 1})), ("tags", json!([1])), ("categories", json!("c")),
            ("dataUrl", json!(1)), ("license", json!(["MIT"])), ("type", json!("job")), ("type", json!("all")), ("type", json!("")),
            ("source", json!("github")), ("status", json!("Approved")), ("dataType", json!("tape")),
            ("name", json!(long)), ("summary", json!(long)), ("dataUrl", json!(long)), ("license", json!(long)), ("tags", json!([long])),
            ("groupList", json!([long])), ("name", json!("")), ("name", json!(" ")),
        ];
        let of_tags = [
            ("name", json!(1)), ("name", json!("")), ("name", json!(" ")), ("name", json!(long)), ("color", json!(7)),
            ("color", json!(long)), ("description", json!([])), ("description", json!(long)), ("extras", json!({})),
        ];
        for route in &routes {
            let cases: Vec<_> = match route.path.split('/').nth(1) {
                Some("items") if !route.path.ends_with("/reject") => of_items.to_vec(),
                Some("tags") => of_tags.to_vec(),
                Some("categories") => of_tags.iter().filter(|(field, _)| *field != "color").cloned().collect(),
                _ => continue,
            };
            for (field, value) in cases {
                let mut body = route.body.clone();
                body[field] = value;
                let answer = send(&api, route, body.to_string()).await;
                assert!(answer.body.contains(&format!("`{field}")), "{} {} {body}: {}", route.method, route.path, answer.body);
                answer.assert_text(StatusCode::BAD_REQUEST, "");
            }
        }
        assert_eq!(everything(&api).await, before);
    }
}

on_both! {
    /// `PostgreSQL` takes no NUL, `SQLite` would.
    async fn nul_is_400_wherever_it_stands(api: Api) {
        let routes = routes(&api).await;
        let before = everything(&api).await;
        for route in &routes {
            for field in route.body.as_object().unwrap().keys().chain([&"description".to_owned()]) {
                let mut body = route.body.clone();
                body[field] = json!("a\u{0}b");
                send(&api, route, body.to_string()).await.assert_text(StatusCode::BAD_REQUEST, "NUL");
            }
        }
        assert_eq!(everything(&api).await, before);
    }
}

on_both! {
    async fn a_body_over_the_limit_is_413_on_every_route(api: Api) {
        let routes = routes(&api).await;
        let before = everything(&api).await;
        for route in &routes {
            let mut body = route.body.clone();
            body["description"] = json!("x".repeat(1_048_576));
            let answer = send(&api, route, body.to_string()).await;
            answer.assert_text(StatusCode::PAYLOAD_TOO_LARGE, "1024 KiB");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{}", route.path);
        }
        assert_eq!(everything(&api).await, before);
    }
}

on_both! {
    /// A limit is a number of characters, not of bytes.
    async fn texts_may_be_as_long_as_their_limit(api: Api) {
        let long = "漢".repeat(255);
        let fields = json!({
            "name": long, "summary": long, "dataUrl": long, "license": long, "tags": [long], "groupList": [long],
            "isPublic": false, "description": "漢".repeat(100_000), "protocol": format!("# {}\n{PROTOCOL}", "漢".repeat(1_000)),
        });
        let id = api.create("admin", fields.clone()).await;
        let other = api.create("admin", json!({})).await;
        api.put("admin", &format!("/items/{other}"), &fields).await.assert(StatusCode::OK);
        for id in [id, other] {
            let item: Value = api.get("admin", &format!("/items/{id}")).await.json();
            for (field, value) in fields.as_object().unwrap() {
                assert!(&item[field] == value, "{field}");
            }
        }
        for (path, fields) in [
            ("/tags", json!({"name": "x".repeat(255), "color": long, "description": long, "extras": "漢".repeat(1_000)})),
            ("/categories", json!({"name": long, "description": long, "extras": "漢".repeat(1_000)})),
        ] {
            let made = api.post("admin", path, &fields).await;
            made.assert(StatusCode::CREATED);
            let path = format!("{path}/{}", made.json::<Value>()["id"].as_str().unwrap());
            let kept: Value = api.get("bob", &path).await.json();
            for (field, value) in fields.as_object().unwrap() {
                assert!(&kept[field] == value, "{path} {field}");
            }
        }
    }
}
