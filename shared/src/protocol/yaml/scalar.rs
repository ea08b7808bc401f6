//! What the text of a plain scalar means to js-yaml 3.13, OpenPAI's reader:
//! YAML 1.2's core schema, but with YAML 1.1's octal (`0100`), binary and
//! sexagesimal (`1:30`) numbers, `_` between digits, and dates.

use saphyr_parser::{ScalarStyle, Tag};

use super::{Scalar, date};
use crate::javascript;

/// Beyond 2^53 JavaScript's numbers no longer tell whole numbers apart.
pub(super) const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The types of YAML's own that a tag may give a scalar.
const TAGS: [&str; 7] = ["null", "bool", "int", "float", "str", "timestamp", "merge"];

/// What a scalar means; `None` when its tag and its text do not go together.
pub(super) fn resolve(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Option<Scalar> {
    let is_plain = style == ScalarStyle::Plain;
    match tag.and_then(core_type) {
        None if tag.is_none() && is_plain => Some(plain(text)),
        Some("null") => null(text).filter(|_| is_plain || !text.is_empty()),
        Some("bool") => bool(text),
        Some("int") => integer(text),
        Some("float") => float(text),
        Some("timestamp") => date::read(text).map(Scalar::Date),
        Some("merge") => (text == "<<").then_some(Scalar::Text),
        _ => Some(Scalar::Text),
    }
}

/// Whether a key merges what follows it into its mapping.
pub(super) fn is_merge(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> bool {
    let may_merge = match tag {
        None => style == ScalarStyle::Plain,
        Some(tag) => core_type(tag) == Some("merge"),
    };
    may_merge && text == "<<"
}

/// Whether OpenPAI's reader knows the tag for a scalar.
pub(super) fn is_known(tag: &Tag) -> bool {
    core_type(tag).is_some_and(|name| TAGS.contains(&name))
}

/// The name of a type of YAML's own, such as `int` of `!!int`.
pub(super) fn core_type(tag: &Tag) -> Option<&str> {
    tag.is_yaml_core_schema().then_some(tag.suffix.as_str())
}

/// The text that JavaScript makes of a value: what stands in a command for a
/// placeholder, and what a key becomes.
pub(super) fn in_javascript(scalar: Scalar, text: &str) -> String {
    match scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(truth) => truth.to_string(),
        Scalar::Int(number) => number.to_string(),
        Scalar::Float(number) => javascript::text(number),
        Scalar::Date(time) => date::in_javascript(time),
        Scalar::Text => text.to_owned(),
    }
}

/// What text without quotes means.
pub(super) fn plain(text: &str) -> Scalar {
    null(text)
        .or_else(|| bool(text))
        .or_else(|| integer(text))
        .or_else(|| float(text))
        .or_else(|| date::read(text).map(Scalar::Date))
        .unwrap_or(Scalar::Text)
}

fn null(text: &str) -> Option<Scalar> {
    matches!(text, "" | "~" | "null" | "Null" | "NULL").then_some(Scalar::Null)
}

fn bool(text: &str) -> Option<Scalar> {
    match text {
        "true" | "True" | "TRUE" => Some(Scalar::Bool(true)),
        "false" | "False" | "FALSE" => Some(Scalar::Bool(false)),
        _ => None,
    }
}

fn integer(text: &str) -> Option<Scalar> {
    let (sign, unsigned) = sign(text);
    if unsigned == "0" {
        return Some(Scalar::Int(0));
    }
    let (radix, digits) = match unsigned.strip_prefix('0') {
        None => (10, unsigned),
        Some(rest) => match (rest.strip_prefix('b'), rest.strip_prefix('x')) {
            (Some(digits), _) => (2, digits),
            (_, Some(digits)) => (16, digits),
            _ => (8, rest),
        },
    };
    if radix == 10 && digits.starts_with('_') {
        return None;
    }
    let value = match digits.split_once(':').filter(|_| radix == 10) {
        Some((first, others)) => sexagesimal(first, others)?,
        None if digits.ends_with('_') => return None,
        None => number(digits, radix)?,
    };
    // What is rounded to 2^53 is no longer what was written.
    let is_larger = |exact| exact > 1_u64 << 53;
    if u64::from_str_radix(&digits.replace('_', ""), radix).is_ok_and(is_larger) {
        return Some(Scalar::Float(sign * value));
    }
    Some(whole(sign * value))
}

/// A whole number as such while JavaScript tells it from its neighbours.
fn whole(value: f64) -> Scalar {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and small enough, as just checked"
    )]
    if value.abs() <= MAX_WHOLE {
        Scalar::Int(value as i64)
    } else {
        Scalar::Float(value)
    }
}

