//! What was carried over, on the routes that serve it.

use poem::http::StatusCode;
use serde_json::{Value, json};

use super::database::{V17, execute, load};
use crate::support::Api;

#[tokio::test]
async fn what_tags_and_categories_say_comes_along() {
    let database = load(V17).await;
    execute(
        &database,
        r#"UPDATE "ItemTags" SET description = 'of tag', extras = '{"a": 1}' WHERE id = 'tag-old';
           UPDATE "ItemCategories" SET description = 'of category', extras = 'more' WHERE id = 'cat-official'"#,
    )
    .await;
    let api = Api::on(&database).await;
    let tag: Value = api.get("bob", "/tags/tag-old").await.json();
    let category: Value = api.get("bob", "/categories/cat-official").await.json();
    let (created, updated) = ("2021-02-01T00:00:00.000Z", "2021-01-02T00:00:00.000Z");
    assert_eq!(
        (
            &tag["description"],
            &tag["extras"],
            &tag["createdAt"],
            &tag["updatedAt"]
        ),
        (
            &json!("of tag"),
            &json!("{\"a\": 1}"),
            &json!(created),
            &json!(updated)
        )
    );
    assert_eq!(
        category,
        json!({
            "id": "cat-official", "name": "official example", "description": "of category", "extras": "more",
            "createdAt": created, "updatedAt": updated,
        })
    );
}

#[tokio::test]
async fn old_storages_are_served_and_may_change() {
    let api = Api::on(&load(V17).await).await;
    let all: Vec<Value> = api.get("admin", "/storages/blobs").await.json();
    let wanted = json!([
        {
            "id": "", "type": "blob", "storageAccount": "account", "containerName": "marketplace",
            "connectionStrings": ["AccountKey=c2VjcmV0", "second"], "tokens": [], "users": ["alice", ""],
            "createdAt": "2021-01-01T00:00:00.000Z", "updatedAt": "2021-01-02T00:00:00.000Z",
        },
        {
            "id": "blob-2", "type": "blob", "storageAccount": "account", "containerName": "marketplace",
            "connectionStrings": [""], "tokens": [""], "users": [""],
            "createdAt": "2021-01-01T00:00:00.000Z", "updatedAt": "2021-01-02T00:00:00.000Z",
        },
    ]);
    assert_eq!(json!(all), wanted);
    let path = "/storages/blobs/blob-2";
    api.put("admin", path, &all[1]).await.assert(StatusCode::OK);
    assert_eq!(
        api.get("admin", path).await.json::<Value>()["users"],
        json!([""])
    );
    api.delete("admin", path).await.assert(StatusCode::OK);
}

#[tokio::test]
async fn odd_ids_work_on_every_route() {
    let api = Api::on(&load(V17).await).await;
    let made: Value = api
        .post("admin", "/tags", &json!({"name": "fresh"}))
        .await
        .json();
    let fresh = made["id"].as_str().unwrap();
    for (id, path) in [
        ("10", "/items/10"),
        ("chosen id/1", "/items/chosen%20id%2F1"),
    ] {
        let item: Value = api.get("admin", path).await.json();
        assert_eq!(item["id"], id);
        for sub in ["tag", "category"] {
            let list: Vec<Value> = api.get("admin", &format!("{path}/{sub}")).await.json();
            assert!(!list.is_empty(), "{path}/{sub}");
        }
        let (tag, category) = (
            format!("{path}/tag/{fresh}"),
            format!("{path}/category/cat-official"),
        );
        api.post("admin", &tag, &Value::Null)
            .await
            .assert(StatusCode::OK);
        api.post("admin", &category, &Value::Null)
            .await
            .assert(StatusCode::OK);
        let found: Vec<Value> = api
            .get("admin", "/items?tag=fresh&category=official%20example")
            .await
            .json();
        assert_eq!(
            found.iter().map(|item| &item["id"]).collect::<Vec<_>>(),
            [id]
        );
        api.put("carol", &format!("{path}/star"), &Value::Null)
            .await
            .assert(StatusCode::OK);
        api.put("admin", path, &json!({"summary": "changed"}))
            .await
            .assert(StatusCode::OK);
        let after: Value = api.get("carol", path).await.json();
        assert_eq!(
            (&after["summary"], &after["starred"]),
            (&json!("changed"), &json!(true))
        );
        assert_eq!(
            after["starNumber"],
            item["starNumber"].as_i64().unwrap() + 1
        );
        assert!(after["tags"].as_array().unwrap().contains(&json!("fresh")));
        assert!(
            after["categories"]
                .as_array()
                .unwrap()
                .contains(&json!("official example"))
        );
        api.delete("admin", path).await.assert(StatusCode::OK);
        api.get("admin", path).await.assert(StatusCode::NOT_FOUND);
    }
}
