//! `docs/admin/settings.md` is made of the commands' own help. After a change:
//! `UPDATE=1 cargo test -p marketplace-api --test operations settings_page`.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use clap::{Arg, Args, Command};
use marketplace_api::bundle::export::ExportOptions;
use marketplace_api::bundle::import::ImportOptions;
use marketplace_api::config::environment::IGNORED;
use marketplace_api::config::{ApiOptions, WebportalOptions};
use marketplace_api::health::HealthOptions;
use marketplace_api::migrate::MigrateOptions;

/// Every command that servers and admins run, with what it is for.
fn commands() -> [(Command, &'static str); 6] {
    [
        (
            ApiOptions::augment_args(Command::new("api")),
            "The REST API.",
        ),
        (
            WebportalOptions::augment_args(Command::new("webportal")),
            "The file server of the plugin.",
        ),
        (
            MigrateOptions::augment_args(Command::new("migrate")),
            "Carries a database of the first marketplace over.",
        ),
        (
            ExportOptions::augment_args(Command::new("export")),
            "Writes the whole catalogue, or the official templates, into a file.",
        ),
        (
            ImportOptions::augment_args(Command::new("import")),
            "Reads such a file into a catalogue.",
        ),
        (
            HealthOptions::augment_args(Command::new("health")),
            "Asks a server on this machine how it is.",
        ),
    ]
}

const BEGIN: &str = "\
# Settings

<!-- Made of the commands' help: `UPDATE=1 cargo test -p marketplace-api --test operations settings_page`. -->

Every setting is a flag or an environment variable. Flags win over variables, and these over a `.env` file in the folder in
which the command is started. A variable that is empty, or nothing but blanks, counts as not set. No value is ever printed.

A line of `.env` is `NAME=VALUE`. Blanks around both are removed, and then quotes around the value; in double quotes `\\n` is
a new line. All else is as it is written: `$`, `\\`, quotes and `#` inside the value, JSON without quotes. A line that begins with
`#` is a comment; a line that is something else is left out alone, with a warning that has its number.

Commands that call a marketplace ([from a shell](../user/shell.md)) do not read `.env`: the folder may be a repository of somebody
else's, which must not say where a token is sent.
";

/// What libraries read by themselves. The tests of authorities of one's own hold it.
const OTHERS: &str = "
## Variables that are no settings of ours

They have no flag; `.env` may set them too.

| variable | what it does |
|---|---|
| `SSL_CERT_FILE` | PEM file with the certificates of the authorities that `IDP_URL` with `https://` may be signed by, in place of the system's |
| `SSL_CERT_DIR` | the same for a folder of such files |
| `PGSSLMODE` | `disable`, `allow`, `prefer` (the default), `require`, `verify-ca` or `verify-full`: how the connection to PostgreSQL is encrypted. `?sslmode=` of `DATABASE_URL` wins |
| `PGSSLROOTCERT` | PEM file with the certificate of the authority that PostgreSQL's certificate is signed by, for `verify-ca` and `verify-full`; `?sslrootcert=` wins |
| `PGSSLCERT`, `PGSSLKEY` | PEM files with the certificate and the key by which the API shows PostgreSQL who it is; `?sslcert=` and `?sslkey=` win |
";

fn page() -> String {
    let mut page = BEGIN.to_owned();
    for (command, about) in commands() {
        write!(page, "\n## marketplace {}\n\n{about}\n", command.get_name()).unwrap();
        let mut headings: Vec<&str> = Vec::new();
        for arg in command.get_arguments() {
            let heading = heading(arg);
            if !headings.contains(&heading) {
                headings.push(heading);
            }
        }
        for wanted in headings {
            write!(
                page,
                "\n### {wanted}\n\n| flag | variable | default | what it does |\n|---|---|---|---|\n"
            )
            .unwrap();
            for arg in command.get_arguments().filter(|arg| heading(arg) == wanted) {
                page.push_str(&row(arg));
            }
        }
    }
    page.push_str(OTHERS);
    let ignored = IGNORED.map(|name| format!("`{name}`")).join(", ");
    writeln!(
        page,
        "| {ignored} | nothing: they belong to the first marketplace, and the log says that they are ignored |"
    )
    .unwrap();
    page
}

fn heading(arg: &Arg) -> &str {
    arg.get_help_heading().unwrap_or("General")
}

fn row(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default();
    let value = values.first().map_or("", |name| name.as_str());
    let takes_value = arg.get_action().takes_values();
    let flag = match (arg.get_long(), takes_value) {
        (Some(flag), true) => format!("`--{flag} {value}`"),
        (Some(flag), false) => format!("`--{flag}`"),
        (None, _) => format!("`{value}`"),
    };
    let variable = arg.get_env().and_then(|name| name.to_str());
    let variable = variable.map_or("–".to_owned(), |name| format!("`{name}`"));
    let default = arg.get_default_values().first();
    let default = match default.and_then(|value| value.to_str()) {
        Some(value) if takes_value && !value.is_empty() => format!("`{value}`"),
        _ => "–".to_owned(),
    };
    let help = arg.get_long_help().or(arg.get_help()).unwrap();
    let mut help = help.to_string().replace('\n', " ").replace('|', "\\|");
    let words = arg.get_possible_values();
    if takes_value && words.iter().any(|word| word.get_help().is_some()) {
        let words: Vec<_> = words
            .iter()
            .map(|word| format!("`{}`", word.get_name()))
            .collect();
        write!(help, ": {}", words.join(", ")).unwrap();
    }
    format!("| {flag} | {variable} | {default} | {help} |\n")
}

#[test]
fn the_page_of_settings_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/admin/settings.md");
    let page = page();
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &page).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == page,
        "docs/admin/settings.md is not what the commands say: run `UPDATE=1 cargo test -p marketplace-api --test \
         operations settings_page`"
    );
}
