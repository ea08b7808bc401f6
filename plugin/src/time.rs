//! Dates as people read them.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

const UNITS: [(f64, &str); 6] = [
    (31_557_600_000.0, "year"),
    (2_629_800_000.0, "month"),
    (604_800_000.0, "week"),
    (86_400_000.0, "day"),
    (3_600_000.0, "hour"),
    (60_000.0, "minute"),
];

thread_local! {
    /// To make one takes as long as the rest of a card.
    static RELATIVE: Intl::RelativeTimeFormat = {
        let options = Object::new();
        // A plain object takes any field; without this one, "yesterday" is "1 day ago".
        let _ = Reflect::set(&options, &"numeric".into(), &"auto".into());
        Intl::RelativeTimeFormat::new(&Array::of1(&"en".into()), &options)
    };
}

/// A point in time relative to now, with the full date on hover. `iso` is a
/// time as the wire has it; what is no time is shown as it is.
pub(crate) fn when(iso: &str) -> AnyView {
    let time = Date::parse(iso);
    if time.is_nan() {
        return iso.to_owned().into_any();
    }
    // With options, even none, a browser makes a new formatter each time.
    let full = Date::new(&time.into()).to_locale_string("en", &JsValue::UNDEFINED);
    let (count, unit) = distance(time - Date::now());
    let relative = RELATIVE.with(|format| format.format(count, unit));
    view! { <time datetime=iso.to_owned() title=String::from(full)>{String::from(relative)}</time> }
        .into_any()
}

/// The number and unit that a distance in milliseconds is best told in:
/// negative in the past, whole, rounded towards now.
fn distance(milliseconds: f64) -> (f64, &'static str) {
    for (length, unit) in UNITS {
        if milliseconds.abs() >= length {
            return ((milliseconds / length).trunc(), unit);
        }
    }
    (0.0, "minute")
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn distances_are_told_in_the_largest_unit_that_fits() {
        let whole = |(count, unit): (f64, &'static str)| (format!("{count:.0}"), unit);
        assert_eq!(whole(distance(-3_600_000.0 * 23.9)), ("-23".into(), "hour"));
        assert_eq!(whole(distance(-86_400_000.0 * 1.5)), ("-1".into(), "day"));
        assert_eq!(whole(distance(86_400_000.0 * 800.0)), ("2".into(), "year"));
        assert_eq!(whole(distance(-5_000.0)).1, "minute");
    }
}
