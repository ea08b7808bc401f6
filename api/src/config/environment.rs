//! What is the same for every setting of every subcommand: an empty variable is one
//! that is not set, and no value is ever shown, because any of them may hold a secret
//! by mistake.

use std::env;
use std::error::Error as _;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::dotenv::{self, Settings};

/// The most bytes of a `.env` file: settings are some kilobytes.
const MAX_FILE: u64 = 1 << 20;

/// Settings of the first marketplace (docs/contract.md#5-deployment) that mean nothing here:
/// templates and `.env` files go on passing them.
pub const IGNORED: [&str; 2] = ["NODE_ENV", "NPM_INSTALL_TOKEN"];

/// Sets what `.env` in the current folder sets and the environment does not. Answers
/// what is wrong with lines that were left out, without their values.
///
/// # Errors
/// When there is such a file and it cannot be read.
pub fn load_file() -> Result<Vec<String>, String> {
    let mut file = Vec::new();
    match File::open(".env").and_then(|open| open.take(MAX_FILE + 1).read_to_end(&mut file)) {
        Ok(length) if length as u64 > MAX_FILE => {
            return Err(format!("it is larger than {MAX_FILE} bytes"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    }
    let Settings { values, wrong } = dotenv::read(&file);
    let unset = |name: &str| env::var_os(name).is_none_or(|set| is_blank(&set));
    let mut lines = String::new();
    for (name, value) in &values {
        if is_settable(name) && unset(name) {
            lines.extend([name, "=\"", &*escape(value), "\"\n"]);
        }
    }
    // Setting a variable is not safe once there are threads; this crate does it for us.
    // It overrides, so that it wins over variables that are there and empty.
    dotenvy::from_read_override(lines.as_bytes())
        .map_err(|_| "its settings cannot be set".to_owned())?;
    Ok(wrong)
}

/// Whether dotenvy can set it; no setting has any other name.
fn is_settable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !name.contains('-')
}

/// A value as dotenvy wants it in double quotes.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\\' | '"' | '$' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Tells the log which settings are there that belong to the first marketplace.
pub fn warn_of_ignored() {
    let set = IGNORED
        .into_iter()
        .filter(|name| env::var_os(name).is_some_and(|value| !is_blank(&value)));
    let settings = set.collect::<Vec<_>>().join(", ");
    if !settings.is_empty() {
        tracing::info!(
            settings,
            "settings of the first marketplace are not needed and ignored"
        );
    }
}

/// Makes every subcommand take empty variables for ones that are not set, and show no
/// values in its help.
pub fn prepare(command: Command) -> Command {
    command.mut_subcommands(|command| {
        command.mut_args(|arg| match arg.get_env() {
            Some(name) if env::var_os(name).is_some_and(|set| is_blank(&set)) => {
                arg.env(None::<&'static str>)
            }
            _ => arg.hide_env_values(true),
        })
    })
}

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}

/// What to print for a command line that clap refuses, where its own words would show
/// a value.
pub fn explain(command: &Command, error: &clap::Error) -> Option<String> {
    let ContextValue::String(value) = error.get(ContextKind::InvalidValue)? else {
        return None;
    };
    let shown = error.get(ContextKind::InvalidArg)?.to_string();
    let flag = shown
        .trim_start_matches("--")
        .split([' ', '[', '='])
        .next()?;
    let setting = command
        .get_subcommands()
        .flat_map(Command::get_arguments)
        .find(|arg| arg.get_long() == Some(flag))
        .map_or_else(|| shown.clone(), name);
    let what = match (error.kind(), error.get(ContextKind::ValidValue)) {
        (_, Some(ContextValue::Strings(words))) if !words.is_empty() => {
            format!("the value is not one of: {}", words.join(", "))
        }
        (ErrorKind::InvalidValue, _) if value.is_empty() => "a value is missing".to_owned(),
        _ => error
            .source()
            .map(ToString::to_string)
            .and_then(|text| without(&text, value))
            .unwrap_or_else(|| "the value does not fit".to_owned()),
    };
    Some(format!("{setting}: {what}"))
}

/// A parser's words without the value that it was given.
fn without(text: &str, value: &str) -> Option<String> {
    match text.strip_prefix(value) {
        Some(rest) if !value.is_empty() => Some(format!("the value{rest}")),
        _ => (!text.contains(value)).then(|| text.to_owned()),
    }
}

/// Both names of a setting that has a flag.
fn name(arg: &Arg) -> String {
    let flag = arg.get_long().unwrap_or_default();
    match arg.get_env().and_then(OsStr::to_str) {
        Some(variable) => format!("{variable} (--{flag})"),
        None => format!("--{flag}"),
    }
}

/// A parser of whole numbers whose words do not hold what it was given.
pub(crate) fn number<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + std::fmt::Display + Clone,
{
    move |text| {
        text.trim()
            .parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (from, to) = (range.start(), range.end());
                format!("write a whole number from {from} to {to}")
            })
    }
}

/// The same for a time of so many seconds.
pub(crate) fn seconds(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    let number = number(range);
    move |text| number(text).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_value_gets_into_the_environment_as_it_is() {
        for value in [
            "",
            " a b ",
            "a#b # c",
            r"back\slash\",
            r#"{\"k\": ["v\"]}"#,
            "it's \"quoted\"",
            "$HOME ${HOME} $",
            "two\nlines\n",
            "`ls` = ! \u{feff}\u{fc}\t",
        ] {
            let line = format!("NAME=\"{}\"\n", escape(value));
            let read: Vec<_> = dotenvy::from_read_iter(line.as_bytes()).collect();
            let [Ok((name, found))] = &read[..] else {
                panic!("{value:?}: {read:?}")
            };
            assert_eq!((&**name, &**found), ("NAME", value));
        }
    }
}
