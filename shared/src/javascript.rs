//! Numbers and letters as JavaScript has them. The browser brings along what these need
//! (tables of 40 kB that hardly compress), the server has it of its own.

/// The number that digits, with a sign, a point and an exponent or without, are; `None`
/// for anything else, `Infinity` and the empty text too.
pub fn number(text: &str) -> Option<f64> {
    let may_be = |letter: u8| letter.is_ascii_digit() || b"+-.eE".contains(&letter);
    if text.is_empty() || !text.bytes().all(may_be) {
        return None;
    }
    #[cfg(target_arch = "wasm32")]
    let number = Some(wasm_bindgen::JsValue::from(text).unchecked_into_f64())
        .filter(|number| !number.is_nan());
    #[cfg(not(target_arch = "wasm32"))]
    let number = text.parse().ok();
    number
}

/// The text that `String(number)` is.
pub fn text(number: f64) -> String {
    #[cfg(target_arch = "wasm32")]
    let text = js_sys::Number::from(number).to_string_with_radix(10);
    #[cfg(target_arch = "wasm32")]
    let text = text.map(String::from).unwrap_or_default();
    #[cfg(not(target_arch = "wasm32"))]
    let text = match number {
        0.0 => "0".to_owned(),
        number if number.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        number if (1e-6..1e21).contains(&number.abs()) => number.to_string(),
        number if number.abs() >= 1e21 => format!("{number:e}").replace('e', "e+"),
        number => format!("{number:e}"),
    };
    text
}

/// A text in small letters: `toLowerCase`, which is `str::to_lowercase`.
pub fn lowercase(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    #[cfg(target_arch = "wasm32")]
    let text = js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    let text = text.to_lowercase();
    text
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn numbers_are_read_as_rust_reads_them() {
        let texts = [
            "0",
            "-0",
            "1.5",
            "+1.5",
            "5.",
            ".5",
            "1e5",
            "1E-5",
            "5.e3",
            "-.5e+1",
            "1e400",
            "007",
            "1e-400",
            "123456789012345678901234567890",
            "0.1",
            "4.9e-324",
        ];
        for text in texts {
            let expected: f64 = text.parse().unwrap();
            let read = number(text).unwrap();
            assert_eq!(read.to_bits(), expected.to_bits(), "{text}");
        }
        let others = [
            "", "-", ".", "1e", "e5", ".e3", "+-1", "1.2.3", "1e5.5", " 1", "0x10", "Infinity",
            "inf", "nan", "1_000", "१",
        ];
        for text in others {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        let table = [
            (1.0, "1"),
            (-0.0, "0"),
            (0.001, "0.001"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-2.5e21, "-2.5e+21"),
            (1e20, "100000000000000000000"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (number, expected) in table {
            assert_eq!(text(number), expected);
        }
    }

    #[test]
    fn letters_become_small() {
        for text in ["Straße GROSS", "ΟΔΟΣ", "İI", "ÀÉ 中文 Ǆ", "ASCII only"] {
            assert_eq!(lowercase(text), text.to_lowercase());
        }
    }
}
