//! `/tags`.

use futures_util::future::join_all;
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, new_item, on_both};

on_both! {
    async fn anybody_makes_a_tag_and_admins_keep_them(api: Api) {
        let made = api.post("alice", "/tags", &json!({"name": "fast", "color": "red"})).await;
        made.assert(StatusCode::CREATED);
        let path = format!("/tags/{}", made.json::<Value>()["id"].as_str().unwrap());

        let tag: Value = api.get("bob", &path).await.json();
        assert_eq!((&tag["name"], &tag["color"]), (&json!("fast"), &json!("red")));
        for field in ["id", "name", "color", "description", "extras", "createdAt", "updatedAt"] {
            assert!(tag.get(field).is_some(), "{field}");
        }
        let all: Vec<Value> = api.get("bob", "/tags").await.json();
        assert!(all.contains(&tag));

        api.put("alice", &path, &json!({"name": "slow"})).await.assert(StatusCode::FORBIDDEN);
        api.delete("alice", &path).await.assert(StatusCode::FORBIDDEN);
        let answer = api.put("admin", &path, &json!({"name": "slow", "color": null})).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "updated");
        let tag: Value = api.get("bob", &path).await.json();
        assert_eq!((&tag["name"], &tag["color"]), (&json!("slow"), &Value::Null));
        let answer = api.delete("admin", &path).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "deleted");
        api.get("bob", &path).await.assert(StatusCode::NOT_FOUND);
        api.put("admin", &path, &json!({})).await.assert(StatusCode::NOT_FOUND);
        api.delete("admin", &path).await.assert(StatusCode::NOT_FOUND);
    }
}

on_both! {
    async fn a_name_is_wanted_and_unique(api: Api) {
        api.post("alice", "/tags", &json!({})).await.assert_text(StatusCode::BAD_REQUEST, "`name`");
        api.post("alice", "/tags", &json!({"name": " "})).await.assert_text(StatusCode::BAD_REQUEST, "`name`");
        api.post("alice", "/tags", &json!({"name": "x".repeat(256)})).await.assert(StatusCode::BAD_REQUEST);
        api.post("alice", "/tags", &json!({"name": "one"})).await.assert(StatusCode::CREATED);
        api.post("alice", "/tags", &json!({"name": "one"})).await.assert_text(StatusCode::CONFLICT, "exists");
        let two: Value = api.post("alice", "/tags", &json!({"name": "two"})).await.json();
        let path = format!("/tags/{}", two["id"].as_str().unwrap());
        api.put("admin", &path, &json!({"name": "one"})).await.assert(StatusCode::CONFLICT);
    }
}

on_both! {
    async fn a_renamed_tag_is_found_under_its_new_name(api: Api) {
        api.create("alice", json!({"tags": ["before"]})).await;
        let all: Vec<Value> = api.get("alice", "/tags").await.json();
        let tag = all.iter().find(|tag| tag["name"] == "before").unwrap();
        let path = format!("/tags/{}", tag["id"].as_str().unwrap());
        api.put("admin", &path, &json!({"name": "After"})).await.assert(StatusCode::OK);
        assert_eq!(api.names("alice", "?keyword=after").await, ["item"]);
        assert_eq!(api.names("alice", "?tag=After").await, ["item"]);
        assert!(api.names("alice", "?keyword=before").await.is_empty());
        api.delete("admin", &path).await.assert(StatusCode::OK);
        assert!(api.names("alice", "?tag=After").await.is_empty());
        assert_eq!(api.names("alice", "").await, ["item"]);
    }
}

on_both! {
    async fn a_new_item_has_its_tags_as_they_are_now(api: Api) {
        let made: Value = api.post("alice", "/tags", &json!({"name": "fast", "color": "red"})).await.json();
        let path = format!("/tags/{}", made["id"].as_str().unwrap());
        let tags = async || {
            let item = api.create("alice", json!({"tags": ["fast"]})).await;
            let item: Value = api.get("alice", &format!("/items/{item}")).await.json();
            item["ItemTags"].clone()
        };
        // Twice each: the second time the server remembers.
        for _ in 0..2 {
            assert_eq!(tags().await, json!([{"id": made["id"], "name": "fast", "color": "red"}]));
        }
        api.put("admin", &path, &json!({"color": "blue"})).await.assert(StatusCode::OK);
        for _ in 0..2 {
            assert_eq!(tags().await, json!([{"id": made["id"], "name": "fast", "color": "blue"}]));
        }
        api.put("admin", &path, &json!({"name": "slow"})).await.assert(StatusCode::OK);
        let new = tags().await;
        assert_ne!(new[0]["id"], made["id"]);
        assert_eq!(new[0]["name"], "fast");
        assert_eq!(tags().await, new);
        let path = format!("/tags/{}", new[0]["id"].as_str().unwrap());
        api.delete("admin", &path).await.assert(StatusCode::OK);
        assert_ne!(tags().await[0]["id"], new[0]["id"]);
        assert_eq!(api.names("alice", "?tag=fast").await.len(), 1);
        assert_eq!(api.names("alice", "?tag=slow").await.len(), 4);
    }
}

