//! Units and manifests of `deploy/` against published schemas, and against the programs that
//! read them where they are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{Checks, has_extension, yaml};
use crate::workspace::{Workspace, on_path};

/// The oldest Kubernetes that the manifests are for, and the newest that the
/// schemas know.
const KUBERNETES: [&str; 2] = ["1.27", "1.37"];

/// For how long a server that stops takes requests, when `DRAIN_TIME` is not
/// set, and for how long those under way may go on then; in seconds.
const DRAIN_TIME: u64 = 5;
const GRACE: u64 = 10;

/// How much of the machine a unit may reach at most, by systemd's own reckoning
/// from 0 (nothing) to 10; in tenths.
const EXPOSURE: &str = "15";

/// Where the units expect the program.
const INSTALLED: &str = "/usr/local/bin/marketplace";

/// Checks them all. Dockerfiles and compose files are checked with the images.
pub(super) fn check(checks: &mut Checks<'_>, checkers: &Path, files: &[PathBuf]) -> Result<()> {
    println!("Units and manifests");
    let root = checks.workspace.root.clone();
    units(checks, files)?;
    for (subcommand, file) in [
        ("api", "deploy/systemd/api.env.example"),
        ("webportal", "deploy/systemd/webportal.env.example"),
    ] {
        let text = std::fs::read_to_string(root.join(file))?;
        // Those that are commented out as well.
        let names = text
            .lines()
            .filter_map(|line| line.trim_start_matches('#').split_once('='))
            .map(|(name, _)| name)
            .filter(|name| is_setting(name));
        let outcome = are_settings(checks.workspace, subcommand, names);
        checks.count(file, outcome)?;
    }

    let overlays = root.join("deploy/kubernetes/overlays");
    let mut folders = vec![root.join("deploy/kubernetes/base")];
    for entry in std::fs::read_dir(overlays)? {
        folders.push(entry?.path());
    }
    folders.sort();
    for folder in folders {
        manifests(checks, checkers, &folder)?;
    }
    Ok(())
}

fn units(checks: &mut Checks<'_>, files: &[PathBuf]) -> Result<()> {
    let units = files
        .iter()
        .filter(|path| path.starts_with("deploy") && has_extension(path, &["service"]));
    let scratch = tempfile::tempdir()?;
    for path in units {
        let what = path.display().to_string();
        if on_path(&["systemd-analyze"]).is_none() {
            checks.skip(&what, "systemd-analyze is not installed");
            continue;
        }
        let text = std::fs::read_to_string(checks.workspace.root.join(path))?;
        let program = checks.workspace.program("marketplace");
        let copy = scratch.path().join(path.file_name().unwrap_or_default());
        std::fs::write(
            &copy,
            text.replace(INSTALLED, &program.display().to_string()),
        )?;
        let mut verify = Command::new("systemd-analyze");
        verify
            .args(["verify", "--man=no", "--recursive-errors=no"])
            .arg(&copy);
        checks.count(&format!("{what}, verify"), silent(&mut verify))?;
        let mut security = Command::new("systemd-analyze");
        security
            .args(["security", "--offline=true", "--no-pager"])
            .arg(format!("--threshold={EXPOSURE}"))
            .arg(&copy);
        checks.count(&format!("{what}, security"), succeed(&mut security))?;
    }
    Ok(())
}

