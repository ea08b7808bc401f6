use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[wasm_bindgen_test]
fn saved_links_keep_working() {
    assert_eq!(Route::parse(""), Route::List(Filters::default()));
    assert_eq!(Route::parse("#/"), Route::List(Filters::default()));
    assert_eq!(
        Route::parse("#/?type=data&author=alice&keyword=x&category=y"),
        Route::List(Filters {
            kind: Some(ItemType::Data),
            author: Some("alice".into()),
            keyword: Some("x".into()),
            category: Some("y".into()),
            tag: None,
        })
    );
    assert_eq!(
        Route::parse("#/market_detail?itemId=10"),
        Route::detail("10")
    );
    assert_eq!(Route::parse("#/create_item"), Route::Create);
}

#[wasm_bindgen_test]
fn odd_ids_and_texts_survive_the_way_there_and_back() {
    for text in [
        "",
        "chosen id/1",
        "a&b=c#d?e",
        "ünïcode ☃",
        "100 %",
        "+",
        "a+b",
    ] {
        for tab in Tab::ALL {
            let route = Route::Detail {
                id: text.into(),
                tab,
            };
            assert_eq!(Route::parse(&route.hash()), route);
        }
        let route = Route::Edit { id: text.into() };
        assert_eq!(Route::parse(&route.hash()), route);
    }
    let filters = Filters {
        kind: Some(ItemType::Old),
        author: Some("al ice".into()),
        keyword: Some(" 50% & more ".into()),
        category: Some("a,b".into()),
        tag: Some("c++".into()),
    };
    let route = Route::List(filters);
    assert_eq!(Route::parse(&route.hash()), route);
    assert_eq!(
        Route::parse("#/market_detail?itemId=chosen%20id%2F1"),
        Route::detail("chosen id/1")
    );
}

#[wasm_bindgen_test]
fn what_is_not_understood_is_no_filter_or_no_page() {
    assert_eq!(
        Route::parse("#/?type=all&x=1"),
        Route::List(Filters::default())
    );
    assert_eq!(Route::parse("#/market_detail"), Route::Unknown);
    assert_eq!(Route::parse("#/elsewhere"), Route::Unknown);
    assert_eq!(
        Route::parse("#/market_detail?itemId=1&tab=nonsense"),
        Route::detail("1")
    );
}

#[wasm_bindgen_test]
fn links_are_short() {
    assert_eq!(Route::List(Filters::default()).hash(), "#/");
    assert_eq!(Route::detail("7").hash(), "#/market_detail?itemId=7");
    assert_eq!(Route::List(Filters::of_tag("nlp")).hash(), "#/?tag=nlp");
}

#[wasm_bindgen_test]
fn blanks_around_a_keyword_do_not_reach_the_api() {
    let keyword = |text: &str| {
        let filters = Filters {
            keyword: Some(text.into()),
            ..Filters::default()
        };
        filters.to_wire().keyword
    };
    assert_eq!(keyword(" x y ").as_deref(), Some("x y"));
    assert_eq!(keyword("  "), None);
}