on_both! {
    async fn every_field_is_kept_and_may_change(api: Api) {
        let old = json!({"name": "old", "color": "#123", "description": "漢 d", "extras": "{\"a\": 1}"});
        let made: Value = api.post("admin", "/tags", &old).await.json();
        let path = format!("/tags/{}", made["id"].as_str().unwrap());
        let kept: Value = api.get("bob", &path).await.json();
        let mut wanted = old;
        wanted["id"] = made["id"].clone();
        for time in ["createdAt", "updatedAt"] {
            wanted[time] = kept["createdAt"].clone();
        }
        assert_eq!(kept, wanted);
        let time = kept["createdAt"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");

        for changes in [
            json!({"description": "new"}), json!({"extras": "new"}), json!({"name": "new"}), json!({"name": "new"}),
            json!({"description": null, "extras": null, "color": null}), json!({"id": "mine", "createdAt": "x"}),
        ] {
            api.put("admin", &path, &changes).await.assert(StatusCode::OK);
            for field in ["name", "color", "description", "extras"] {
                if let Some(value) = changes.get(field) {
                    wanted[field] = value.clone();
                }
            }
            let mut kept: Value = api.get("bob", &path).await.json();
            kept["updatedAt"] = wanted["updatedAt"].clone();
            assert_eq!(kept, wanted, "{changes}");
        }
        let other: Value = api.post("admin", "/tags", &json!({"name": "other"})).await.json();
        let other = format!("/tags/{}", other["id"].as_str().unwrap());
        api.put("admin", &other, &json!({"name": "new", "description": "d"})).await.assert_text(StatusCode::CONFLICT, "exists");
        assert_eq!(api.get("bob", &other).await.json::<Value>()["description"], Value::Null);
    }
}

on_both! {
    async fn of_many_who_make_the_same_one_does(api: Api) {
        let body = json!({"name": "same"});
        let answers = join_all((0..8).map(|_| api.post("admin", "/tags", &body))).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(StatusCode::CREATED), count(StatusCode::CONFLICT)), (1, 7), "{answers:?}");
    }
}

on_both! {
    async fn items_that_come_at_once_share_a_new_tag(api: Api) {
        let item = new_item("alice", json!({"tags": ["new", "newer"]}));
        let answers = join_all((0..8).map(|_| api.post("alice", "/items", &item))).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED), "{answers:?}");
        let tags: Vec<Value> = api.get("alice", "/tags").await.json();
        assert_eq!(tags.iter().filter(|tag| tag["name"] == "new").count(), 1);
        assert_eq!(api.names("bob", "?tag=newer,new").await.len(), 8);
    }
}

/// The names of the tags that `user` is shown, without those of the official templates.
async fn shown(api: &Api, user: &str) -> Vec<String> {
    let tags: Vec<Value> = api.get(user, "/tags").await.json();
    let names = tags
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned());
    names
        .filter(|name| name.to_lowercase().starts_with('z'))
        .collect()
}

async fn id_of(api: &Api, name: &str) -> String {
    let tags: Vec<Value> = api.get("admin", "/tags").await.json();
    let tag = tags.iter().find(|tag| tag["name"] == name).unwrap();
    tag["id"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_name_in_another_case_is_the_same_tag(api: Api) {
        let tags = async |id: &str| api.get("bob", &format!("/items/{id}")).await.json::<Value>()["tags"].clone();
        api.create("alice", json!({"tags": ["zTorch", "zjax"]})).await;
        let second = api.create("bob", json!({"tags": ["ztorch", "ZTORCH", "ZJAX", "znew", "zNew"]})).await;
        let all = tags(&second).await;
        assert_eq!(all.as_array().unwrap().len(), 3, "{all}");
        assert!(all.as_array().unwrap().contains(&json!("zTorch")) && all.as_array().unwrap().contains(&json!("zjax")));
        assert_eq!(shown(&api, "bob").await.len(), 3);
        let path = format!("/items/{second}");
        let before: Value = api.get("bob", &path).await.json();
        api.put("bob", &path, &json!({"tags": ["zTORCH", "zJax"]})).await.assert(StatusCode::OK);
        assert_eq!(tags(&second).await, json!(["zTorch", "zjax"]));
        assert_eq!(api.names("bob", "?tag=zTorch").await.len(), 2);
        assert_eq!(api.names("bob", "?keyword=ztorch").await.len(), 2);
        api.put("bob", &path, &json!({"tags": ["ztorch", "ZJAX", "zdelta"]})).await.assert(StatusCode::OK);
        assert_eq!(tags(&second).await, json!(["zTorch", "zdelta", "zjax"]));
        let after: Value = api.get("bob", &path).await.json();
        let tag = |item: &Value| item["ItemTags"].as_array().unwrap().iter().find(|tag| tag["name"] == "zTorch").unwrap()["id"].clone();
        assert_eq!(tag(&before), tag(&after));

        api.post("bob", "/tags", &json!({"name": "ZTorch"})).await.assert_text(StatusCode::CONFLICT, "case");
        let jax = id_of(&api, "zjax").await;
        api.put("admin", &format!("/tags/{jax}"), &json!({"name": "ZTORCH"})).await.assert_text(StatusCode::CONFLICT, "case");
        api.put("admin", &format!("/tags/{jax}"), &json!({"name": "zJAX"})).await.assert(StatusCode::OK);
        assert_eq!(tags(&second).await, json!(["zJAX", "zTorch", "zdelta"]));

        let names = ["zsame", "ZSAME", "zSame"].iter().cycle().take(9);
        let bodies: Vec<Value> = names.map(|name| new_item("alice", json!({"tags": [name]}))).collect();
        let answers = join_all(bodies.iter().map(|body| api.post("alice", "/items", body))).await;
        assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED), "{answers:?}");
        let same = shown(&api, "alice").await.into_iter().filter(|name| name.to_lowercase() == "zsame");
        assert_eq!(same.count(), 1);
    }
}

