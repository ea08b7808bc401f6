//! Finds what somebody probably meant.

use crate::javascript::lowercase;

/// The candidate that `word` is a likely slip of.
pub(super) fn closest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    /// Longer words are no slips of any key there is.
    const LONGEST: usize = 64;
    /// Enough for every list of keys; names come in lists of any length.
    const MOST: usize = 64;

    if word.len() > LONGEST {
        return None;
    }
    let lower = lowercase(word);
    let close_enough = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(MOST)
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &lowercase(candidate)),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= close_enough)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The names in a row, each in backticks, cut after the first few.
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const MOST: usize = 20;
    let mut names = names.into_iter();
    let shown: Vec<_> = names
        .by_ref()
        .take(MOST)
        .map(|name| format!("`{}`", super::findings::Short(name)))
        .collect();
    let more = names.count();
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let keys = ["commands", "cpu", "gpu", "memoryMB"];
        assert_eq!(closest("comands", keys), Some("commands"));
        assert_eq!(closest("memoryMb", keys), Some("memoryMB"));
        assert_eq!(closest("gpus", keys), Some("gpu"));
        assert_eq!(closest("volumes", keys), None);
        assert_eq!(closest("", keys), None);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(list(["a", "b"]), "`a`, `b`");
        assert!(list(["a"; 25]).ends_with("`a` and 5 more"));
    }
}
