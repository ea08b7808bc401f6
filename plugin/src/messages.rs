//! The texts of the plugin in the user's language: a function for each, made of
//! `plugin/messages/en`. English is in the app, where it is used; other languages are
//! files beside `plugin.js`, which `loader.js` fetches before the app starts, and what
//! chunks say before the first of them.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

thread_local! {
    static LANGUAGE: Cell<&'static str> = const { Cell::new("en") };
    /// What the language says instead of English, by the messages' numbers: texts, and
    /// nothing where there are forms.
    static TEXTS: RefCell<Vec<Option<&'static str>>> = const { RefCell::new(Vec::new()) };
    /// Where these come from, and the forms are; `loader.js` adds to it.
    static TABLE: RefCell<Option<Array>> = const { RefCell::new(None) };
    /// To make one takes as long as some hundred texts.
    static PLURAL: RefCell<Option<Intl::PluralRules>> = const { RefCell::new(None) };
    static NUMBER: RefCell<Option<Intl::NumberFormat>> = const { RefCell::new(None) };
    static LIST: RefCell<Option<Intl::ListFormat>> = const { RefCell::new(None) };
}

/// Chooses the language of all texts from now on. Without a `table` of the language (a
/// file that did not come) they stay English.
pub(crate) fn choose(language: String, table: Option<Array>) {
    let Some(table) = table.filter(|_| language != LANGUAGE.get()) else {
        return;
    };
    TEXTS.take();
    TABLE.set(Some(table));
    PLURAL.set(None);
    LIST.set(None);
    LANGUAGE.set(language.leak());
}

/// The language of the texts, as a tag of HTML's `lang`.
pub(crate) fn language() -> &'static str {
    LANGUAGE.get()
}

/// The locale of what `Intl` puts into words: the browser's, if that is of the language of
/// the texts (`en-GB`), else the language.
pub(crate) fn locale() -> String {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or_default();
    let theirs = Reflect::get(&navigator, &"language".into()).ok();
    let theirs = theirs.and_then(|tag| tag.as_string()).unwrap_or_default();
    let part = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
    if part(&theirs) == part(language()) {
        theirs
    } else {
        language().to_owned()
    }
}

/// Names, one after the other: "a, b and c".
pub(crate) fn list_of(names: &[String]) -> String {
    let names: Array = names
        .iter()
        .map(|name| JsValue::from(name.as_str()))
        .collect();
    LIST.with_borrow_mut(|format| {
        let format = format.get_or_insert_with(|| {
            Intl::ListFormat::new(&Array::of1(&locale().into()), &Object::new())
        });
        String::from(format.format(&names))
    })
}

/// A count as the user's browser writes it.
#[allow(clippy::cast_precision_loss, reason = "no count is that large")]
pub(crate) fn number(number: usize) -> String {
    decimal(number as f64)
}

/// An amount that somebody has written down, as the user's browser writes it; exact up to
/// 2^53.
#[allow(clippy::cast_precision_loss, reason = "as numbers go in JavaScript")]
pub(crate) fn amount(number: i64) -> String {
    decimal(number as f64)
}

/// A number, with up to three digits behind the point, as the user's browser writes it.
pub(crate) fn decimal(number: f64) -> String {
    NUMBER.with_borrow_mut(|format| {
        let format =
            format.get_or_insert_with(|| Intl::NumberFormat::new(&Array::new(), &Object::new()));
        let text = format
            .format()
            .call1(&JsValue::UNDEFINED, &JsValue::from(number));
        // It fails for no number; and how Rust writes one would be 6 kB more of wasm.
        text.ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    })
}

fn text(index: usize, english: &'static str) -> &'static str {
    TEXTS
        .with_borrow_mut(|texts| {
            if texts.len() <= index {
                let more = in_table(|table| table.slice(position(texts.len()), table.length()));
                // Each once a page: the texts live as long as it does.
                let text = |value: JsValue| value.as_string().map(|text| &*text.leak());
                texts.extend(more.iter().flat_map(Array::iter).map(text));
            }
            texts.get(index).copied().flatten()
        })
        .unwrap_or(english)
}

fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn in_table<T>(look: impl Fn(&Array) -> T) -> Option<T> {
    TABLE.with_borrow(|table| table.as_ref().map(look))
}

/// Puts values into the places of a text. What comes in is not looked at again.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn plural(index: usize, english: &[(&str, &str)], count: usize, values: &[(&str, &str)]) -> String {
    let form = PLURAL.with_borrow_mut(|rules| {
        let rules = rules.get_or_insert_with(|| {
            Intl::PluralRules::new(&Array::of1(&language().into()), &Object::new())
        });
        #[allow(clippy::cast_precision_loss, reason = "no count is that large")]
        String::from(rules.select(count as f64))
    });
    let theirs = in_table(|table| table.get(position(index))).and_then(|forms| {
        let named = |name: &str| Reflect::get(&forms, &name.into()).ok()?.as_string();
        named(&form).or_else(|| named("other"))
    });
    let ours = |name: &str| {
        english
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| *text)
    };
    let ours = ours(&form).or_else(|| ours("other")).unwrap_or_default();
    let text = theirs.as_deref().unwrap_or(ours);
    let number = number(count);
    let mut all = vec![("count", number.as_str())];
    all.extend_from_slice(values);
    fill(text, &all)
}

#[cfg(test)]
mod tests {
    use js_sys::JSON;
    use wasm_bindgen::JsCast;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const ITEMS: &[(&str, &str)] = &[
        ("one", "{count} item of {name}"),
        ("other", "{count} items of {name}"),
    ];

    #[wasm_bindgen_test]
    fn a_text_is_filled_once() {
        assert_eq!(
            fill(
                "“{name}” by {author}.",
                &[("author", "{name}"), ("name", "a")]
            ),
            "“a” by {name}."
        );
        assert_eq!(fill("{unknown}", &[]), "");
    }

    #[wasm_bindgen_test]
    fn a_language_is_chosen_with_its_table_only() {
        let says = |count| (text(0, "Browse"), plural(1, ITEMS, count, &[("name", "a")]));
        assert_eq!(says(1), ("Browse", "1 item of a".to_owned()));
        assert_eq!(says(1000), ("Browse", "1,000 items of a".to_owned()));
        choose("zh-CN".to_owned(), None);
        assert_eq!(says(1).0, "Browse");

        let table = JSON::parse(r#"["浏览", {"other": "{name} 的 {count} 项"}]"#).unwrap();
        let table: Array = table.unchecked_into();
        choose("zh-CN".to_owned(), Some(table.clone()));
        assert_eq!(language(), "zh-CN");
        assert_eq!(says(1), ("浏览", "a 的 1 项".to_owned()));
        assert_eq!(text(2, "new"), "new", "what the table lacks stays English");
        table.push(&"新建".into());
        assert_eq!(text(2, "new"), "新建", "chunks add to it");
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list_of(&names), "a、b和c");

        choose("en".to_owned(), Some(Array::new()));
        assert_eq!(says(2), ("Browse", "2 items of a".to_owned()));
    }
}