/// What kustomize makes of a folder, against the schemas of Kubernetes and
/// against what every server of ours is to have.
fn manifests(checks: &mut Checks<'_>, checkers: &Path, folder: &Path) -> Result<()> {
    let what = checks.workspace.shown(folder);
    if on_path(&["kubectl"]).is_none() {
        checks.skip(&what, "kubectl, which brings kustomize, is not installed");
        return Ok(());
    }
    let mut kustomize = Command::new("kubectl");
    let rendered = output(kustomize.arg("kustomize").arg(folder));
    let rendered = match rendered {
        Ok(rendered) => rendered,
        Err(error) => return checks.count(&what, Err(error)),
    };
    let scratch = tempfile::Builder::new().suffix(".yaml").tempfile()?;
    std::fs::write(scratch.path(), &rendered)?;
    for version in KUBERNETES {
        let mut validate = Command::new(checkers.join("kubernetes-validate"));
        validate
            .args(["--strict", "--quiet", "--no-warn", "-k", version])
            .arg(scratch.path());
        checks.count(
            &format!("{what}, Kubernetes {version}"),
            succeed(&mut validate),
        )?;
    }
    let mut answers = yaml::parse(checkers, std::iter::once(scratch.path()))?;
    let documents = answers.remove(&*scratch.path().to_string_lossy());
    let Some(Value::Array(documents)) = documents else {
        return checks.count(&what, Err(anyhow::anyhow!("kustomize wrote no YAML")));
    };
    checks.count(&format!("{what}, connections"), connections_fit(&documents))?;
    for document in &documents {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        let kind = text("/kind").unwrap_or_default();
        let name = format!(
            "{what}, {kind} {}",
            text("/metadata/name").unwrap_or_default()
        );
        // Their schemas are not Kubernetes' own.
        if text("/apiVersion").is_some_and(|version| version.contains("cnpg")) {
            checks.skip(&name, "no published schema of CloudNativePG's resources");
        }
        match kind {
            "Secret" => checks.count(&name, Err(anyhow::anyhow!("secrets are not committed")))?,
            "ConfigMap" => {
                let subcommand = if name.contains("webportal") {
                    "webportal"
                } else {
                    "api"
                };
                let settings = document["data"].as_object().into_iter().flatten();
                let settings = settings.map(|(name, _)| name.as_str());
                let outcome = are_settings(checks.workspace, subcommand, settings);
                checks.count(&name, outcome)?;
            }
            "Deployment" | "StatefulSet" => checks.count(&name, is_hardened(document))?,
            _ => {}
        }
    }
    Ok(())
}

fn is_setting(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// # Errors
/// When the program's help does not know one of them.
fn are_settings<'a>(
    workspace: &Workspace,
    subcommand: &str,
    mut names: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let mut marketplace = Command::new(workspace.program("marketplace"));
    let help = output(marketplace.args([subcommand, "--help"]))?;
    match names.find(|name| !help.contains(&format!("[env: {name}]"))) {
        Some(name) => bail!("`marketplace {subcommand}` knows no {name}"),
        None => Ok(()),
    }
}

/// Whether as many API servers as there may be leave PostgreSQL some of the 100
/// connections that it takes when nobody says otherwise, of which it keeps three.
fn connections_fit(documents: &[Value]) -> Result<()> {
    let number = |pointer: &str| documents.iter().find_map(|each| each.pointer(pointer));
    let Some(servers) = number("/spec/maxReplicas").and_then(Value::as_u64) else {
        return Ok(());
    };
    let pool = number("/data/DB_POOL_SIZE").and_then(Value::as_str);
    let pool: u64 = pool.context("no DB_POOL_SIZE")?.parse()?;
    ensure!(servers * pool < 97, "{servers} servers take {pool} each");
    Ok(())
}

