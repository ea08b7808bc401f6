//! `Store::create_items`, which makes many items at once.

use std::collections::BTreeSet;

use marketplace_api::problem::Refusal;
use marketplace_api::startup;
use poem::http::StatusCode;
use serde_json::{Value, json};
use shared::wire::Item;
use store::ItemToCreate;

use crate::support::{Api, PROTOCOL, on_both};

const MANY: usize = 1_000;

/// An item as the store takes it; `fields` go over the defaults.
pub(crate) fn item(fields: &Value) -> ItemToCreate {
    let mut item = json!({
        "id": "", "author": "alice", "type": "template", "source": "marketplace", "isPublic": true, "isPrivate": false,
        "groupList": [], "protocol": PROTOCOL, "useNumber": 0, "starNumber": 0, "status": "approved", "createdAt": "",
        "updatedAt": "",
    });
    item.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    serde_json::from_value::<Item>(item).unwrap().into()
}

async fn categories(api: &Api) {
    for name in ["land", "sea"] {
        let made = api
            .post("admin", "/categories", &json!({"name": name}))
            .await;
        made.assert(StatusCode::CREATED);
    }
}

on_both! {
    async fn each_has_all_that_belongs_to_it(api: Api) {
        categories(&api).await;
        let old = api.post("admin", "/tags", &json!({"name": "seven", "color": "red"})).await;
        let old: Value = old.json();
        let items: Vec<ItemToCreate> = (0..MANY).map(|number| {
            let groups = if number % 10 == 3 { json!(["default", "vision"]) } else { json!([]) };
            let mut tags = vec![format!("mod{}", number % 50), "all".to_owned()];
            if number % 7 == 0 {
                tags.push("seven".to_owned());
            }
            item(&json!({
                "name": format!("whale{number:04}"), "summary": format!("song{number:04}"),
                "isPublic": number % 10 != 3, "groupList": groups, "tags": tags,
                "categories": if number % 2 == 0 { json!(["land", "sea"]) } else { json!([]) },
            }))
        }).collect();
        let lines = async || api.get("admin", "/audit").await.header("x-total-count").to_owned();
        let before = lines().await;
        let store = startup::open(&api.database).await.unwrap();
        let ids = store.create_items(items.clone()).await.unwrap();
        assert!(store.create_items(Vec::new()).await.unwrap().is_empty());

        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), MANY);
        let listed: Vec<Value> = api.get("carol", "/items?author=alice&sort=name").await.json();
        assert_eq!(listed.len(), MANY);
        let tags: Vec<Value> = api.get("carol", "/tags").await.json();
        for (number, (listed, item)) in listed.iter().zip(&items).enumerate() {
            let mut wanted = item.tags.clone();
            wanted.sort();
            assert_eq!(listed["id"], ids[number]);
            assert_eq!(listed["name"], format!("whale{number:04}"));
            assert_eq!((&listed["tags"], &listed["categories"]), (&json!(wanted), &json!(item.categories)));
            assert_eq!(listed["groupList"], json!(item.group_list));
            assert!(listed["createdAt"].as_str().unwrap() > "2020", "{listed}");
            for tag in listed["ItemTags"].as_array().unwrap() {
                assert!(tags.iter().any(|row| row["id"] == tag["id"] && row["name"] == tag["name"]), "{tag}");
            }
        }
        let seven = listed[0]["ItemTags"].as_array().unwrap().iter().find(|tag| tag["name"] == "seven").unwrap();
        assert_eq!(seven, &json!({"id": old["id"], "name": "seven", "color": "red"}));

        let path = format!("/items/{}", ids[13]);
        assert_eq!(api.get("carol", &path).await.json::<Value>(), listed[13]);
        // bob is in one of the two groups, and sees it once.
        assert_eq!(api.names("bob", "?name=whale0013").await, ["whale0013"]);
        for (query, count) in [
            ("tag=all", MANY), ("tag=mod7", MANY / 50), ("tag=all,seven", MANY.div_ceil(7)), ("category=sea,land", MANY / 2),
            ("keyword=whale", MANY), ("keyword=mod49", MANY / 50), ("keyword=song0999%20whale", 1), ("isPublic=false", MANY / 10),
        ] {
            let answer = api.get("carol", &format!("/items?author=alice&limit=1&{query}")).await;
            assert_eq!(answer.header("x-total-count"), count.to_string(), "{query}");
        }
        assert_eq!(lines().await, before, "nobody did it");
    }
}

on_both! {
    async fn one_category_that_does_not_exist_refuses_all(api: Api) {
        categories(&api).await;
        let mut items: Vec<ItemToCreate> = (0..20).map(|number| {
            let category = if number == 13 { "nowhere" } else { "sea" };
            item(&json!({"name": format!("whale{number}"), "tags": ["new"], "categories": [category]}))
        }).collect();
        let store = startup::open(&api.database).await.unwrap();
        let refusal = Refusal::from(store.create_items(items.clone()).await.unwrap_err());
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
        assert!(refusal.detail.contains("`nowhere`"), "{refusal}");

        assert!(api.names("admin", "").await.is_empty());
        assert!(api.names("admin", "?keyword=whale").await.is_empty());
        let tags: Vec<Value> = api.get("admin", "/tags").await.json();
        assert!(tags.iter().all(|tag| tag["name"] != "new"), "{tags:?}");

        items[13].categories = vec!["sea".to_owned()];
        store.create_items(items).await.unwrap();
        assert_eq!(api.names("admin", "?category=sea&keyword=whale").await.len(), 20);
    }
}
