use shared::wire::Item;

/// Why the user sees an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// The cluster's admins vouch for it.
    Official,
    /// Everybody sees it.
    Public,
    /// A group of the user's sees it.
    Shared,
    /// Its author and admins see it.
    Private,
}

impl Section {
    const ALL: [Self; 4] = [Self::Official, Self::Public, Self::Shared, Self::Private];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Official => "Official",
            Self::Public => "Public",
            Self::Shared => "Shared with my groups",
            Self::Private => "Private",
        }
    }

    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Official => "part-official",
            Self::Public => "part-public",
            Self::Shared => "part-shared",
            Self::Private => "part-private",
        }
    }

    fn of(item: &Item) -> Self {
        if item.is_official() {
            Self::Official
        } else if item.is_private {
            Self::Private
        } else if item.is_public {
            Self::Public
        } else if item.group_list.is_empty() {
            // Neither public nor private, and nobody to share with.
            Self::Private
        } else {
            Self::Shared
        }
    }
}

/// The items section by section, newest first; sections without items are
/// left out.
pub(super) fn sections(items: &[Item]) -> Vec<(Section, Vec<Item>)> {
    let mut all: Vec<_> = Section::ALL.map(|section| (section, Vec::new())).into();
    for item in items {
        let section = Section::of(item);
        all[section as usize].1.push(item.clone());
    }
    all.retain(|(_, items)| !items.is_empty());
    for (_, items) in &mut all {
        // Times on the wire have one form, so their order is that of the text.
        items.sort_by(|a, b| b.created_at.cmp(&a.created_at));
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::wire::OFFICIAL_CATEGORY;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn item(id: &str, overrides: Value) -> Item {
        let mut value = json!({
            "id": id, "name": null, "author": null, "type": null, "source": "pai",
            "isPublic": false, "isPrivate": false, "groupList": [], "dataType": null,
            "dataUrl": null, "summary": null, "useNumber": 0, "starNumber": 0, "status": null,
            "createdAt": "2020-01-01T00:00:00.000Z", "updatedAt": "2020-01-01T00:00:00.000Z",
        });
        if let (Some(fields), Value::Object(overrides)) = (value.as_object_mut(), overrides) {
            fields.extend(overrides);
        }
        serde_json::from_value(value).unwrap()
    }

    fn ids(all: &[(Section, Vec<Item>)]) -> Vec<(Section, Vec<&str>)> {
        let ids = |items: &'_ [Item]| items.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
        all.iter()
            .map(|(section, items)| {
                assert_eq!(ids(items).len(), items.len());
                (
                    *section,
                    items.iter().map(|item| item.id.as_str()).collect(),
                )
            })
            .collect()
    }

    #[wasm_bindgen_test]
    fn every_item_is_in_one_section() {
        let official =
            json!({"isPublic": true, "ItemCategories": [{"id": "1", "name": OFFICIAL_CATEGORY}]});
        let all = sections(&[
            item("p", json!({"isPrivate": true})),
            item("both", json!({"isPrivate": true, "isPublic": true})),
            item("neither", json!({})),
            item("g", json!({"groupList": ["x"]})),
            item("pub", json!({"isPublic": true})),
            item("o", official),
        ]);
        assert_eq!(
            ids(&all),
            [
                (Section::Official, vec!["o"]),
                (Section::Public, vec!["pub"]),
                (Section::Shared, vec!["g"]),
                (Section::Private, vec!["p", "both", "neither"]),
            ]
        );
    }

    #[wasm_bindgen_test]
    fn the_newest_comes_first_and_empty_sections_are_left_out() {
        let at = |id, time: &str| item(id, json!({"isPublic": true, "createdAt": time}));
        let all = sections(&[
            at("old", "2019-05-01T00:00:00.000Z"),
            at("new", "2024-01-01T00:00:00.001Z"),
            at("mid", "2024-01-01T00:00:00.000Z"),
        ]);
        assert_eq!(ids(&all), [(Section::Public, vec!["new", "mid", "old"])]);
        assert!(sections(&[]).is_empty());
    }
}
