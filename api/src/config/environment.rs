//! What is the same for every setting of every subcommand: an empty variable is one
//! that is not set, and no value is ever shown, because any of them may hold a secret
//! by mistake.

use std::env;
use std::error::Error as _;
use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

/// Sets what `.env` in the current folder, or in one above, sets and the environment
/// does not. Answers what is wrong with lines that were left out, without their values.
///
/// # Errors
/// When there is such a file and it cannot be read.
pub fn load_file() -> Result<Vec<String>, String> {
    let lines = match dotenvy::dotenv_iter() {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(Vec::new()),
        Err(error) => return Err(explain_line(&error)),
    };
    let mut wrong = Vec::new();
    let mut settings = String::new();
    for line in lines {
        match line {
            Ok((name, value)) if env::var_os(&name).is_none_or(|set| is_blank(&set)) => {
                // In quotes that take everything as it is but themselves.
                let value = value.replace('\'', r#"'"'"'"#);
                settings.extend([&*name, "='", &value, "'\n"]);
            }
            Ok(_) => {}
            Err(error @ dotenvy::Error::LineParse(..)) => wrong.push(explain_line(&error)),
            Err(error) => return Err(explain_line(&error)),
        }
    }
    // Overrides, so that it wins over variables that are there and empty.
    dotenvy::from_read_override(settings.as_bytes()).map_err(|error| explain_line(&error))?;
    Ok(wrong)
}

/// The library's own words hold the whole line, which may be a secret.
fn explain_line(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(line, _) => {
            let name = line.split('=').next().unwrap_or_default().trim();
            let is_name = |text: &str| {
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            };
            let whose = if is_name(name) && line.contains('=') {
                name
            } else {
                "a setting"
            };
            format!("the line of {whose} cannot be understood; put single quotes around the value")
        }
        other => other.to_string(),
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
