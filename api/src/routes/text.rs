//! Checks of single texts in request bodies.

use shared::wire::MAX_LINE;

use crate::problem::{self, Refusal};
use store::names;

/// Refuses a one-line text that is longer than its column.
pub(super) fn check_line(field: &str, text: Option<&str>) -> Result<(), Refusal> {
    let length = text.map_or(0, |text| text.chars().count());
    if length > MAX_LINE {
        return Err(problem::bad_request(format!(
            "The field `{field}` is {length} characters long; it takes {MAX_LINE} at most."
        )));
    }
    Ok(())
}

/// Refuses a reason that is blank or longer than a line: people read it.
pub(super) fn check_reason(field: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(problem::bad_request(format!(
            "The field `{field}` must not be empty: people read it."
        )));
    }
    check_line(field, Some(text))
}

/// A text without blanks around it; none if nothing is left.
pub(super) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Refuses a text that takes more than `most` bytes.
pub(super) fn check_text(field: &str, text: Option<&str>, most: usize) -> Result<(), Refusal> {
    let length = text.map_or(0, str::len);
    if length > most {
        return Err(problem::bad_request(format!(
            "The field `{field}` is {} KiB long; it takes {} KiB at most.",
            length.div_ceil(1024),
            most / 1024
        )));
    }
    Ok(())
}

/// Refuses a name that is empty, blank, longer than its column, or not to be read by
/// people.
pub(super) fn check_name(field: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(problem::bad_request(format!(
            "The field `{field}` must not be empty."
        )));
    }
    if let Some(fault) = names::fault(text) {
        return Err(problem::bad_request(format!(
            "The field `{field}` {fault}."
        )));
    }
    check_line(field, Some(text))
}

/// The most names in one list: people choose a handful, and every one of them
/// becomes a part of a statement, of which databases take only so many.
pub(super) const MAX_NAMES: usize = 100;

/// Refuses a list that is too long.
pub(super) fn check_amount(field: &str, names: &[String]) -> Result<(), Refusal> {
    if names.len() > MAX_NAMES {
        return Err(problem::bad_request(format!(
            "The field `{field}` has {} entries; it takes {MAX_NAMES} at most.",
            names.len()
        )));
    }
    Ok(())
}

/// Checks a list and every name in it, but for those that are there `already`: old rows
/// hold what is not taken any more, and clients send back what they got.
pub(super) fn check_names(
    field: &str,
    names: Option<&[String]>,
    already: &[String],
) -> Result<(), Refusal> {
    let names = names.unwrap_or_default();
    check_amount(field, names)?;
    names
        .iter()
        .filter(|name| !already.contains(name))
        .try_for_each(|name| check_name(field, name))
}
