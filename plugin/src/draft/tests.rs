use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn draft() -> Draft {
    Draft {
        name: "n".into(),
        protocol: "p".into(),
        ..Draft::default()
    }
}

fn item(overrides: Value) -> Item {
    let mut value = json!({
        "id": "1", "name": "n", "author": "a", "type": null, "source": "pai",
        "isPublic": true, "isPrivate": false, "groupList": [], "dataType": null,
        "dataUrl": null, "summary": null, "protocol": "p", "useNumber": 0, "starNumber": 0,
        "status": null, "createdAt": "2020-01-01T00:00:00.000Z",
        "updatedAt": "2020-01-01T00:00:00.000Z",
    });
    if let (Some(fields), Value::Object(overrides)) = (value.as_object_mut(), overrides) {
        fields.extend(overrides);
    }
    serde_json::from_value(value).unwrap()
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
    // Emptied is typed as well.
    draft.name.clear();
    draft.name_typed = true;
    draft.take_over("third", "");
    assert_eq!((draft.name.as_str(), draft.description.as_str()), ("", ""));
    assert_eq!(draft.problems(None).len(), 2, "no name, no protocol");

    let mut draft = Draft::of(&item(json!({"name": null})));
    draft.take_over("name", "description");
    assert_eq!((draft.name.as_str(), draft.description.as_str()), ("", ""));
}

#[wasm_bindgen_test]
fn what_was_left_alone_is_not_sent() {
    for odd in [
        json!({}),
        json!({"name": null, "isPublic": false, "description": null, "protocol": "a\r\nb"}),
        json!({"summary": " s ", "description": "", "tags": ["a,b", "c\"d", " e"]}),
        json!({"dataUrl": "u", "dataType": "blob", "license": "l", "isPublic": false, "groupList": ["b", "a"]}),
        json!({"license": " l ", "type": "data"}),
        json!({"isPrivate": true, "type": "data", "description": "a\r\nb\n"}),
        json!({"useBlob": true, "categories": ["b", " a"]}),
    ] {
        let draft = Draft::of(&item(odd.clone()));
        let base = draft.clone();
        assert_eq!(draft.to_changes(&base), ItemChanges::default(), "{odd}");
        assert_eq!(draft.problems(Some(&base)), [], "{odd}");
    }
    let base = Draft::of(&item(json!({"description": "d", "tags": ["a,b", "c"]})));
    let mut draft = base.clone();
    draft.description.clear();
    draft.tags.push_str(", e");
    let changes = ItemChanges {
        description: Some(None),
        tags: Some(vec!["a,b".into(), "c".into(), "e".into()]),
        ..ItemChanges::default()
    };
    assert_eq!(draft.to_changes(&base), changes);
    draft.name.clear();
    assert_eq!(draft.problems(Some(&base))[0].0, Field::Name);
}

#[wasm_bindgen_test]
fn what_has_changed_is_said_of_another_protocol_only() {
    let base = draft();
    let mut changed = Draft {
        version_note: " a GPU more ".into(),
        ..base.clone()
    };
    assert_eq!(changed.to_changes(&base), ItemChanges::default());
    changed.protocol.push('#');
    let note = changed.to_changes(&base).version_note;
    assert_eq!(note.as_deref(), Some("a GPU more"));
}

#[wasm_bindgen_test]
fn two_changes_are_merged_field_by_field() {
    let base = Draft::of(&item(json!({"summary": "old", "description": "old"})));
    let mut mine = base.clone();
    mine.summary = "mine".into();
    mine.name = "mine".into();
    let mut theirs = base.clone();
    theirs.summary = "theirs".into();
    theirs.description = "theirs".into();
    theirs.audience = Audience::OnlyMe;
    assert_eq!(
        mine.conflicts(&base, &theirs),
        [Field::Summary, Field::Description, Field::Groups]
    );
    let merged = mine.merged(&base, &theirs);
    assert_eq!(
        (
            merged.name.as_str(),
            merged.summary.as_str(),
            merged.description.as_str()
        ),
        ("mine", "mine", "theirs")
    );
    assert_eq!(merged.audience, Audience::OnlyMe);
    assert_eq!(
        mine.conflicts(&base, &mine),
        [],
        "the same change twice is none"
    );
}

#[wasm_bindgen_test]
fn problems_come_in_the_order_of_the_form() {
    assert_eq!(draft().problems(None), []);
    let fields = |draft: &Draft| draft.problems(None).iter().map(|p| p.0).collect::<Vec<_>>();
    let wrong = Draft {
        summary: "x".repeat(256),
        audience: Audience::Groups,
        ..Draft::default()
    };
    assert_eq!(
        fields(&wrong),
        [Field::Protocol, Field::Name, Field::Summary, Field::Groups]
    );
    let all_wrong = Draft {
        kind: Some(ItemType::Data),
        data_url: "u".repeat(300),
        license: "l".repeat(300),
        tags: "t".repeat(300),
        ..wrong
    };
    let place = |field: &Field| Field::ALL.iter().position(|one| one == field);
    let all_wrong = fields(&all_wrong);
    assert_eq!(all_wrong.len(), 7);
    assert!(all_wrong.is_sorted_by_key(place), "{all_wrong:?}");
    assert_eq!(
        fields(&Draft {
            summary: "é".repeat(255),
            ..draft()
        }),
        []
    );
    let long = Draft {
        data_url: "u".repeat(300),
        license: "l".repeat(300),
        ..draft()
    };
    assert_eq!(
        fields(&long),
        [],
        "address and licence do not count for a template"
    );
    assert_eq!(
        fields(&Draft {
            kind: Some(ItemType::Data),
            ..long
        }),
        [Field::DataUrl, Field::License]
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
    let base = Draft {
        summary: "s".into(),
        ..Draft::default()
    };
    assert_eq!(draft.to_changes(&base).summary, Some(None));
    assert_eq!(draft.to_changes(&base).kind, None);
    assert_eq!(draft.to_new("alice").kind, Some(ItemType::Template));
    let names = |tags: &str| {
        let tags = tags.into();
        Draft {
            tags,
            ..Draft::default()
        }
        .tag_names()
    };
    assert_eq!(names(r#"a, "b, c" ,d"#), ["a", "b, c", "d"]);
    assert_eq!(names(r#"5" disk, 3" disk"#), [r#"5" disk"#, r#"3" disk"#]);
    assert_eq!(names(r#"a, "b, c"#), ["a", r#""b, c"#]);
}

#[wasm_bindgen_test]
fn a_draft_survives_storage() {
    let drafts = [
        Draft::default(),
        Draft {
            kind: Some(ItemType::Data),
            summary: "s".into(),
            description: "d\n".into(),
            tags: "t".into(),
            data_type: Some(DataType::Github),
            data_url: "u".into(),
            license: "l".into(),
            version_note: "v".into(),
            use_blob: true,
            categories: vec!["a, b".into(), " c".into()],
            audience: Audience::Groups,
            groups: vec!["g".into(), "h".into()],
            name_typed: true,
            ..draft()
        },
        Draft {
            audience: Audience::OnlyMe,
            description_typed: true,
            ..draft()
        },
    ];
    for draft in drafts {
        assert_eq!(Draft::from_texts(draft.to_texts()), Some(draft));
    }
    assert_eq!(Draft::from_texts(vec!["p".into()]), None);
}