/// What the schemas do not ask for.
fn is_hardened(workload: &Value) -> Result<()> {
    let pod = &workload["spec"]["template"]["spec"];
    let security = &pod["securityContext"];
    ensure!(
        security["runAsNonRoot"] == true && security["runAsUser"].as_u64().is_some_and(|id| id > 0),
        "it may run as root"
    );
    ensure!(
        pod["automountServiceAccountToken"] == false,
        "it gets a token of Kubernetes' API that it does not need"
    );
    ensure!(
        pod["terminationGracePeriodSeconds"].as_u64() >= Some(DRAIN_TIME + GRACE),
        "it is killed before it has ended what is under way"
    );
    let containers = pod["containers"].as_array();
    for container in containers.context("it has no containers")? {
        let security = &container["securityContext"];
        ensure!(
            security["readOnlyRootFilesystem"] == true
                && security["allowPrivilegeEscalation"] == false
                && security["capabilities"]["drop"][0] == "ALL",
            "its container may do more than it needs"
        );
        for pointer in [
            "/resources/requests/cpu",
            "/resources/requests/memory",
            "/resources/limits/memory",
            "/livenessProbe/httpGet/path",
            "/readinessProbe/httpGet/path",
            "/startupProbe/httpGet/path",
        ] {
            ensure!(container.pointer(pointer).is_some(), "{pointer} is missing");
        }
        let ready = &container["readinessProbe"];
        let notices = ready["periodSeconds"]
            .as_u64()
            .zip(ready["failureThreshold"].as_u64());
        ensure!(
            notices.is_some_and(|(period, times)| period * times < DRAIN_TIME),
            "nobody notices in time that it is going down"
        );
        let image = container["image"].as_str().unwrap_or_default();
        ensure!(
            image
                .rsplit('/')
                .next()
                .is_some_and(|name| name.contains(':')),
            "its image has no tag"
        );
    }
    Ok(())
}

/// # Errors
/// When it fails, with what it said.
pub(super) fn succeed(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}

/// # Errors
/// When it fails or says anything.
fn silent(command: &mut Command) -> Result<()> {
    let output = command.output().context("cannot start it")?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    ensure!(output.status.success() && said.is_empty(), "{said}");
    Ok(())
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().context("cannot start it")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "{}",
        [said.trim(), String::from_utf8_lossy(&output.stderr).trim()].join("\n")
    );
    Ok(said)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{connections_fit, is_hardened, is_setting};

    fn deployment() -> Value {
        let probe =
            json!({"httpGet": {"path": "/readyz"}, "periodSeconds": 2, "failureThreshold": 1});
        json!({"spec": {"template": {"spec": {
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532},
            "automountServiceAccountToken": false,
            "terminationGracePeriodSeconds": 30,
            "containers": [{
                "image": "registry:5000/image:v1",
                "securityContext": {
                    "readOnlyRootFilesystem": true,
                    "allowPrivilegeEscalation": false,
                    "capabilities": {"drop": ["ALL"]},
                },
                "resources": {"requests": {"cpu": "1", "memory": "1Mi"}, "limits": {"memory": "1Mi"}},
                "livenessProbe": probe.clone(),
                "readinessProbe": probe.clone(),
                "startupProbe": probe,
            }],
        }}}})
    }

    #[test]
    fn what_every_server_is_to_have_is_missed() {
        assert!(is_hardened(&deployment()).is_ok());
        let pod = "/spec/template/spec";
        for (pointer, value) in [
            ("/securityContext/runAsUser", json!(0)),
            ("/automountServiceAccountToken", Value::Null),
            ("/terminationGracePeriodSeconds", json!(10)),
            ("/containers/0/image", json!("registry:5000/image")),
            (
                "/containers/0/securityContext/readOnlyRootFilesystem",
                json!(false),
            ),
            ("/containers/0/resources/limits", json!({})),
            ("/containers/0/readinessProbe/periodSeconds", json!(5)),
        ] {
            let mut document = deployment();
            let part = document.pointer_mut(&format!("{pod}{pointer}"));
            *part.expect(pointer) = value;
            assert!(is_hardened(&document).is_err(), "{pointer}");
        }
    }

    #[test]
    fn servers_leave_the_database_some_connections() {
        let documents = |servers: u64, pool: &str| {
            [
                json!({"spec": {"maxReplicas": servers}}),
                json!({"data": {"DB_POOL_SIZE": pool}}),
            ]
        };
        assert!(connections_fit(&documents(6, "10")).is_ok());
        assert!(connections_fit(&documents(10, "10")).is_err());
        assert!(connections_fit(&documents(6, "10")[..1]).is_err());
    }

    #[test]
    fn settings_are_told_from_words() {
        assert!(is_setting("DB_HOST"));
        assert!(!is_setting(" A comment with A") && !is_setting(""));
    }
}
