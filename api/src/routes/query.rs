//! Reading single parameters of a query. An empty value is none: forms send those.

use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::problem::{self, Refusal};

/// A text that is there.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// One of a few words.
pub(super) fn word<T: FromStr<Err = String>>(
    name: &str,
    text: Option<String>,
) -> Result<Option<T>, Refusal> {
    given(text)
        .map(|text| text.parse().map_err(|error: String| wrong(name, &error)))
        .transpose()
}

/// Any number of a few words, each once.
pub(super) fn words<T: FromStr<Err = String> + PartialEq>(
    name: &str,
    texts: Vec<String>,
) -> Result<Vec<T>, Refusal> {
    let mut all = Vec::new();
    for text in texts {
        if let Some(value) = word(name, Some(text))?
            && !all.contains(&value)
        {
            all.push(value);
        }
    }
    Ok(all)
}

/// `true` or `false`.
pub(super) fn flag(name: &str, text: Option<String>) -> Result<Option<bool>, Refusal> {
    given(text)
        .map(|text| {
            text.parse()
                .map_err(|_| wrong(name, &format!("`{text}` is neither `true` nor `false`")))
        })
        .transpose()
}

/// A whole number within a range.
pub(super) fn number(
    name: &str,
    text: Option<String>,
    range: RangeInclusive<u64>,
) -> Result<Option<u64>, Refusal> {
    given(text)
        .map(|text| match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => {
                let (min, max) = range.into_inner();
                let what = format!("`{text}` is not a whole number from {min} to {max}");
                Err(wrong(name, &what))
            }
        })
        .transpose()
}

/// 400 for a parameter.
pub(super) fn wrong(name: &str, what: &str) -> Refusal {
    problem::bad_request(format!("The query parameter `{name}` is wrong: {what}."))
}
