//! The access policy as clients meet it: lists and single items agree for
//! everybody (contract, section 3).

use poem::http::{Method, StatusCode};
use serde_json::json;

use crate::support::on_both;

on_both! {
    async fn role_by_visibility_by_operation(api: Api) {
        // alice and carol are in the group vision, bob is not.
        let callers = ["admin", "alice", "carol", "bob", ""];
        #[rustfmt::skip]
        let table = [
            ("public",    json!({}),                       [200, 200, 200, 200, 401], [200, 200, 403, 403, 401]),
            ("protected", json!({"groupList": ["vision"]}),  [200, 200, 200, 403, 401], [200, 200, 403, 403, 401]),
            ("private",   json!({"isPrivate": true}),      [200, 200, 403, 403, 401], [200, 200, 403, 403, 401]),
            ("official",  json!({}),                       [200, 200, 200, 200, 401], [200, 403, 403, 403, 401]),
        ];
        for (kind, fields, reads, writes) in table {
            for (index, caller) in callers.into_iter().enumerate() {
                let id = api.create("alice", fields.clone()).await;
                let path = format!("/items/{id}");
                if kind == "official" {
                    let change = json!({"categories": ["official example"]});
                    api.put("admin", &path, &change).await.assert(StatusCode::OK);
                }
                let what = format!("{caller} {kind}");
                for sub in ["", "/tag", "/category"] {
                    let answer = api.get(caller, &format!("{path}{sub}")).await;
                    assert_eq!(answer.status.as_u16(), reads[index], "{what}{sub}");
                }
                let list = api.get(caller, "/items").await;
                let listed = list.status == StatusCode::OK && list.body.contains(&id);
                assert_eq!(listed, reads[index] == 200, "{what} in the list");
                let filtered = api.get(caller, "/items?author=alice&keyword=item&type=template").await;
                assert_eq!(filtered.body.contains(&id), reads[index] == 200, "{what} in a filtered list");

                let update = api.put(caller, &path, &json!({"summary": "s"})).await;
                assert_eq!(update.status.as_u16(), writes[index], "{what} update");
                for (method, sub) in [(Method::POST, "tag"), (Method::DELETE, "tag"), (Method::POST, "category")] {
                    let answer = api.send(caller, method, &format!("{path}/{sub}/nothing"), None).await;
                    let wanted = if writes[index] == 200 { 404 } else { writes[index] };
                    assert_eq!(answer.status.as_u16(), wanted, "{what} {sub}");
                }
                let delete = api.delete(caller, &path).await;
                assert_eq!(delete.status.as_u16(), writes[index], "{what} delete");
            }
        }
    }
}
