//! Pages are parts of the whole list, in whichever way the server comes by them:
//! it learns from the first page how many items there are, and takes another way
//! to the next one if they are many.

use marketplace_api::startup;
use poem::http::StatusCode;
use serde_json::{Value, json};
use shared::wire::Item;

use super::many_items::item;
use crate::support::{Api, on_both};

/// So many that a part of a word stands in more words than are looked up one by
/// one.
const MANY: usize = 300;
const LIMIT: usize = 9;

const SORTS: [&str; 6] = [
    "relevance",
    "-createdAt",
    "-updatedAt",
    "name",
    "-starNumber",
    "-useNumber",
];

async fn fill(api: &Api) {
    let made = api
        .post("admin", "/categories", &json!({"name": "sea"}))
        .await;
    made.assert(StatusCode::CREATED);
    let items = (0..MANY)
        .map(|number| {
            let each = |count: usize, name: &str| (number % count == 0).then(|| name.to_owned());
            let tags: Vec<String> = [each(2, "loud"), each(100, "rare"), each(7, "whale")]
                .into_iter()
                .flatten()
                .collect();
            let categories: Vec<String> = each(4, "sea").into_iter().collect();
            let kind = each(5, "blue-whale").unwrap_or_default();
            item(&json!({
                "name": format!("w{} {kind}", number * 7919 % MANY),
                "summary": each(2, "A whale's song"), "description": each(3, "Not of a blue-whale"),
                "tags": tags, "categories": categories,
                "isPublic": number % 11 != 0, "isPrivate": number % 11 == 0,
                "starNumber": number % 13, "useNumber": number % 17,
            }))
        })
        .collect();
    let store = startup::open(&api.database).await.unwrap();
    store.create_items(items).await.unwrap();
    store.close().await.unwrap();
}

on_both! {
    async fn have_the_order_that_was_asked_for(api: Api) {
        fill(&api).await;
        let path = format!("/items?author=alice&limit={MANY}");
        let mut all: Vec<Item> = api.get("alice", &path).await.json();
        assert_eq!(all.len(), MANY);
        for number in [3, 250, 17] {
            let path = format!("/items/{}", all[number].id);
            api.put("alice", &path, &json!({"name": format!("W{number} Later")})).await.assert(StatusCode::OK);
        }
        for sort in SORTS {
            let found: Vec<Item> = api.get("alice", &format!("{path}&sort={sort}")).await.json();
            all.clone_from(&found);
            all.sort_by(|a, b| match sort {
                "-updatedAt" => b.updated_at.cmp(&a.updated_at),
                "name" => a.name.as_ref().map(|name| name.to_lowercase()).cmp(&b.name.as_ref().map(|name| name.to_lowercase())),
                "-starNumber" => b.star_number.cmp(&a.star_number),
                "-useNumber" => b.use_number.cmp(&a.use_number),
                _ => b.created_at.cmp(&a.created_at),
            }.then_with(|| a.id.cmp(&b.id)));
            assert!(found == all, "{sort}");
        }
    }
}

on_both! {
    async fn are_parts_of_the_whole_list(api: Api) {
        fill(&api).await;
        let ids = async |user: &str, query: &str| {
            let answer = api.get(user, &format!("/items?author=alice&fields=summary&{query}")).await;
            answer.assert(StatusCode::OK);
            let items: Vec<Value> = answer.json();
            let ids: Vec<String> =
                items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
            (ids, answer.header("x-total-count").to_owned())
        };
        for (filter, found) in [
            ("keyword=w", MANY), ("keyword=whale", 231), ("keyword=blue-whale", 140), ("keyword=song%20blue", 70),
            ("tag=loud", 150), ("tag=rare", 3), ("tag=loud,whale", 22), ("category=sea", 75),
            ("category=sea&keyword=whale&tag=loud", 75), ("type=template", MANY),
        ] {
            for sort in SORTS {
                for user in ["alice", "bob"] {
                    let query = format!("{filter}&sort={sort}");
                    let (all, _) = ids(user, &query).await;
                    if user == "alice" {
                        assert_eq!(all.len(), found, "{query}");
                    } else {
                        assert!(all.len() < found, "{query}: no private ones");
                    }
                    for offset in [0, LIMIT, all.len().saturating_sub(4)] {
                        let page = ids(user, &format!("{query}&limit={LIMIT}&offset={offset}")).await;
                        let part: Vec<String> = all.iter().skip(offset).take(LIMIT).cloned().collect();
                        assert_eq!(page, (part, all.len().to_string()), "{user}: {query} from {offset}");
                    }
                }
            }
        }
    }
}
