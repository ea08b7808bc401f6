//! Small things about texts.

use shared::protocol::Position;

use crate::messages;

/// The name to show: old rows hold nulls.
pub(crate) fn name_or_untitled(name: Option<&str>) -> String {
    name.filter(|name| !name.trim().is_empty())
        .unwrap_or(messages::common::untitled())
        .to_owned()
}

/// Where a position lies in a text area, whose offsets count UTF-16 units.
/// What lies past the end is the end.
pub(crate) fn utf16_offset(text: &str, position: Position) -> u32 {
    let line = position.line.saturating_sub(1) as usize;
    let column = position.column.saturating_sub(1) as usize;
    let mut units = 0;
    for (number, content) in text.split_inclusive('\n').enumerate() {
        if number == line {
            let end = content.trim_end_matches(['\n', '\r']);
            return units + end.chars().take(column).map(utf16_len).sum::<u32>();
        }
        units += content.chars().map(utf16_len).sum::<u32>();
    }
    units
}

fn utf16_len(char: char) -> u32 {
    if char.len_utf16() == 1 { 1 } else { 2 }
}

/// A text of anybody's, fit for the inside of an element or an attribute in quotes.
/// (What only shows is small as HTML: a view of its own is half a kB of wasm.)
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}

/// So many MiB, which OpenPAI calls MB, as people count memory: "32 GiB", "1.5 GiB",
/// "512 MiB".
pub(crate) fn memory(mib: i64) -> String {
    if mib < 1024 {
        return format!("{} MiB", messages::amount(mib));
    }
    // Rounded to a tenth, for nobody reads more, but never to the next whole number.
    let tenths = ((mib % 1024 * 10 + 512) / 1024).min(9);
    #[allow(clippy::cast_precision_loss, reason = "no memory is that large")]
    let gib = (mib / 1024) as f64 + tenths as f64 / 10.0;
    format!("{} GiB", messages::decimal(gib))
}

/// A name fit for a downloaded file.
pub(crate) fn file_name(name: &str, extension: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let stem: String = name.chars().take(100).map(safe).collect();
    let stem = stem.trim_matches(['.', '_']);
    format!(
        "{}.{extension}",
        if stem.is_empty() { "protocol" } else { stem }
    )
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn offsets_count_as_the_browser_does() {
        let text = "a: 😀b\r\nc: d\n";
        let at = |line, column| utf16_offset(text, Position { line, column });
        assert_eq!(at(1, 1), 0);
        assert_eq!(at(1, 5), 5);
        assert_eq!(at(1, 99), 6);
        assert_eq!(at(2, 4), 11);
        assert_eq!(at(9, 9), 13);
    }

    #[wasm_bindgen_test]
    fn what_people_write_is_no_markup() {
        assert_eq!(
            escaped("<b a=\"'\">&amp;"),
            "&lt;b a=&quot;&#39;&quot;&gt;&amp;amp;"
        );
    }

    #[wasm_bindgen_test]
    fn memory_is_told_in_the_unit_people_think_in() {
        for (mib, told) in [
            (512, "512 MiB"),
            (1024, "1 GiB"),
            (1536, "1.5 GiB"),
            (32768, "32 GiB"),
            (33000, "32.2 GiB"),
            (2047, "1.9 GiB"),
            (1_500_000, "1,464.8 GiB"),
        ] {
            assert_eq!(memory(mib), told);
        }
    }

    #[wasm_bindgen_test]
    fn names_are_never_empty() {
        assert_eq!(name_or_untitled(None), "(untitled)");
        assert_eq!(name_or_untitled(Some(" ")), "(untitled)");
        assert_eq!(name_or_untitled(Some("x")), "x");
        assert_eq!(file_name("../a b", "yaml"), "a_b.yaml");
        assert_eq!(file_name("???", "yaml"), "protocol.yaml");
    }
}
