//! What texts are cut into for the index.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

/// As much of a token as is looked up, in characters.
const LOOKED_UP: usize = 24;

/// Longer runs of letters are kept as overlapping windows, each of one character more
/// but for the last one: so it shows which token goes on in another one.
const WINDOW: usize = 2 * LOOKED_UP;

/// Each window begins this many characters after the one before it: what begins before
/// that, and is no longer than is looked up, lies wholly within it.
const STEP: usize = LOOKED_UP + 1;

/// The lengths, in characters, of words that are found despite a slip: in
/// shorter ones a changed letter makes another word, longer ones are not words.
const SLIPPABLE: std::ops::RangeInclusive<usize> = 4..=24;

/// What a token is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A letter or digit of a script that puts spaces between words.
    Letter,
    /// A character of Chinese, Japanese or Korean.
    Ideograph,
    /// Anything else that is seen.
    Sign,
}

impl Kind {
    fn of(character: char) -> Self {
        match u32::from(character) {
            0x1100..=0x11FF
            | 0x2E80..=0x2FDF
            | 0x3005..=0x3007
            | 0x3040..=0x30FF
            | 0x3130..=0x318F
            | 0x31F0..=0x31FF
            | 0x3400..=0x4DBF
            | 0x4E00..=0x9FFF
            | 0xA960..=0xA97F
            | 0xAC00..=0xD7FF
            | 0xF900..=0xFAFF
            | 0xFF66..=0xFF9F
            | 0x2_0000..=0x3_FFFF => Self::Ideograph,
            _ if character.is_alphanumeric() => Self::Letter,
            _ => Self::Sign,
        }
    }
}

/// Whether it is a character of Chinese, Japanese or Korean.
pub(super) fn is_ideograph(character: char) -> bool {
    Kind::of(character) == Kind::Ideograph
}

/// Whether a token is one letter or digit, of which most texts have each.
pub(super) fn is_letter(token: &str) -> bool {
    let mut characters = token.chars();
    characters
        .next()
        .is_some_and(|c| Kind::of(c) == Kind::Letter)
        && characters.next().is_none()
}

/// Folds the case the same way for every database, and character by
/// character: a part of a text folds to a part of the folded text.
pub fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        // The sigma at the end of a word.
        .map(|character| if character == 'ς' { 'σ' } else { character })
        .collect()
}

/// The tokens of a folded text, as the index holds them: words, pairs of
/// neighbouring ideographs, and single signs.
pub(super) fn of_text(text: &str) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for (kind, run) in runs(text) {
        match kind {
            Kind::Letter => tokens.extend(windows(&run)),
            Kind::Ideograph | Kind::Sign => tokens.extend(pairs(kind, &run)),
        }
    }
    tokens
}

/// The tokens to look up for a folded word of a keyword. A text that holds the
/// word holds each of them, as a part of one of its own tokens.
pub(super) fn of_word(word: &str) -> BTreeSet<String> {
    runs(word)
        .into_iter()
        .flat_map(|(kind, run)| match kind {
            Kind::Letter => vec![run.iter().take(LOOKED_UP).collect()],
            Kind::Ideograph | Kind::Sign => pairs(kind, &run),
        })
        .collect()
}

/// Neighbouring characters of one kind; what is not seen only separates.
fn runs(text: &str) -> Vec<(Kind, Vec<char>)> {
    let mut runs: Vec<(Kind, Vec<char>)> = Vec::new();
    let mut last = None;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            last = None;
            continue;
        }
        let kind = Kind::of(character);
        match runs.last_mut() {
            Some((_, run)) if last == Some(kind) => run.push(character),
            _ => runs.push((kind, vec![character])),
        }
        last = Some(kind);
    }
    runs
}

fn windows(run: &[char]) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = run;
    while rest.len() > WINDOW {
        tokens.push(rest[..=WINDOW].iter().collect());
        rest = &rest[STEP..];
    }
    tokens.push(rest.iter().collect());
    tokens
}

