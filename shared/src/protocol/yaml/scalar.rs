//! YAML 1.2's core schema: what the text of a plain scalar means.

use saphyr_parser::{ScalarStyle, Tag};

use super::Scalar;

/// What a scalar means; `None` when its tag and its text do not go together.
pub(super) fn resolve(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Option<Scalar> {
    let core_type = tag
        .filter(|tag| tag.is_yaml_core_schema())
        .map(|tag| tag.suffix.as_str());
    match (core_type, plain(text)) {
        (None, meaning) if tag.is_none() && style == ScalarStyle::Plain => Some(meaning),
        (Some("null"), found @ Scalar::Null)
        | (Some("bool"), found @ Scalar::Bool(_))
        | (Some("int"), found @ Scalar::Int(_))
        | (Some("float"), found @ Scalar::Float(_)) => Some(found),
        #[expect(
            clippy::cast_precision_loss,
            reason = "what a float does with a large number"
        )]
        (Some("float"), Scalar::Int(number)) => Some(Scalar::Float(number as f64)),
        (Some("null" | "bool" | "int" | "float"), _) => None,
        _ => Some(Scalar::Text),
    }
}

fn plain(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        _ => number(text).unwrap_or(Scalar::Text),
    }
}

fn number(text: &str) -> Option<Scalar> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let all_digits =
                !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
            return all_digits.then(|| i64::from_str_radix(digits, radix).ok().map(Scalar::Int))?;
        }
    }
    let (negative, unsigned) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Scalar::Float(if negative {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        }));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        ),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let optional_digits = |text: &str| text.is_empty() || digits(text);
    let is_number = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            optional_digits(whole) && optional_digits(fraction) && mantissa.len() > 1
        }
        None => digits(mantissa),
    };
    if !is_number || !exponent.is_none_or(digits) {
        return None;
    }
    match text.parse() {
        Ok(number) if digits(unsigned) => Some(Scalar::Int(number)),
        _ => text.parse().ok().map(Scalar::Float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_means_what_the_core_schema_says() {
        let table = [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("null", Scalar::Null),
            ("true", Scalar::Bool(true)),
            ("FALSE", Scalar::Bool(false)),
            ("1", Scalar::Int(1)),
            ("+12", Scalar::Int(12)),
            ("-007", Scalar::Int(-7)),
            ("0x1F", Scalar::Int(31)),
            ("0o17", Scalar::Int(15)),
            ("1.0", Scalar::Float(1.0)),
            (".5", Scalar::Float(0.5)),
            ("5.", Scalar::Float(5.0)),
            ("1e3", Scalar::Float(1000.0)),
            ("-1.5E-1", Scalar::Float(-0.15)),
            ("-.inf", Scalar::Float(f64::NEG_INFINITY)),
            ("99999999999999999999", Scalar::Float(1e20)),
        ];
        for (text, meaning) in table {
            assert_eq!(plain(text), meaning, "{text}");
        }
        for text in [
            "yes",
            "no",
            "1_000",
            "1.0-r1.4",
            ".",
            "-",
            "+",
            "e3",
            "1e",
            "0x",
            "0xg",
            "inf",
            "nan",
            "tRue",
            "2020-01-01",
            "é",
        ] {
            assert_eq!(plain(text), Scalar::Text, "{text}");
        }
        assert!(matches!(plain(".nan"), Scalar::Float(number) if number.is_nan()));
    }

    #[test]
    fn quotes_and_tags_decide() {
        let tag = |suffix: &str| Tag {
            handle: "tag:yaml.org,2002:".to_owned(),
            suffix: suffix.to_owned(),
        };
        assert_eq!(
            resolve("1", ScalarStyle::SingleQuoted, None),
            Some(Scalar::Text)
        );
        assert_eq!(resolve("1", ScalarStyle::Literal, None), Some(Scalar::Text));
        assert_eq!(
            resolve("1", ScalarStyle::Plain, Some(&tag("str"))),
            Some(Scalar::Text)
        );
        assert_eq!(
            resolve("1", ScalarStyle::SingleQuoted, Some(&tag("int"))),
            Some(Scalar::Int(1))
        );
        assert_eq!(
            resolve("1", ScalarStyle::Plain, Some(&tag("float"))),
            Some(Scalar::Float(1.0))
        );
        assert_eq!(resolve("one", ScalarStyle::Plain, Some(&tag("int"))), None);
    }
}
