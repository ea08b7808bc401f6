//! Dates as people read them.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::messages;

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
        Intl::RelativeTimeFormat::new(&Array::of1(&messages::locale().into()), &options)
    };
    static FULL: Intl::DateTimeFormat = {
        let options = Object::new();
        for part in ["dateStyle", "timeStyle"] {
            let _ = Reflect::set(&options, &part.into(), &"medium".into());
        }
        Intl::DateTimeFormat::new(&Array::of1(&messages::locale().into()), &options)
    };
}

/// A point in time that has passed, relative to now, with the full date on hover. `iso` is
/// a time as the wire has it; what is no time is shown as it is.
pub(crate) fn when(iso: &str) -> AnyView {
    let time = Date::parse(iso);
    if time.is_nan() {
        return iso.to_owned().into_any();
    }
    let full = FULL.with(Intl::DateTimeFormat::format);
    let full = full.call1(&JsValue::UNDEFINED, &time.into());
    let full = full.ok().and_then(|full| full.as_string());
    view! { <time datetime=iso.to_owned() title=full>{relative(time)}</time> }.into_any()
}

/// The same as text: "3 hours ago".
pub(crate) fn ago(iso: &str) -> String {
    let time = Date::parse(iso);
    if time.is_nan() {
        return iso.to_owned();
    }
    relative(time)
}

fn relative(time: f64) -> String {
    let (count, unit) = distance(time - Date::now());
    RELATIVE.with(|format| format.format(count, unit)).into()
}

/// The number and unit that a distance in milliseconds is best told in: negative, whole,
/// rounded towards now. What has happened is not in the future: then one of the two
/// clocks is wrong, and it is told as now.
fn distance(milliseconds: f64) -> (f64, &'static str) {
    for (length, unit) in UNITS {
        if -milliseconds >= length {
            return ((milliseconds / length).trunc(), unit);
        }
    }
    (0.0, "second")
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
        assert_eq!(
            whole(distance(-86_400_000.0 * 800.0)),
            ("-2".into(), "year")
        );
        assert_eq!(whole(distance(-5_000.0)), ("0".into(), "second"));
    }

    #[wasm_bindgen_test]
    fn a_wrong_clock_says_now() {
        assert_eq!(distance(3_600_000.0 * 2.0), (0.0, "second"));
    }
}