on_both! {
    async fn a_tag_goes_away_with_the_last_item_that_has_it(api: Api) {
        api.post("alice", "/tags", &json!({"name": "zmade"})).await.assert(StatusCode::CREATED);
        let tags = json!({"tags": ["zmade", "za", "zb", "zc", "zedited"]});
        let first = api.create("alice", tags.clone()).await;
        let second = api.create("alice", tags).await;
        let edited = id_of(&api, "zedited").await;
        api.put("admin", &format!("/tags/{edited}"), &json!({"description": "d"})).await.assert(StatusCode::OK);
        let (first, second) = (format!("/items/{first}"), format!("/items/{second}"));

        api.put("alice", &first, &json!({"tags": ["za", "zb"]})).await.assert(StatusCode::OK);
        assert_eq!(shown(&api, "bob").await, ["za", "zb", "zc", "zedited", "zmade"], "the other one has them");
        api.put("alice", &second, &json!({"tags": ["za", "zb", "zmade", "zedited"]})).await.assert(StatusCode::OK);
        assert_eq!(shown(&api, "bob").await, ["za", "zb", "zedited", "zmade"]);
        let b = id_of(&api, "zb").await;
        for (path, left) in [(&first, 4), (&second, 3)] {
            api.delete("alice", &format!("{path}/tag/{b}")).await.assert(StatusCode::OK);
            assert_eq!(shown(&api, "bob").await.len(), left);
        }
        api.delete("alice", &first).await.assert(StatusCode::OK);
        assert_eq!(shown(&api, "bob").await, ["za", "zedited", "zmade"]);
        api.delete("alice", &second).await.assert(StatusCode::OK);
        assert_eq!(shown(&api, "bob").await, ["zedited", "zmade"], "somebody made them on purpose");
        let tagged = api.create("alice", json!({"tags": ["ZA"]})).await;
        assert_eq!(api.get("bob", &format!("/items/{tagged}")).await.json::<Value>()["tags"], json!(["ZA"]));
    }
}

on_both! {
    async fn what_only_hidden_items_have_is_hidden(api: Api) {
        let private = api.create("alice", json!({"isPrivate": true, "tags": ["zsecret", "zshared"]})).await;
        api.create("alice", json!({"groupList": ["vision"], "tags": ["zvision"]})).await;
        api.create("bob", json!({"tags": ["zshared"]})).await;
        let all = ["zsecret", "zshared", "zvision"];
        assert_eq!(shown(&api, "alice").await, all);
        assert_eq!(shown(&api, "admin").await, all);
        assert_eq!(shown(&api, "carol").await, all[1..], "she is in the group");
        assert_eq!(shown(&api, "bob").await, ["zshared"]);
        let path = format!("/tags/{}", id_of(&api, "zsecret").await);
        api.get("alice", &path).await.assert(StatusCode::OK);
        let nothing = api.get("bob", "/tags/nothing").await.body.replace("nothing", "");
        for answer in [api.get("bob", &path).await, api.put("bob", &path, &json!({"name": "x"})).await, api.delete("bob", &path).await] {
            answer.assert_text(StatusCode::NOT_FOUND, "tag");
            assert_eq!(answer.body.replace(&path["/tags/".len()..], ""), nothing);
        }

        // Nor does making one of the name tell.
        let made = api.post("bob", "/tags", &json!({"name": "zsecret", "color": "red"})).await;
        made.assert(StatusCode::CREATED);
        assert_eq!(shown(&api, "bob").await, ["zsecret", "zshared"]);
        let tag: Value = api.get("bob", &format!("/tags/{}", made.json::<Value>()["id"].as_str().unwrap())).await.json();
        assert_eq!((&tag["name"], &tag["color"]), (&json!("zsecret"), &json!("red")));
        let item: Value = api.get("alice", &format!("/items/{private}")).await.json();
        assert_eq!(item["ItemTags"][0], json!({"id": tag["id"], "name": "zsecret", "color": "red"}));
        api.post("bob", "/tags", &json!({"name": "zsecret"})).await.assert(StatusCode::CONFLICT);

        // Nor what they use: that is on an item of theirs then.
        api.create("bob", json!({"tags": ["zvision"]})).await;
        assert_eq!(shown(&api, "bob").await, all);
    }
}
