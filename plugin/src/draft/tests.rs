use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn draft() -> Draft {
    Draft {
        name: "n".into(),
        protocol: "p".into(),
        ..Draft::default()
    }
}

#[wasm_bindgen_test]
fn what_the_user_typed_is_not_replaced() {
    let mut draft = Draft::default();
    draft.take_over("first", "about");
    draft.take_over("second", "about it");
    assert_eq!(
        (draft.name.as_str(), draft.description.as_str()),
        ("second", "about it")
    );
    draft.name = "mine".into();
    draft.take_over("third", "");
    assert_eq!(
        (draft.name.as_str(), draft.description.as_str()),
        ("mine", "")
    );
}

#[wasm_bindgen_test]
fn problems_come_in_the_order_of_the_form() {
    assert_eq!(draft().problems(), []);
    let fields = |draft: &Draft| draft.problems().iter().map(|p| p.0).collect::<Vec<_>>();
    let wrong = Draft {
        summary: "x".repeat(256),
        audience: Audience::Groups,
        ..Draft::default()
    };
    assert_eq!(
        fields(&wrong),
        [Field::Protocol, Field::Name, Field::Summary, Field::Groups]
    );
    assert_eq!(
        fields(&Draft {
            summary: "é".repeat(255),
            ..draft()
        }),
        []
    );
    let long_url = Draft {
        data_url: "u".repeat(300),
        ..draft()
    };
    assert_eq!(
        fields(&long_url),
        [],
        "the address does not count for a template"
    );
    assert_eq!(
        fields(&Draft {
            kind: Some(ItemType::Data),
            ..long_url
        }),
        [Field::DataUrl]
    );
}

#[wasm_bindgen_test]
fn the_audience_becomes_consistent_flags() {
    let sent = |audience| {
        let draft = Draft {
            audience,
            groups: vec!["g".into()],
            ..draft()
        };
        let item = draft.to_new("alice");
        (
            item.is_public,
            item.is_private,
            item.group_list.unwrap_or_default().len(),
        )
    };
    assert_eq!(sent(Audience::Everybody), (Some(true), Some(false), 0));
    assert_eq!(sent(Audience::Groups), (Some(false), Some(false), 1));
    assert_eq!(sent(Audience::OnlyMe), (Some(false), Some(true), 0));
}

#[wasm_bindgen_test]
fn emptied_texts_are_cleared_and_tags_are_told_apart() {
    let draft = Draft {
        tags: " a, b,,a ,c".into(),
        summary: " ".into(),
        ..draft()
    };
    assert_eq!(draft.tag_names(), ["a", "b", "c"]);
    assert_eq!(draft.to_changes().summary, Some(None));
    assert_eq!(draft.to_changes().kind, None);
    assert_eq!(draft.to_new("alice").kind, Some(ItemType::Template));
}

#[wasm_bindgen_test]
fn a_draft_survives_storage() {
    let draft = Draft {
        kind: Some(ItemType::Data),
        ..draft()
    };
    let stored = serde_json::to_string(&draft).unwrap();
    assert_eq!(serde_json::from_str::<Draft>(&stored).unwrap(), draft);
    assert_eq!(
        serde_json::from_str::<Draft>("{}").unwrap(),
        Draft::default()
    );
}
