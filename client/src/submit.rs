use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use clap::Args;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::protocol::fill::{self, Choices, Job, Kind};
use shared::protocol::yaml::to_yaml;
use shared::protocol::{self, to_json, validate};
use shared::wire::Item;

use crate::connection::OpenPaiConnection;
use crate::error::Error;
use crate::files;
use crate::openpai::OpenPai;
use crate::server::{Server, item_path};
use crate::source::Source;
use crate::text;

/// What stands for the value of a secret where a job is shown.
const HIDDEN: &str = "******";

/// What to submit, and how.
#[derive(Args, Debug)]
pub struct SubmitOptions {
    /// The protocol: a file, `-` for standard input, or item:ID for an item of the marketplace
    #[arg(value_name = "FILE|item:ID")]
    source: Source,
    /// The job's name. Default: that of the item or protocol, and six characters that set it
    /// apart
    #[arg(long)]
    name: Option<String>,
    /// Where it runs. Default: what the protocol names, or `default`
    #[arg(long, value_name = "NAME")]
    virtual_cluster: Option<String>,
    /// The SKU of a task role; may be repeated
    #[arg(long = "sku", value_name = "ROLE=SKU")]
    skus: Vec<String>,
    /// The value of a parameter, of the kind of its default; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// A file with the value of a secret; may be repeated
    #[arg(long = "secret-file", value_name = "NAME=FILE")]
    secret_files: Vec<String>,
    /// A variable with the value of a secret; may be repeated
    #[arg(long = "secret-env", value_name = "NAME=VARIABLE")]
    secret_variables: Vec<String>,
    /// Print the job, its secrets hidden, and submit nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    openpai: OpenPaiConnection,
}

/// Submits a job, and prints its name; answers whether the protocol is valid.
///
/// # Errors
/// When a parameter or secret is unknown or missing, or the marketplace or OpenPAI does not
/// answer, or refuses.
pub async fn run(options: &SubmitOptions, out: &mut dyn Write) -> Result<bool, Error> {
    let openpai = (!options.dry_run)
        .then(|| options.openpai.server())
        .transpose()?;
    let (api, name, yaml) = read(options).await?;
    let report = validate(&yaml);
    let job = to_json(&yaml).ok().filter(|_| report.is_valid());
    let Some(Value::Object(mut job)) = job else {
        let errors: Vec<_> = report.errors().cloned().collect();
        if options.json {
            text::json(out, &json!({ "valid": false, "diagnostics": errors }))?;
            return Ok(false);
        }
        let source = text::line(&options.source.to_string());
        let shown = protocol::masked(&yaml, &errors);
        for error in &errors {
            write!(out, "{}", text::lines(&error.render(&source, &shown)))?;
        }
        return Ok(false);
    };
    let name = name.or_else(|| report.protocol.and_then(|protocol| protocol.name));
    let mut choices = choices(options, &job, name.as_deref()).map_err(Error::Usage)?;
    let Some(openpai) = openpai else {
        for (_, value) in &mut choices.secrets {
            HIDDEN.clone_into(value);
        }
        fill::apply(&mut job, &choices);
        let filled = fill::secrets(&job)
            .into_iter()
            .filter(|(_, has_value)| *has_value);
        choices.secrets = filled.map(|(path, _)| (path, HIDDEN.to_owned())).collect();
        fill::apply(&mut job, &choices);
        let job = Value::Object(job);
        if options.json {
            text::json(out, &job)?;
        } else {
            write!(out, "{}", text::lines(&to_yaml(&job)))?;
        }
        return Ok(true);
    };
    let openpai = OpenPai::sign_in(openpai).await?;
    if let (Some(api), Source::Item(item)) = (&api, &options.source) {
        // That counts as a use, and fills in what only the marketplace knows.
        let path = format!("{}/use", item_path(&item.id));
        job = api.send(api.request(Method::POST, &path)).await?.json()?;
    }
    fill::apply(&mut job, &choices);
    let protocol = to_yaml(&Value::Object(job));
    if protocol.len() > fill::MAX_JOB {
        let (size, most) = (protocol.len().div_ceil(1000), fill::MAX_JOB / 1000);
        return Err(Error::failed(format!(
            "the job has {size} kB, OpenPAI takes {most}"
        )));
    }
    let name = &choices.name;
    openpai.submit(name, protocol).await.map_err(|failure| {
        let hint = match failure.status {
            Some(StatusCode::CONFLICT) => ": give it another --name",
            Some(StatusCode::FORBIDDEN) => ": choose another --virtual-cluster",
            _ if failure.is_unknown() => ". Look at your jobs before you submit it once more",
            _ => "",
        };
        Error::failed(format!("{failure}{hint}"))
    })?;
    if options.json {
        let virtual_cluster = &choices.virtual_cluster;
        let report =
            json!({ "user": openpai.user, "name": name, "virtualCluster": virtual_cluster });
        text::json(out, &report)?;
    } else {
        writeln!(out, "{name}")?;
    }
    Ok(true)
}

