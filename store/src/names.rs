//! What names may hold, and which of them look the same.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// Why a name cannot be read by people, in words that follow its field's name.
pub fn fault(name: &str) -> Option<String> {
    let code = |c: char| format!("U+{:04X}", u32::from(c));
    if let Some(c) = name.chars().find(|c| c.is_control() || is_separator(*c)) {
        return Some(format!(
            "holds the control character {}; leave it out",
            code(c)
        ));
    }
    if let Some(c) = name.chars().find(|c| turns_direction(*c)) {
        return Some(format!(
            "holds {}, which changes the order in which the characters around it are shown; leave it out",
            code(c)
        ));
    }
    (!name.chars().any(|c| !is_invisible(c) && !c.is_whitespace()))
        .then(|| "has no character that can be seen".to_owned())
}

/// Ends of lines and paragraphs beyond those of ASCII, and what annotates text.
fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
}

/// Embeddings, overrides and isolates (Unicode Standard Annex 9). The marks for left
/// and right are not among them: names of two scripts need those.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without a shape of their own: those with the property
/// `Default_Ignorable_Code_Point`, and the pattern of Braille without dots. Many have a
/// use inside a name, such as the joiners of emoji and of Indic scripts.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Two keys of how a name looks: names that share either one are easily taken for each
/// other. One is the skeleton (Unicode Technical Standard 39) of the name in small
/// letters, the other one the name's skeleton in small letters: only the first knows
/// `I` for `i`, only the second `0` for `o`.
pub fn looks(name: &str) -> [String; 2] {
    if name.is_ascii() {
        return ascii_looks(name);
    }
    let visible: String = name.nfkc().filter(|c| !is_invisible(*c)).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let text = words.join(" ");
    [
        skeleton(&text.to_lowercase()).collect(),
        skeleton(&text).collect::<String>().to_lowercase(),
    ]
}

/// The same, faster: nearly all names are like that, and a list has thousands.
fn ascii_looks(name: &str) -> [String; 2] {
    static LOOKS: LazyLock<Vec<[String; 2]>> = LazyLock::new(|| {
        let of = |c: char| {
            let small = c.to_ascii_lowercase().to_string();
            let looks: String = skeleton(&c.to_string()).collect();
            [skeleton(&small).collect(), looks.to_lowercase()]
        };
        ('\0'..='\x7f').map(of).collect()
    });
    let mut keys = [
        String::with_capacity(name.len()),
        String::with_capacity(name.len()),
    ];
    for (index, word) in name.split_ascii_whitespace().enumerate() {
        for (which, key) in keys.iter_mut().enumerate() {
            if index > 0 {
                key.push(' ');
            }
            for byte in word.bytes() {
                key.push_str(&LOOKS[usize::from(byte)][which]);
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_can_read_pass() {
        for name in [
            "PyTorch",
            "图像分类",
            "👩‍👩‍👧 family",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "क्‍ष",
            "می‌خواهم",
            "שלום\u{200e} (1)",
            "e\u{301}",
            "a\u{a0}b",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_nobody_can_read_do_not() {
        for (name, part) in [
            ("", "can be seen"),
            (" \u{a0}\u{3000}", "can be seen"),
            ("\u{200b}\u{200d}\u{feff}", "can be seen"),
            ("\u{3164}\u{2800}\u{115f}", "can be seen"),
            ("a\nb", "U+000A"),
            ("a\tb", "U+0009"),
            ("a\u{7f}", "U+007F"),
            ("a\u{85}b", "U+0085"),
            ("a\u{2028}b", "U+2028"),
            ("a\u{202e}b", "U+202E"),
            ("a\u{2066}b", "U+2066"),
        ] {
            let fault = fault(name).unwrap_or_default();
            assert!(fault.contains(part), "{name:?}: {fault}");
        }
    }

    #[test]
    fn names_that_look_the_same_share_a_key() {
        let alike = |a: &str, b: &str| {
            let (a, b) = (looks(a), looks(b));
            a.iter().any(|key| b.contains(key))
        };
        for other in [
            "PyTorch DDP",
            "pytorch ddp",
            "PYTORCH  DDP ",
            "PyT0rch DDP",
            "РyТоrсh DDP",
            "PyTorch\u{200b} D\u{ad}DP",
            "ＰｙＴｏｒｃｈ\u{a0}DDP",
            "𝐏𝐲𝐓𝐨𝐫𝐜𝐡 DDP",
        ] {
            assert!(alike("PyTorch DDP", other), "{other}");
        }
        for other in ["PyTorch DDP 2", "PyTorch", "TensorFlow", "", "图像分类"] {
            assert!(!alike("PyTorch DDP", other), "{other}");
        }
    }

    #[test]
    fn both_ways_to_the_keys_agree() {
        let all: String = ('\u{20}'..'\u{7f}').collect();
        let text = format!("{all} {all}");
        let [small, skeletons] = ascii_looks(&text);
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let of = |text: &str| skeleton(text).collect::<String>();
        assert_eq!(small, of(&text.to_lowercase()));
        assert_eq!(skeletons, of(&text).to_lowercase());
    }
}
