//! `/storages/blobs`.

use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Api, on_both};

const BLOBS: &str = "/storages/blobs";

async fn create(api: &Api, mut body: Value) -> String {
    let fields = body.as_object_mut().unwrap();
    fields.entry("connectionStrings").or_insert(json!([]));
    let answer = api.post("admin", BLOBS, &body).await;
    answer.assert(StatusCode::CREATED);
    answer.json::<Value>()["id"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_storage_has_the_fields_of_the_contract(api: Api) {
        let body = json!({
            "type": "blob", "storageAccount": "acct", "containerName": "cont",
            "connectionStrings": ["cs1", "cs2"], "tokens": ["t"], "users": ["alice", "bob"],
        });
        let id = create(&api, body.clone()).await;
        let path = format!("{BLOBS}/{id}");
        let storage: Value = api.get("admin", &path).await.json();
        let mut wanted = body;
        for (field, value) in [("id", json!(id)), ("createdAt", storage["createdAt"].clone()), ("updatedAt", storage["createdAt"].clone())] {
            wanted[field] = value;
        }
        assert_eq!(storage, wanted);
        assert!(storage["createdAt"].as_str().unwrap().ends_with('Z'));

        let answer = api.put("admin", &path, &json!({"users": [], "containerName": "other", "tokens": null})).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "updated");
        let after: Value = api.get("admin", &path).await.json();
        assert_eq!((&after["users"], &after["containerName"], &after["tokens"]), (&json!([]), &json!("other"), &json!(["t"])));
        assert_eq!(after["connectionStrings"], storage["connectionStrings"]);
        api.put("admin", &path, &after).await.assert(StatusCode::OK);

        let answer = api.delete("admin", &path).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "deleted");
        assert_eq!(api.get("admin", BLOBS).await.body, "[]");
    }
}

on_both! {
    async fn the_list_is_filtered(api: Api) {
        for (kind, account, container, users) in [
            ("blob", "a", "one", json!([])),
            ("blob", "b", "two", json!(["alice"])),
            ("other", "b", "one", json!(["bob", "alice"])),
        ] {
            let body = json!({"type": kind, "storageAccount": account, "containerName": container, "users": users});
            create(&api, body).await;
        }
        for (query, count) in [
            ("", 3), ("?type=blob", 2), ("?storageAccount=b", 2), ("?containerName=one", 2), ("?user=alice", 2),
            ("?user=ali", 0), ("?type=blob&storageAccount=b", 1), ("?type=&user=", 3), ("?containerName=One", 0),
        ] {
            let storages: Vec<Value> = api.get("admin", &format!("{BLOBS}{query}")).await.json();
            assert_eq!(storages.len(), count, "{query}");
        }
    }
}

on_both! {
    async fn admins_only(api: Api) {
        let id = create(&api, json!({"storageAccount": "a", "containerName": "c"})).await;
        let path = format!("{BLOBS}/{id}");
        let body = json!({"storageAccount": "a", "containerName": "c"});
        for (method, path, body) in [
            (Method::GET, BLOBS, None), (Method::POST, BLOBS, Some(&body)), (Method::GET, &path, None),
            (Method::PUT, &path, Some(&body)), (Method::DELETE, &path, None),
            (Method::GET, "/storages/blobs/nothing", None),
        ] {
            api.send("alice", method.clone(), path, body).await.assert_text(StatusCode::FORBIDDEN, "Only admins");
            api.send("", method, path, body).await.assert(StatusCode::UNAUTHORIZED);
        }
        let storages: Vec<Value> = api.get("admin", BLOBS).await.json();
        assert_eq!(storages.len(), 1);
        assert_eq!((&storages[0]["type"], &storages[0]["tokens"]), (&json!("blob"), &json!([])));
    }
}

on_both! {
    async fn an_unknown_id_is_404_in_the_words_of_the_contract(api: Api) {
        for (method, body) in [(Method::GET, None), (Method::PUT, Some(json!({"type": "blob"}))), (Method::PUT, Some(json!({}))), (Method::DELETE, None)] {
            let answer = api.send("admin", method, "/storages/blobs/nothing", body.as_ref()).await;
            answer.assert_text(StatusCode::NOT_FOUND, "");
            assert_eq!(answer.body, "Blob not found");
        }
    }
}

on_both! {
    async fn bad_bodies_are_refused(api: Api) {
        let good = json!({"storageAccount": "a", "containerName": "c", "connectionStrings": []});
        let id = create(&api, good.clone()).await;
        let long = "x".repeat(256);
        for (field, value) in [
            ("storageAccount", json!("")), ("storageAccount", json!(long)), ("storageAccount", json!(1)),
            ("containerName", json!(" ")), ("containerName", json!(long)), ("type", json!("")), ("type", json!(long)),
            ("users", json!([long])), ("users", json!("alice")), ("connectionStrings", json!([1])),
            ("tokens", json!({})),
        ] {
            let mut body = good.clone();
            body[field] = value;
            api.post("admin", BLOBS, &body).await.assert_text(StatusCode::BAD_REQUEST, field);
            api.put("admin", &format!("{BLOBS}/{id}"), &body).await.assert_text(StatusCode::BAD_REQUEST, field);
        }
        for field in ["storageAccount", "containerName"] {
            let mut body = good.clone();
            body[field] = Value::Null;
            api.post("admin", BLOBS, &body).await.assert_text(StatusCode::BAD_REQUEST, field);
        }
    }
}