/// The number that digits of a radix, with any `_` between them, are.
fn number(digits: &str, radix: u32) -> Option<f64> {
    let digits = digits.replace('_', "");
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    if radix == 10 {
        return javascript::number(&digits);
    }
    let values = digits.chars().filter_map(|digit| digit.to_digit(radix));
    Some(values.fold(0.0, |value, digit| {
        value * f64::from(radix) + f64::from(digit)
    }))
}

/// The number that `first:others` is to the base 60.
fn sexagesimal(first: &str, others: &str) -> Option<f64> {
    let mut value = number(first, 10)?;
    for part in others.split(':') {
        let is_part = match part.as_bytes() {
            [digit] | [b'0'..=b'5', digit] => digit.is_ascii_digit(),
            _ => false,
        };
        value = value * 60.0 + f64::from(part.parse::<u8>().ok().filter(|_| is_part)?);
    }
    Some(value)
}

fn float(text: &str) -> Option<Scalar> {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Scalar::Float(f64::NAN));
    }
    let (sign, unsigned) = sign(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(Scalar::Float(sign * f64::INFINITY));
    }
    if text.ends_with('_') {
        return None;
    }
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_loose = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    if let Some((first, rest)) = unsigned.split_once(':') {
        let (others, fraction) = rest.split_once('.')?;
        if first.starts_with('_') || !is_loose(fraction) {
            return None;
        }
        let value = sexagesimal(first, others)?;
        let fraction = format!("0.{}", fraction.replace('_', ""));
        let fraction = javascript::number(&fraction).unwrap_or_default();
        return Some(Scalar::Float(sign * (value + fraction)));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            (mantissa, Some(digits))
        }
        None => (unsigned, None),
    };
    if exponent.is_some_and(|digits| digits.is_empty() || !is_digits(digits)) {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = match whole.as_bytes() {
        // A fraction without a whole number has no sign.
        [] => unsigned.len() == text.len() && !fraction.is_empty(),
        [b'0'] => true,
        [first, ..] => (b'1'..=b'9').contains(first) && is_loose(whole),
    };
    if !is_number || !is_loose(fraction) {
        return None;
    }
    let digits = unsigned.replace('_', "");
    // What is left of `._e1` is a number in shape only.
    Some(Scalar::Float(
        sign * javascript::number(&digits).unwrap_or(f64::NAN),
    ))
}

