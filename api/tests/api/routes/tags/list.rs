//! `GET /tags`: which there are, and for whom.

use futures_util::future::join_all;
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, new_item, on_both};

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
