//! What differs between versions.

use poem::http::StatusCode;
use serde_json::json;

use super::database::{UPGRADED, V15, load, old_tables};
use super::{ids, rehearse, seen};
use crate::support::Api;

#[tokio::test]
async fn what_everybody_saw_in_v15_is_public() {
    let database = load(V15).await;
    let before = old_tables(&database).await;
    let api = Api::on(&database).await;
    for user in ["admin", "alice", "bob", "carol"] {
        assert_eq!(
            ids(&api, user).await,
            ["1", "2", "chosen id/1", "pretender"],
            "{user}"
        );
    }
    let items = seen(&api, "bob").await;
    assert_eq!(
        items["1"]["categories"],
        json!(["COVID-19", "official example"])
    );
    assert_eq!(items["1"]["tags"], json!(["official example"]));
    assert_eq!(items["1"]["source"], "marketplace");
    assert_eq!(items["1"]["starNumber"], 1);
    assert_eq!(items["2"]["categories"], json!(["official example"]));
    assert_eq!(items["chosen id/1"]["categories"], json!(["my cat"]));
    assert_eq!(items["chosen id/1"]["tags"], json!(["t1"]));
    assert_eq!(items["pretender"]["categories"], json!(["my cat"]));
    assert_eq!(items["pretender"]["status"], "approved");
    assert!(
        items
            .values()
            .all(|item| item["isPublic"] == true && item["isPrivate"] == false)
    );
    assert_eq!(old_tables(&database).await, before);
}

#[tokio::test]
async fn after_the_upgrade_official_items_are_public_again_and_others_are_not() {
    let database = load(UPGRADED).await;
    let before = old_tables(&database).await;
    let report = rehearse(&database).await;
    let listed = report.split("\nPrivate (4)").nth(1).unwrap();
    for id in ["chosen id/1", "later private", "pretender", "refused"] {
        assert!(listed.contains(&format!("{id:?}")), "{id}: {listed}");
    }

    let api = Api::on(&database).await;
    assert_eq!(ids(&api, "bob").await, ["1", "2", "later public"]);
    assert_eq!(
        ids(&api, "alice").await,
        [
            "1",
            "2",
            "chosen id/1",
            "later private",
            "later public",
            "refused"
        ]
    );
    api.get("bob", "/items/refused")
        .await
        .assert(StatusCode::FORBIDDEN);
    let items = seen(&api, "admin").await;
    assert_eq!(
        items["later public"]["source"], "marketplace",
        "an unknown word"
    );
    assert_eq!(items["later private"]["source"], "pai");
    assert_eq!(
        items["refused"]["status"], "rejected",
        "nobody but alice ever saw it"
    );
    assert_eq!(items["2"]["categories"], json!(["official example"]));
    api.put("alice", "/items/2", &json!({"summary": "s"}))
        .await
        .assert(StatusCode::FORBIDDEN);
    // The list stays, now that the carry-over is done.
    let again = rehearse(&database).await;
    assert!(
        again.contains("carried over before") && again.contains(listed),
        "{again}"
    );
    assert_eq!(old_tables(&database).await, before);
}