fn sign(text: &str) -> (f64, &str) {
    match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(unsigned), _) => (-1.0, unsigned),
        (_, Some(unsigned)) => (1.0, unsigned),
        _ => (1.0, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_means_what_it_means_to_openpai() {
        let table = [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("null", Scalar::Null),
            ("true", Scalar::Bool(true)),
            ("FALSE", Scalar::Bool(false)),
            ("1", Scalar::Int(1)),
            ("+12", Scalar::Int(12)),
            ("-0", Scalar::Int(0)),
            ("0100", Scalar::Int(64)),
            ("-007", Scalar::Int(-7)),
            ("0_7", Scalar::Int(7)),
            ("0x1F", Scalar::Int(31)),
            ("-0x_f", Scalar::Int(-15)),
            ("0b10", Scalar::Int(2)),
            ("8_192", Scalar::Int(8192)),
            ("1__0", Scalar::Int(10)),
            ("1:30", Scalar::Int(90)),
            ("-1:30", Scalar::Int(-90)),
            ("12:30:45", Scalar::Int(45045)),
            ("1_0:0:59", Scalar::Int(36059)),
            ("9007199254740992", Scalar::Int(9_007_199_254_740_992)),
            ("9007199254740993", Scalar::Float(9_007_199_254_740_992.0)),
            ("99999999999999999999", Scalar::Float(1e20)),
            ("1.0", Scalar::Float(1.0)),
            (".5", Scalar::Float(0.5)),
            ("._5", Scalar::Float(0.5)),
            ("5.", Scalar::Float(5.0)),
            ("1_0.2_5", Scalar::Float(10.25)),
            ("1e3", Scalar::Float(1000.0)),
            ("-1.5E-1", Scalar::Float(-0.15)),
            ("0e5", Scalar::Float(0.0)),
            ("1:30.5", Scalar::Float(90.5)),
            ("0:30.", Scalar::Float(30.0)),
            ("-.inf", Scalar::Float(f64::NEG_INFINITY)),
            ("+.INF", Scalar::Float(f64::INFINITY)),
            ("2021-01-01", Scalar::Date(1_609_459_200_000)),
            ("2021-1-1 0:00:01.5 +1:30", Scalar::Date(1_609_453_801_500)),
        ];
        for (text, meaning) in table {
            assert_eq!(plain(text), meaning, "{text}");
        }
        for text in [
            "yes",
            "no",
            "on",
            "1.0-r1.4",
            ".",
            "-",
            "+",
            "_",
            "_1",
            "1_",
            "1._",
            "._",
            "e3",
            "1e",
            "0x",
            "0xg",
            "0x1_",
            "0b",
            "0b2",
            "0B1",
            "0X1",
            "0o17",
            "0_",
            "09",
            "08.5",
            "00.5",
            "+.5",
            "-.5",
            "1e3_",
            "inf",
            "nan",
            "+.nan",
            ".iNf",
            "tRue",
            "nUll",
            "<<",
            "0:30",
            "01:30",
            "1:60",
            "1:",
            ":30",
            "1:30:",
            "1:3.4.5",
            "_1:2.",
            "2021-1-1",
            "2021-01-01 ",
            "2021-01-01T",
            "2021-01-01 1:2:3",
            "é",
        ] {
            assert_eq!(plain(text), Scalar::Text, "{text}");
        }
        for text in [".nan", "._e1"] {
            assert!(matches!(plain(text), Scalar::Float(number) if number.is_nan()));
        }
    }

    fn quoted(text: &str, tag: Option<&Tag>) -> Option<Scalar> {
        resolve(text, ScalarStyle::SingleQuoted, tag)
    }

    #[test]
    fn quotes_and_tags_decide() {
        let tag = |suffix: &str| Tag {
            handle: "tag:yaml.org,2002:".to_owned(),
            suffix: suffix.to_owned(),
        };
        let plain = |text, suffix: &str| resolve(text, ScalarStyle::Plain, Some(&tag(suffix)));
        assert_eq!(quoted("1", None), Some(Scalar::Text));
        assert_eq!(quoted("1", Some(&tag("int"))), Some(Scalar::Int(1)));
        assert_eq!(quoted("", Some(&tag("null"))), None);
        assert_eq!(resolve("1", ScalarStyle::Literal, None), Some(Scalar::Text));
        assert_eq!(plain("1", "str"), Some(Scalar::Text));
        assert_eq!(plain("1", "float"), Some(Scalar::Float(1.0)));
        assert_eq!(plain("2021-01-01", "str"), Some(Scalar::Text));
        assert!(matches!(
            plain("2021-01-01", "timestamp"),
            Some(Scalar::Date(_))
        ));
        for (text, suffix) in [
            ("one", "int"),
            ("1.0", "int"),
            ("0100", "float"),
            ("1:30", "float"),
            ("", "bool"),
        ] {
            assert_eq!(plain(text, suffix), None, "{text} {suffix}");
        }
        assert!(is_merge("<<", ScalarStyle::Plain, None));
        assert!(is_merge(
            "<<",
            ScalarStyle::DoubleQuoted,
            Some(&tag("merge"))
        ));
        assert!(!is_merge("<<", ScalarStyle::DoubleQuoted, None));
        assert!(!is_merge("<<", ScalarStyle::Plain, Some(&tag("str"))));
    }

    #[test]
    fn values_become_the_text_that_javascript_makes() {
        let table = [
            ("~", "null"),
            ("TRUE", "true"),
            ("0100", "64"),
            ("1.0", "1"),
            ("-0.0", "0"),
            ("1e-3", "0.001"),
            ("1e-7", "1e-7"),
            ("-2.5e21", "-2.5e+21"),
            ("1e20", "100000000000000000000"),
            ("-.inf", "-Infinity"),
            (".nan", "NaN"),
            (
                "2021-02-29",
                "Mon Mar 01 2021 00:00:00 GMT+0000 (Coordinated Universal Time)",
            ),
            ("x", "x"),
        ];
        for (text, expected) in table {
            assert_eq!(in_javascript(plain(text), text), expected, "{text}");
        }
    }
}
