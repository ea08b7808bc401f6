//! `DELETE /items/{id}`.

use poem::http::StatusCode;
use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn a_deleted_item_is_gone_with_all_that_hung_on_it(api: Api) {
        let id = api.create("alice", json!({"tags": ["a"], "groupList": ["vision"]})).await;
        let path = format!("/items/{id}");
        api.delete("bob", &path).await.assert(StatusCode::FORBIDDEN);
        let answer = api.delete("alice", &path).await;
        answer.assert(StatusCode::OK);
        assert_eq!(answer.body, "deleted");
        api.get("alice", &path).await.assert(StatusCode::NOT_FOUND);
        api.delete("alice", &path).await.assert(StatusCode::NOT_FOUND);
        assert!(api.names("alice", "?tag=a").await.is_empty());
    }
}
