use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[wasm_bindgen_test]
fn saved_links_keep_working() {
    assert_eq!(Route::parse(""), Route::List(Filters::default()));
    assert_eq!(Route::parse("#/"), Route::List(Filters::default()));
    assert_eq!(
        Route::parse("#/?type=data&author=alice&keyword=x&category=y"),
        Route::List(
            Filters::of(Facet::Type, "data")
                .with(Facet::Author, "alice")
                .with(Facet::Keyword, "x")
                .with(Facet::Category, "y")
        )
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
        for (from, to) in [(None, None), (Some(1), Some(3)), (None, Some(2))] {
            let id = text.into();
            let route = Route::Versions { id, from, to };
            assert_eq!(Route::parse(&route.hash()), route);
        }
    }
    let filters = Filters::of(Facet::Type, "old")
        .with(Facet::Type, "data")
        .with(Facet::Author, "al ice")
        .with(Facet::Keyword, " 50% & more ")
        .with(Facet::Category, "a,b")
        .with(Facet::Tag, "c++")
        .with(Facet::Tag, "ünïcode ☃")
        .with(Facet::Sort, "-starNumber")
        .showing(2 * PAGE);
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
    let query = |text: &str| Filters::of(Facet::Keyword, text).query();
    assert_eq!(query(" x y "), "keyword=x%20y&");
    assert_eq!(query("  "), "");
}

#[wasm_bindgen_test]
fn names_with_commas_are_sent_one_by_one() {
    let filters = Filters::of(Facet::Type, "data").with(Facet::Tag, "a");
    assert_eq!(
        filters.with(Facet::Tag, "b").query(),
        "type=data&tag=a&tag=b&"
    );
    assert_eq!(
        Filters::of_tag("a,b").query(),
        "tag=a%2Cb&tag=a%2Cb&",
        "one alone would be split"
    );
}

#[wasm_bindgen_test]
fn values_of_one_facet_come_and_go() {
    let both = Filters::of(Facet::Type, "data").with(Facet::Type, "template");
    assert_eq!(both.chosen().len(), 2);
    assert_eq!(
        both.without(Facet::Type, Some("data")),
        Filters::of(Facet::Type, "template")
    );
    assert!(both.without(Facet::Type, None).is_empty());
    let sorted = both
        .with(Facet::Sort, "name")
        .with(Facet::Sort, "-useNumber");
    assert_eq!(sorted.get(Facet::Sort), Some("-useNumber"));
    assert!(sorted.with(Facet::Sort, "").get(Facet::Sort).is_none());
    let author = Filters::of_author("alice").with(Facet::Author, "bob");
    assert_eq!(author, Filters::of_author("bob"));
    assert_eq!(
        both.showing(PAGE + 1).with(Facet::Tag, "x").shown,
        PAGE,
        "another list begins at its beginning"
    );
}

#[wasm_bindgen_test]
fn a_link_shows_whole_pages_and_never_everything() {
    let shown = |hash: &str| match Route::parse(hash) {
        Route::List(filters) => filters.shown,
        _ => 0,
    };
    assert_eq!(shown("#/?shown=1"), PAGE);
    assert_eq!(shown("#/?shown=100"), 3 * PAGE);
    assert_eq!(shown("#/?shown=99999999"), MOST);
    assert_eq!(shown("#/?shown=-1"), PAGE);
}

#[wasm_bindgen_test]
fn what_runs_here_is_a_filter_like_others() {
    let Route::List(filters) = Route::parse("#/?keyword=a&runsHere=true") else {
        panic!("a list");
    };
    assert_eq!(filters.get(Facet::Runs), Some("true"));
    assert_eq!(filters.query(), "keyword=a&runsHere=true&");
    assert_eq!(
        Filters::of(Facet::Runs, "perhaps").get(Facet::Runs),
        Some("perhaps")
    );
}

#[wasm_bindgen_test]
fn what_was_used_lately_comes_in_that_order() {
    let used = Filters::of(Facet::Used, "true");
    assert_eq!(used.query(), "used=true&sort=-usedAt&");
    assert_eq!(
        used.with(Facet::Sort, "name").query(),
        "used=true&sort=name&"
    );
}
