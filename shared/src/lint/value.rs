//! What a value is made of: whether it may be a secret at all.

/// Words that stand where a secret would, in texts that explain.
const STAND_INS: [&str; 18] = [
    "xxx",
    "***",
    "...",
    "…",
    "your",
    "example",
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "dummy",
    "redacted",
    "sample",
    "todo",
    "insert",
    "replace",
    "fake",
    "secret_here",
];

/// The key of Azure's storage emulator, which is the same everywhere.
const EMULATOR: &str = "Eby8vdM02xNOcqFl";

/// Whether a value only stands for one: a variable, a placeholder, an expression,
/// or a word that says so.
pub(super) fn is_stand_in(value: &str) -> bool {
    let bytes = value.as_bytes();
    let expands = |(index, byte): (usize, &u8)| {
        let next = bytes.get(index + 1).copied().unwrap_or_default();
        match byte {
            b'$' => next.is_ascii_alphabetic() || matches!(next, b'_' | b'{' | b'('),
            b'%' => next.is_ascii_alphabetic() && bytes[index + 1..].contains(&b'%'),
            b'`' | b'<' | b'>' => true,
            b'{' => next == b'{' || bytes.contains(&b'}'),
            _ => false,
        }
    };
    if bytes.iter().enumerate().any(expands) || value.starts_with(EMULATOR) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    STAND_INS.iter().any(|word| lower.contains(word))
}

/// The bits of information that a byte has, after how often each occurs.
#[expect(clippy::cast_precision_loss, reason = "lengths of words")]
pub(super) fn entropy(value: &str) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f32;
    let bits = |count: &u32| {
        let part = *count as f32 / length;
        -part * part.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

/// The least entropy of a secret.
const LEAST_BITS: f32 = 3.0;

/// Whether the part of a token behind its prefix was made by chance.
pub(super) fn is_random(body: &str) -> bool {
    entropy(body) >= LEAST_BITS && longest_row(body) < 6 && !is_stand_in(body)
}

/// The longest row of neighbours in the alphabet or among digits: `abcdef`, `987654`.
fn longest_row(value: &str) -> usize {
    let bytes = value.as_bytes();
    let (mut longest, mut up, mut down) = (1, 1, 1);
    for pair in bytes.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        up = if second == first.wrapping_add(1) {
            up + 1
        } else {
            1
        };
        down = if first == second.wrapping_add(1) {
            down + 1
        } else {
            1
        };
        longest = longest.max(up).max(down);
    }
    longest
}

/// Whether a value without a known format can be a token: long, of letters and
/// digits in no order. Names of models and files, paths and numbers are none.
pub(super) fn is_token(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_.~:%-".contains(&byte);
    if value.len() < 16
        || !value.bytes().all(is_part)
        || value.starts_with(['/', '.', '~', '-'])
        || value.contains("://")
        || longest_row(value) > value.len() / 2
        || entropy(value) < LEAST_BITS
        || is_stand_in(value)
    {
        return false;
    }
    // A digest says what it is of.
    if value.starts_with("sha") && value.contains(':') {
        return false;
    }
    class_changes(value) >= (value.len() / 8).max(3)
}

/// How often a letter is followed by a digit, a small letter by a large one, and
/// so on.
fn class_changes(value: &str) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => 2,
        b'A'..=b'Z' => 3,
        _ => 0,
    };
    let is_change = |pair: &&[u8]| {
        let (first, second) = (class(pair[0]), class(pair[1]));
        // `Word` begins with a large letter.
        first != second && first != 0 && second != 0 && (first, second) != (3, 2)
    };
    value.as_bytes().windows(2).filter(is_change).count()
}

/// Whether a value can be a password that somebody chose: not a word, not an
/// expression of a program.
pub(super) fn is_password(value: &str) -> bool {
    if !(8..=200).contains(&value.len()) {
        return false;
    }
    let letters = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    let others = value
        .bytes()
        .any(|byte| byte.is_ascii_digit() || b"!@#^*?+~&%".contains(&byte));
    letters
        && others
        && !value.contains(char::is_whitespace)
        && !value.contains(['(', '[', ')', ']'])
        && !value.starts_with(['/', '.', '~', '-'])
        && !value.contains("://")
        && longest_row(value) <= value.len() / 2
        && entropy(value) >= LEAST_BITS
        && !is_stand_in(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for text in [
            "$TOKEN",
            "${TOKEN}",
            "a$(cat token)",
            "<% $secrets.x %>",
            "<your token>",
            "xxxxxxxx",
            "********",
            "%TOKEN%",
            "{{ token }}",
            "YOUR_TOKEN",
            "`cat x`",
            "AKIAEXAMPLE",
        ] {
            assert!(is_stand_in(text), "{text}");
        }
        for text in ["p@$5w0rd", "a%2Bb", "q7Zt"] {
            assert!(!is_stand_in(text), "{text}");
        }
    }

    #[test]
    fn chance_is_told_from_words() {
        for text in [
            "4f8a1c09e7d24b6fa3d5",
            "dG9rZW4gb2Yg9xQ2pL0a",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert!(is_token(text), "{text}");
        }
        for text in [
            "bert-base-uncased-finetuned-sst-2-english",
            "/mnt/nfs/token-2024-01",
            "16777216000000000",
            "tokenizer.encode",
            "my_token_name_for_2024",
            "Qwen2.5-7B-Instruct-AWQ",
            "Meta-Llama-3-8B-Instruct",
            "sha256:4f8a1c09e7d24b6fa3d5",
            "short1A",
            "0123456789abcdef",
        ] {
            assert!(!is_token(text), "{text}");
        }
        assert!(is_password("Tr0ub4dor&3x") && is_password("b7!kfpqz"));
        for text in [
            "password",
            "getpass()",
            "hunter2",
            "args.password",
            "12345678",
            "aaaa1111",
        ] {
            assert!(!is_password(text), "{text}");
        }
    }
}
