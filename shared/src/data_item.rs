//! A data item made of a title and an address: the job that fetches the data.

use serde_json::{Value, json};

use crate::protocol::fill::job_name;
use crate::protocol::yaml::to_yaml;
use crate::wire::DataType;

/// Where data lies, as far as its address tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address as the item has it.
    pub url: String,
    /// GitHub, Azure Blob storage, or any other server.
    pub kind: Option<DataType>,
    /// Where a browser gets the data as one file, if it is one.
    pub file: Option<String>,
    source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// A repository to clone, and a branch or tag other than the default one.
    Repository(String, Option<String>),
    /// One file.
    File,
}

/// Why an address cannot be that of a data item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It does not begin with `https://` or `http://`, or names no server.
    NotWeb,
    /// It holds a blank, a quote or another letter that means something to a shell.
    Letters,
    /// It holds a password or a key, which everybody could read.
    Secret,
}

/// The image with `curl` and `git` that fetches the data.
const IMAGE: &str = "buildpack-deps:bookworm-scm";

/// Parts of an address that are keys to a storage: the signatures of Azure's shared
/// access, Amazon's and Google's.
const KEYS: [&str; 4] = ["sig", "x-amz-signature", "x-goog-signature", "access_token"];

/// Finds out what lies at an address.
///
/// # Errors
/// Why no data item can be made of it.
pub fn place(address: &str) -> Result<Place, Problem> {
    let address = address.trim();
    let address = match address.strip_prefix("git@github.com:") {
        Some(repository) => format!("https://github.com/{repository}"),
        None => address.to_owned(),
    };
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .ok_or(Problem::NotWeb)?;
    if !address.chars().all(is_plain) {
        return Err(Problem::Letters);
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_key = |pair: &str| {
        let key = pair.split('=').next().unwrap_or_default();
        KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
    };
    if host.contains('@') || query.split('&').any(is_key) {
        return Err(Problem::Secret);
    }
    if host.is_empty() || host.starts_with(':') {
        return Err(Problem::NotWeb);
    }
    let host = host.to_ascii_lowercase();
    if host == "github.com"
        && let Some(place) = on_github(&address, path)
    {
        return Ok(place);
    }
    let is_blob = host.ends_with(".blob.core.windows.net");
    Ok(Place {
        kind: is_blob.then_some(DataType::Blob),
        file: Some(address.clone()),
        url: address,
        source: Source::File,
    })
}

/// What an address on GitHub means; nothing special if it is no repository's.
fn on_github(address: &str, path: &str) -> Option<Place> {
    let parts: Vec<_> = path
        .split(['/', '#'])
        .filter(|part| !part.is_empty())
        .collect();
    let [owner, name, rest @ ..] = parts.as_slice() else {
        return None;
    };
    let repository = format!(
        "https://github.com/{owner}/{}",
        name.trim_end_matches(".git")
    );
    let (url, file, source) = match rest {
        // A file that belongs to a release, or one of the repository's.
        ["releases", "download", ..] | ["archive", ..] => {
            (address.to_owned(), address.to_owned(), Source::File)
        }
        ["blob" | "raw", branch, way @ ..] if !way.is_empty() => {
            let raw = format!(
                "https://raw.githubusercontent.com/{owner}/{}/{branch}/{}",
                name.trim_end_matches(".git"),
                way.join("/")
            );
            (raw.clone(), raw, Source::File)
        }
        ["tree", branch, ..] => {
            let archive = format!("{repository}/archive/{branch}.zip");
            (
                repository.clone(),
                archive,
                Source::Repository(repository, Some((*branch).to_owned())),
            )
        }
        _ => {
            let archive = format!("{repository}/archive/HEAD.zip");
            (
                repository.clone(),
                archive,
                Source::Repository(repository, None),
            )
        }
    };
    Some(Place {
        url,
        kind: Some(DataType::Github),
        file: Some(file),
        source,
    })
}

/// The job that fetches the data into the folder that its parameter `dataDir` names.
pub fn protocol(title: &str, place: &Place) -> String {
    let (from, fetch) = match &place.source {
        Source::Repository(repository, branch) => {
            let branch = branch
                .as_ref()
                .map_or_else(String::new, |branch| format!(" --branch \"{branch}\""));
            (
                repository,
                format!("git clone --depth 1{branch} \"<% $data.uri[0] %>\" ."),
            )
        }
        Source::File => (
            &place.url,
            "curl --fail --location --silent --show-error --retry 5 --connect-timeout 30 --remote-name \
             \"<% $data.uri[0] %>\""
                .to_owned(),
        ),
    };
    // The suffix is for jobs; here it only tells data from other items.
    let name = job_name(title, "data");
    let protocol = json!({
        "protocolVersion": 2,
        "name": name,
        "type": "job",
        "parameters": { "dataDir": format!("/data/{name}") },
        "prerequisites": [
            { "name": "tools", "type": "dockerimage", "uri": IMAGE },
            { "name": "data", "type": "data", "uri": [from] },
        ],
        "taskRoles": { "fetch": {
            "instances": 1,
            "completion": { "minFailedInstances": 1, "minSucceededInstances": 1 },
            "taskRetryCount": 0,
            "dockerImage": "tools",
            "data": "data",
            "resourcePerInstance": { "cpu": 1, "memoryMB": 2048, "gpu": 0 },
            "commands": [
                "set -euo pipefail",
                "mkdir -p \"<% $parameters.dataDir %>\"",
                "cd \"<% $parameters.dataDir %>\"",
                fetch,
                "ls -l",
            ],
        } },
    });
    ordered(&protocol)
}

/// The document with its keys in the order in which people read them.
fn ordered(protocol: &Value) -> String {
    let keys = [
        "protocolVersion",
        "name",
        "type",
        "parameters",
        "prerequisites",
        "taskRoles",
    ];
    keys.map(|key| to_yaml(&json!({ key: protocol[key] })))
        .concat()
}

/// Whether a letter may stand in an address that goes into a command.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-._~:/?#@!&()*+,;=%[]".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{fill, to_json, validate};

    #[test]
    fn places_are_guessed() {
        let github = Some(DataType::Github);
        for (address, url, kind, file) in [
            (
                "https://github.com/a/b",
                "https://github.com/a/b",
                github,
                "https://github.com/a/b/archive/HEAD.zip",
            ),
            (
                "git@github.com:a/b.git",
                "https://github.com/a/b",
                github,
                "https://github.com/a/b/archive/HEAD.zip",
            ),
            (
                "https://github.com/a/b/tree/v1/deep/er",
                "https://github.com/a/b",
                github,
                "https://github.com/a/b/archive/v1.zip",
            ),
            (
                "https://github.com/a/b/blob/main/x/y.csv",
                "https://raw.githubusercontent.com/a/b/main/x/y.csv",
                github,
                "https://raw.githubusercontent.com/a/b/main/x/y.csv",
            ),
            (
                "https://github.com/a/b/releases/download/v1/x.tgz",
                "https://github.com/a/b/releases/download/v1/x.tgz",
                github,
                "https://github.com/a/b/releases/download/v1/x.tgz",
            ),
            (
                " https://acct.blob.core.windows.net/c/x.tar ",
                "https://acct.blob.core.windows.net/c/x.tar",
                Some(DataType::Blob),
                "https://acct.blob.core.windows.net/c/x.tar",
            ),
            (
                "http://h:81/x?y=1",
                "http://h:81/x?y=1",
                None,
                "http://h:81/x?y=1",
            ),
            (
                "https://github.com/a",
                "https://github.com/a",
                None,
                "https://github.com/a",
            ),
        ] {
            let place = place(address).unwrap();
            assert_eq!(
                (place.url.as_str(), place.kind, place.file.as_deref()),
                (url, kind, Some(file))
            );
        }
    }

    #[test]
    fn addresses_that_will_not_do() {
        for (address, problem) in [
            ("", Problem::NotWeb),
            ("ftp://x/y", Problem::NotWeb),
            ("/data", Problem::NotWeb),
            ("https://", Problem::NotWeb),
            ("https:///x", Problem::NotWeb),
            ("https://x/a b", Problem::Letters),
            ("https://x/$(reboot)", Problem::Letters),
            ("https://x/`a`", Problem::Letters),
            ("https://x/\"", Problem::Letters),
            ("https://x/数", Problem::Letters),
            ("https://me:word@x/y", Problem::Secret),
            (
                "https://a.blob.core.windows.net/c/x?sv=1&sig=abc%3D",
                Problem::Secret,
            ),
            ("https://x/y?X-Amz-Signature=abc", Problem::Secret),
        ] {
            assert_eq!(place(address), Err(problem), "{address}");
        }
    }

    #[test]
    fn the_job_fetches_the_data() {
        for (address, command) in [
            (
                "https://github.com/a/b",
                "git clone --depth 1 \"https://github.com/a/b\" .",
            ),
            (
                "https://github.com/a/b/tree/v1",
                "git clone --depth 1 --branch \"v1\" \"https://github.com/a/b\" .",
            ),
            ("https://h/x.tgz", "--remote-name \"https://h/x.tgz\""),
        ] {
            let text = protocol("My data: 1", &place(address).unwrap());
            assert_eq!(validate(&text).diagnostics, [], "{text}");
            let Ok(Value::Object(job)) = to_json(&text) else {
                panic!("{text}");
            };
            assert_eq!(job["name"], "My-data-1_data");
            let commands = &fill::runs(&job)[0].commands;
            assert!(commands.contains(command), "{commands}");
            assert!(
                commands.contains("cd \"/data/My-data-1_data\""),
                "{commands}"
            );
        }
    }
}