fn pairs(kind: Kind, run: &[char]) -> Vec<String> {
    if kind == Kind::Sign || run.len() == 1 {
        return run.iter().map(ToString::to_string).collect();
    }
    run.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// Whether a slip in the word is forgiven.
pub(super) fn allows_a_slip(word: &str) -> bool {
    SLIPPABLE.contains(&word.chars().count())
        && word
            .chars()
            .all(|c| c.is_alphabetic() && Kind::of(c) == Kind::Letter)
}

/// The word without each of its characters in turn. Two words that are one
/// slip apart — a character too many, too few, changed, or two swapped — have
/// one of these in common, or one is among those of the other.
pub(super) fn shortened(word: &str) -> BTreeSet<String> {
    word.char_indices()
        .map(|(index, character)| {
            let mut shorter = word.to_owned();
            shorter.replace_range(index..index + character.len_utf8(), "");
            shorter
        })
        .collect()
}

/// Every ending of the token, the whole one first, or as much of it as is looked up;
/// what goes on in the next window is found by the endings of that.
pub(super) fn endings(token: &str) -> impl Iterator<Item = &str> {
    let count = match token.chars().count() {
        length if length > WINDOW => STEP,
        length => length,
    };
    token.char_indices().take(count).map(|(index, _)| {
        let ending = &token[index..];
        let end = ending.char_indices().nth(LOOKED_UP);
        end.map_or(ending, |(end, _)| &ending[..end])
    })
}

/// The number that stands for a token: it must never change, because the
/// database is full of them. Two tokens share one about never.
pub(crate) fn code(token: &str) -> i64 {
    let digest = Sha256::digest(token.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// The number that stands for a tag, and for those whose names differ from its name in
/// case only: people take them for one. As no token holds a blank, it is none of a
/// token.
pub(crate) fn code_of_tag(name: &str) -> i64 {
    code(&format!("tag {}", fold(name)))
}

/// The number that stands for a category, likewise.
pub(crate) fn code_of_category(name: &str) -> i64 {
    code(&format!("category {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(tokens: &BTreeSet<String>) -> String {
        tokens
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn words_pairs_and_signs() {
        assert_eq!(
            joined(&of_text("pytorch 2.1, a_b")),
            ", . 1 2 _ a b pytorch"
        );
        assert_eq!(
            joined(&of_text("机器学习 gpu训练")),
            "gpu 器学 学习 机器 训练"
        );
        assert_eq!(joined(&of_text("学")), "学");
        assert_eq!(joined(&of_text("  ")), "");
    }

    #[test]
    fn a_part_of_a_long_run_is_within_a_window() {
        let run: String = (0..150)
            .map(|i: u8| char::from(b'a' + i.wrapping_mul(7) % 26))
            .collect();
        let tokens = of_text(&run);
        for start in 0..=run.len() - LOOKED_UP {
            let part = &run[start..start + LOOKED_UP];
            let mut keys = tokens.iter().flat_map(|token| endings(token));
            assert!(keys.any(|key| key == part), "{part}");
        }
        let keys = tokens.iter().map(|token| endings(token).count());
        assert_eq!(keys.sum::<usize>(), run.len(), "one for each character");
    }

    #[test]
    fn folding_goes_by_character() {
        assert_eq!(fold("ΟΔΟΣ Größe"), fold("οδος GRÖßE"));
        assert!(fold("ΟΔΟΣΑ").starts_with(&fold("ΟΔΟΣ")));
    }

    proptest::proptest! {
        /// What a keyword is looked up by is a part of what the text is kept
        /// by: so nothing that holds the keyword is missed.
        #[test]
        fn no_part_of_a_text_is_missed(
            text in "([a-eA-E]{1,60}|[äΣßİ学習평]{1,4}|[%_'\" .-]|\\PC){0,12}",
            from in 0..80_usize,
            length in 1..70_usize,
        ) {
            let kept = of_text(&fold(&text));
            let part: String = text.chars().skip(from).take(length).collect();
            for word in fold(&part).split_whitespace() {
                for token in of_word(word) {
                    proptest::prop_assert!(kept.iter().flat_map(|k| endings(k)).any(|k| k.starts_with(&*token)), "{token:?} of {part:?}");
                }
            }
        }

        /// Words one slip apart share a key.
        #[test]
        fn a_slip_leaves_a_key_in_common(word in "[a-z]{4,12}", at in 0..12_usize, letter in "[a-z]", kind in 0..4) {
            let mut letters: Vec<char> = word.chars().collect();
            let (at, letter) = (at % letters.len(), letter.chars().next().unwrap_or('x'));
            match kind {
                0 => letters[at] = letter,
                1 => letters.insert(at, letter),
                2 => drop(letters.remove(at)),
                _ => letters.swap(at, at.saturating_sub(1)),
            }
            let other: String = letters.into_iter().collect();
            let (of_word, of_other) = (shortened(&word), shortened(&other));
            proptest::prop_assert!(
                !of_word.is_disjoint(&of_other) || of_word.contains(&other) || of_other.contains(&word)
            );
        }
    }

    #[test]
    fn codes_never_change() {
        let codes = [
            code("pytorch"),
            code_of_tag("pytorch"),
            code_of_category("pytorch"),
        ];
        assert_eq!(codes, CODES_OF_PYTORCH);
    }

    /// In the rows of every database.
    const CODES_OF_PYTORCH: [i64; 3] = [
        -1_695_220_008_723_414_097,
        -7_858_948_760_422_256_053,
        4_318_081_458_524_737_683,
    ];
}
