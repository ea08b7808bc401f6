//! What a name says of its value: `DB_PASSWORD`, `apiKey`, `--auth-token`.

/// What the value of a name is, if it is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Something that people choose.
    Password,
    /// Something that a service hands out.
    Token,
    /// The secret half of a key pair of AWS.
    AwsSecret,
}

/// What makes a `key` a secret one.
const SECRET_KEYS: [&str; 27] = [
    "api",
    "access",
    "account",
    "secret",
    "private",
    "auth",
    "storage",
    "encryption",
    "signing",
    "master",
    "admin",
    "service",
    "subscription",
    "license",
    "client",
    "app",
    "deploy",
    "wandb",
    "kaggle",
    "openai",
    "comet",
    "neptune",
    "aws",
    "azure",
    "ngc",
    "hf",
    "swanlab",
];

/// What the value of that name is, if it is a secret.
pub(super) fn meaning(name: &str) -> Option<Named> {
    // Nearly all names are told apart by that, without taking them to pieces.
    if !may_be_secret(last_word(name)) {
        return None;
    }
    let words = words(name);
    let last = words.last()?.as_str();
    let before = words
        .len()
        .checked_sub(2)
        .map(|index| words[index].as_str());
    let has = |word: &str| words.iter().any(|found| found == word);
    match last {
        // `PGPASSWORD` is one word.
        _ if last.ends_with("password") || last.ends_with("passwd") => Some(Named::Password),
        "passphrase" | "pwd" | "pass" | "pw" | "passwort" => Some(Named::Password),
        "apikey" | "accesskey" | "secretkey" | "accountkey" | "authkey" | "authtoken"
        | "apitoken" | "accesstoken" | "privatekey" | "secret" | "credential" | "pat" => {
            Some(Named::Token)
        }
        "token"
            if !matches!(
                before,
                Some(
                    "pad"
                        | "eos"
                        | "bos"
                        | "unk"
                        | "mask"
                        | "sep"
                        | "cls"
                        | "special"
                        | "next"
                        | "stop"
                        | "per"
                        | "image"
                )
            ) =>
        {
            Some(Named::Token)
        }
        "key" if before.is_some_and(|before| SECRET_KEYS.contains(&before)) => {
            let is_awss = has("aws") && has("secret");
            Some(if is_awss {
                Named::AwsSecret
            } else {
                Named::Token
            })
        }
        _ => None,
    }
}

/// What the last words of all names end with that [`meaning`] knows.
const LAST_WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "pw",
    "passwort",
    "key",
    "token",
    "secret",
    "credential",
    "pat",
];

/// Whether the last word of a name, as it is written, may make it a secret one.
fn may_be_secret(word: &str) -> bool {
    let word = word.as_bytes();
    LAST_WORDS.iter().any(|known| {
        let start = word.len().checked_sub(known.len());
        start.is_some_and(|start| word[start..].eq_ignore_ascii_case(known.as_bytes()))
    })
}

/// The last of [`words`], as it is written.
fn last_word(name: &str) -> &str {
    let bytes = name.as_bytes();
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    let Some(last) = bytes.iter().rposition(is_letter) else {
        return "";
    };
    let mut start = last;
    while start > 0
        && bytes[start - 1].is_ascii_alphabetic()
        && !(bytes[start].is_ascii_uppercase() && bytes[start - 1].is_ascii_lowercase())
    {
        start -= 1;
    }
    &name[start..=last]
}

/// The words of a name in small letters: `MY_apiKey-2` is `my`, `api`, `key`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() || letter.is_ascii_digit() {
            words.push(String::new());
            was_small = false;
            continue;
        }
        if letter.is_ascii_uppercase() && was_small {
            words.push(String::new());
        }
        was_small = letter.is_ascii_lowercase();
        if let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A flat name for a secret that was found under that one: the portal knows no
/// others.
pub(super) fn flat(name: &str) -> String {
    words(name).join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_their_values_are() {
        for name in [
            "DB_PASSWORD",
            "password",
            "mysqlPwd",
            "--sudo-pass",
            "REDIS_PASSWORD_2",
        ] {
            assert_eq!(meaning(name), Some(Named::Password), "{name}");
        }
        for name in [
            "HF_TOKEN",
            "apiKey",
            "api-key",
            "WANDB_API_KEY",
            "x-api-key",
            "client_secret",
            "authToken",
        ] {
            assert_eq!(meaning(name), Some(Named::Token), "{name}");
        }
        assert_eq!(meaning("AWS_SECRET_ACCESS_KEY"), Some(Named::AwsSecret));
        for name in [
            "max_tokens",
            "pad_token",
            "tokenizer",
            "cache_key",
            "primary_key",
            "public_key",
            "key",
            "compass",
            "password_file",
            "token_id",
            "secret_name",
            "",
        ] {
            assert_eq!(meaning(name), None, "{name}");
        }
        assert_eq!(flat("--My.apiKey"), "my_api_key");
        for name in [
            "--My.apiKey",
            "DB_PASSWORD_2",
            "a",
            "HTTPServer",
            "é_Token",
            "12",
            "",
        ] {
            let last = words(name).pop().unwrap_or_default();
            assert_eq!(last_word(name).to_ascii_lowercase(), last, "{name}");
        }
    }
}
