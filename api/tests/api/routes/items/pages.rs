//! `GET /items` page by page: complete, linked, counted.

use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Api, on_both};

/// The address behind `rel` in the header `Link`.
fn linked(link: &str, rel: &str) -> Option<String> {
    let wanted = format!("; rel=\"{rel}\"");
    link.split(", ").find_map(|part| {
        let address = part.strip_suffix(&wanted)?;
        Some(address.strip_prefix('<')?.strip_suffix('>')?.to_owned())
    })
}

/// Everything that following the next pages from `query` on leads to.
async fn walk(api: &Api, user: &str, query: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = Some(query.to_owned());
    while let Some(query) = next {
        let answer = api.get(user, &format!("/items{query}")).await;
        answer.assert(StatusCode::OK);
        let items: Vec<Value> = answer.json();
        assert!(!items.is_empty(), "{query}");
        names.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        next = linked(answer.header("link"), "next");
    }
    names
}

on_both! {
    async fn pages_are_complete_and_never_overlap(api: Api) {
        for n in 0..7 {
            api.create("alice", json!({"name": format!("n{}", n * 5 % 7), "tags": ["t"], "isPrivate": n == 3})).await;
        }
        let hidden = "n1"; // 3 * 5 % 7
        for sort in ["-createdAt", "-updatedAt", "name", "-starNumber", "-useNumber", "relevance"] {
            for filter in ["author=alice", "keyword=alice", "tag=t"] {
                let all = api.names("bob", &format!("?{filter}&sort={sort}")).await;
                assert_eq!(all.len(), 6, "{sort}");
                assert!(!all.contains(&hidden.to_owned()));
                for limit in [1, 2, 4, 6, 500] {
                    let paged = walk(&api, "bob", &format!("?{filter}&sort={sort}&limit={limit}")).await;
                    assert_eq!(paged, all, "{filter} {sort} {limit}");
                }
            }
        }
        let names = api.names("bob", "?author=alice&sort=name").await;
        assert_eq!(names, ["n0", "n2", "n3", "n4", "n5", "n6"]);
    }
}

on_both! {
    async fn headers_tell_where_the_pages_are(api: Api) {
        for n in 0..5 {
            api.create("alice", json!({"name": format!("x y{n}")})).await;
        }
        api.create("alice", json!({"name": "x y secret", "isPrivate": true})).await;
        let get = async |query: &str| api.get("bob", &format!("/items{query}")).await;

        let all = get("?author=alice").await;
        assert_eq!((all.header("x-total-count"), all.header("link")), ("5", ""));

        let query = "?keyword=x%20y&author=alice&limit=2";
        let first = get(query).await;
        assert_eq!(first.header("x-total-count"), "5");
        assert_eq!(
            first.header("link"),
            "<?keyword=x%20y&author=alice&limit=2&offset=0>; rel=\"first\", <?keyword=x%20y&author=alice&limit=2&offset=2>; rel=\"next\", \
             <?keyword=x%20y&author=alice&limit=2&offset=4>; rel=\"last\"",
        );
        let middle = get(&format!("{query}&offset=2")).await;
        assert_eq!(linked(middle.header("link"), "prev").unwrap(), "?keyword=x%20y&author=alice&limit=2&offset=0");
        let last = get(&linked(first.header("link"), "last").unwrap()).await;
        assert_eq!(last.json::<Vec<Value>>().len(), 1);
        assert_eq!(linked(last.header("link"), "next"), None);
        let beyond = get(&format!("{query}&offset=99")).await;
        assert_eq!(beyond.json::<Vec<Value>>().len(), 0);
        assert_eq!(beyond.header("x-total-count"), "5");
        assert_eq!(linked(beyond.header("link"), "prev").unwrap(), "?keyword=x%20y&author=alice&limit=2&offset=4");
        let none = get("?author=nobody&limit=2").await;
        assert_eq!(none.header("x-total-count"), "0");
        assert_eq!(linked(none.header("link"), "last").unwrap(), "?author=nobody&limit=2&offset=0");
        let rest = get("?author=alice&offset=3").await;
        assert_eq!(rest.json::<Vec<Value>>().len(), 2);
        assert_eq!(rest.header("x-total-count"), "5");
    }
}

on_both! {
    async fn bad_pages_are_refused_by_name(api: Api) {
        for (query, part) in [
            ("limit=0", "`limit`"), ("limit=501", "`limit`"), ("limit=-1", "`limit`"), ("limit=x", "`limit`"),
            ("limit=1.5", "`limit`"), ("offset=-1", "`offset`"), ("offset=x", "`offset`"),
            ("offset=99999999999999999999", "`offset`"), ("sort=stars", "`sort`"), ("sort=createdAt", "`sort`"),
        ] {
            let answer = api.get("alice", &format!("/items?{query}")).await;
            answer.assert_text(StatusCode::BAD_REQUEST, part);
        }
        for path in ["/items", "/items/facets"] {
            for (query, part) in [
                ("type=job", "`type`"), ("type=data&type=job", "`type`"), ("visibility=protected", "`visibility`"),
                ("status=new", "`status`"), ("starred=1", "`starred`"), ("source=x", "`source`"), ("isPublic=no", "`isPublic`"),
            ] {
                let answer = api.get("alice", &format!("{path}?{query}")).await;
                answer.assert_text(StatusCode::BAD_REQUEST, part);
            }
            let none = "type=&visibility=&status=&starred=&isPrivate=&tag=&source=&keyword=&name=&author=";
            api.get("alice", &format!("{path}?{none}")).await.assert(StatusCode::OK);
        }
        api.get("alice", "/items?limit=&offset=&sort=").await.assert(StatusCode::OK);
    }
}

on_both! {
    async fn a_page_is_counted_as_things_are_now(api: Api) {
        let total = async |query: &str| {
            let page = api.get("bob", &format!("/items?author=alice&limit=1{query}")).await;
            page.header("x-total-count").to_owned()
        };
        let first = api.create("alice", json!({"name": "blue whale", "tags": ["sea"]})).await;
        api.create("alice", json!({"name": "grey whale"})).await;
        // Twice each: the second time the server remembers.
        for _ in 0..2 {
            assert_eq!(total("").await, "2");
            assert_eq!(total("&keyword=whale").await, "2");
            assert_eq!(total("&isPublic=true").await, "2");
        }
        api.create("alice", json!({"name": "white whale", "tags": ["sea"]})).await;
        for _ in 0..2 {
            assert_eq!(total("").await, "3");
            assert_eq!(total("&keyword=whale").await, "3");
            assert_eq!(total("&tag=sea").await, "2");
        }
        let hidden = json!({"isPrivate": true});
        api.put("alice", &format!("/items/{first}"), &hidden).await.assert(StatusCode::OK);
        assert_eq!(total("").await, "2");
        assert_eq!(total("&keyword=whale").await, "2");
        let page = api.get("alice", "/items?author=alice&limit=1").await;
        assert_eq!(page.header("x-total-count"), "3");
        api.delete("alice", &format!("/items/{first}")).await.assert(StatusCode::OK);
        let page = api.get("alice", "/items?author=alice&limit=1").await;
        assert_eq!(page.header("x-total-count"), "2");
    }
}