/// The protocol; of an item also the marketplace and the name.
async fn read(options: &SubmitOptions) -> Result<(Option<Server>, Option<String>, String), Error> {
    let connection = &options.openpai.connection;
    match &options.source {
        Source::Item(address) if address.version.is_some() => Err(Error::usage(
            "the newest version is what is submitted; an older one by `marketplace show --protocol`, and as a file",
        )),
        Source::Item(address) => {
            let api = connection.marketplace()?;
            let item: Item = api.get(&item_path(&address.id)).await?;
            let warn = |what: &str, why: &str| {
                eprintln!("warning: {what}: {}", text::line(why));
            };
            if let Some(deprecation) = &item.deprecation {
                warn("the item is deprecated", &deprecation.reason);
            }
            if let Some(reason) = &item.withdrawn {
                warn("its newest version is withdrawn", reason);
            }
            Ok((Some(api), item.name, item.protocol.unwrap_or_default()))
        }
        file @ Source::File(_) => Ok((None, None, file.read(connection).await?)),
    }
}

/// What is decided of a job, which is called so where nothing else is said.
fn choices(options: &SubmitOptions, job: &Job, name: Option<&str>) -> anyhow::Result<Choices> {
    let name = match &options.name {
        Some(name) => name.clone(),
        None => fill::job_name(name.unwrap_or_default(), &suffix()),
    };
    ensure!(
        fill::is_job_name(&name),
        "--name is no name of a job: letters, digits, _ and - are, at most 255"
    );
    let own = job
        .get("defaults")
        .and_then(|defaults| defaults.get("virtualCluster")?.as_str());
    let virtual_cluster = options.virtual_cluster.as_deref().or(own);
    Ok(Choices {
        name,
        virtual_cluster: virtual_cluster.unwrap_or("default").to_owned(),
        skus: skus(&options.skus, job)?,
        parameters: parameters(&options.parameters, job)?,
        secrets: secrets(options, job)?,
        submit_from: fill::SUBMIT_FROM.to_owned(),
    })
}

fn skus(given: &[String], job: &Job) -> anyhow::Result<Vec<(String, String)>> {
    let roles = job.get("taskRoles").and_then(Value::as_object);
    let roles: Vec<&String> = roles.into_iter().flat_map(|roles| roles.keys()).collect();
    given
        .iter()
        .map(|text| {
            let (role, sku) = pair(text, "--sku")?;
            ensure!(
                roles.iter().any(|name| *name == role),
                "--sku: there is no task role `{role}`"
            );
            Ok((role.to_owned(), sku.to_owned()))
        })
        .collect()
}

fn parameters(given: &[String], job: &Job) -> anyhow::Result<Vec<(String, Value)>> {
    let known = fill::parameters(job);
    given
        .iter()
        .map(|text| {
            let (name, value) = pair(text, "--set")?;
            let Some(parameter) = known.iter().find(|parameter| parameter.name == name) else {
                let names: Vec<_> = known.iter().map(|one| one.name.as_str()).collect();
                bail!(
                    "--set: there is no parameter `{name}`, but: {}",
                    names.join(", ")
                );
            };
            let value = parameter.kind.read(value).with_context(|| {
                let wanted = match parameter.kind {
                    Kind::Switch => "true or false",
                    Kind::Whole => "a whole number",
                    Kind::Number => "a number",
                    Kind::Text => "text",
                    Kind::Json => "a list or a mapping, as JSON",
                };
                format!("--set: `{name}` has to be {wanted}")
            })?;
            Ok((name.to_owned(), value))
        })
        .collect()
}

/// Values of secrets: none is in an error.
fn secrets(options: &SubmitOptions, job: &Job) -> anyhow::Result<Vec<(String, String)>> {
    let wanted = fill::secrets(job);
    let check = |name: &str, flag: &str| {
        let is_known = wanted.iter().any(|(known, _)| known == name);
        ensure!(is_known, "{flag}: the job names no secret `{name}`");
        Ok(())
    };
    let mut secrets = Vec::new();
    for text in &options.secret_files {
        let (name, file) = pair(text, "--secret-file")?;
        check(name, "--secret-file")?;
        secrets.push((name.to_owned(), files::read_secret(Path::new(file))?));
    }
    for text in &options.secret_variables {
        let (name, variable) = pair(text, "--secret-env")?;
        check(name, "--secret-env")?;
        let value = env::var(variable).ok().filter(|value| !value.is_empty());
        let value = value.with_context(|| format!("--secret-env: {variable} is not set"))?;
        secrets.push((name.to_owned(), value));
    }
    let is_missing = |(name, has_value): &&(String, bool)| {
        !has_value && secrets.iter().all(|(given, _)| given != name)
    };
    let missing: Vec<_> = wanted
        .iter()
        .filter(is_missing)
        .map(|(name, _)| &**name)
        .collect();
    ensure!(
        options.dry_run || missing.is_empty(),
        "the job needs the secrets {}: give --secret-file NAME=FILE or --secret-env NAME=VARIABLE for each",
        missing.join(", ")
    );
    Ok(secrets)
}

fn pair<'t>(text: &'t str, flag: &str) -> anyhow::Result<(&'t str, &'t str)> {
    text.split_once('=')
        .with_context(|| format!("{flag} wants a name, `=`, and what it is to be"))
}

/// Six letters that set a job's name apart from those of its like.
fn suffix() -> String {
    // Its keys are random.
    let number = RandomState::new().hash_one(());
    format!("{:06x}", number & 0xff_ffff)
}
