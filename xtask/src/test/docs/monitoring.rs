//! Rules for Prometheus and the dashboard: promtool takes them, alarms come when
//! they should, and every figure that they or the guides name is in the answer
//! of a running server.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::deploy::succeed;
use super::markdown::Page;
use super::{Checks, has_extension};
use crate::bench::http::ask;
use crate::bench::server::Portal;
use crate::process::tethered;
use crate::service::{Service, answers};
use crate::setup;
use crate::workspace::Workspace;

const FOLDER: &str = "deploy/monitoring";

/// What names of figures begin with.
const PREFIXES: [&str; 5] = [
    "marketplace_build_",
    "marketplace_database_",
    "marketplace_http_",
    "marketplace_openpai_",
    "marketplace_token_",
];

/// Checks what is in [`FOLDER`].
pub(super) fn check(
    checks: &mut Checks<'_>,
    files: &[PathBuf],
    parsed: &HashMap<PathBuf, Vec<Value>>,
    pages: &HashMap<PathBuf, Page>,
) -> Result<()> {
    println!("Rules and dashboard");
    let rules = parsed.get(&Path::new(FOLDER).join("rules.yaml"));
    runbooks(checks, rules.context("no rules")?, pages)?;
    let folder = checks.workspace.root.join(FOLDER);
    let dashboard = std::fs::read_to_string(folder.join("dashboard.json"))?;
    let dashboard: Value = serde_json::from_str(&dashboard).context("dashboard.json")?;
    match setup::promtool(checks.workspace)? {
        None => checks.skip("rules", "promtool is not to be had"),
        Some(promtool) => {
            let mut rules = Command::new(&promtool);
            rules
                .args(["check", "rules", "--lint-fatal"])
                .arg(folder.join("rules.yaml"));
            checks.count("promtool check rules", succeed(&mut rules))?;
            let mut test = Command::new(&promtool);
            test.args(["test", "rules"])
                .arg(folder.join("rules.test.yaml"));
            checks.count("promtool test rules", succeed(&mut test))?;
            checks.count("queries of the dashboard", queries(&promtool, &dashboard))?;
        }
    }
    let figures = figures(checks.workspace)?;
    for path in files {
        let watched = path.starts_with("deploy") || path.starts_with("docs");
        if !watched || !has_extension(path, &["md", "yaml", "json"]) {
            continue;
        }
        let text = std::fs::read_to_string(checks.workspace.root.join(path))?;
        for name in names(&text) {
            let outcome = if figures.contains(name) {
                Ok(())
            } else {
                Err(anyhow::anyhow!("/metrics has no such figure"))
            };
            checks.count(&format!("{}: {name}", path.display()), outcome)?;
        }
    }
    Ok(())
}

/// Every alarm names a heading that tells what to do.
fn runbooks(
    checks: &mut Checks<'_>,
    rules: &[Value],
    pages: &HashMap<PathBuf, Page>,
) -> Result<()> {
    let alarms: Vec<&Value> = rules
        .iter()
        .filter_map(|document| document["groups"].as_array())
        .flatten()
        .filter_map(|group| group["rules"].as_array())
        .flatten()
        .collect();
    ensure!(!alarms.is_empty(), "no alarms");
    for alarm in alarms {
        let name = alarm["alert"].as_str().unwrap_or_default();
        let runbook = alarm["annotations"]["runbook"].as_str();
        let leads = runbook
            .and_then(|runbook| runbook.split_once('#'))
            .is_some_and(|(page, anchor)| {
                anchor == name.to_lowercase()
                    && pages
                        .get(Path::new(page))
                        .is_some_and(|page| page.anchors.contains(anchor))
            });
        let outcome = if leads {
            Ok(())
        } else {
            Err(anyhow::anyhow!("its runbook has no heading for it"))
        };
        checks.count(&format!("alarm {name}"), outcome)?;
    }
    Ok(())
}

/// promtool reads no dashboards: their queries go to it as rules.
fn queries(promtool: &Path, dashboard: &Value) -> Result<()> {
    let panels = dashboard["panels"].as_array().context("no panels")?;
    let queries: Vec<_> = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array())
        .flatten()
        .filter_map(|target| target["expr"].as_str())
        .map(|query| query.replace("$__rate_interval", "5m"))
        .enumerate()
        .map(|(index, expr)| json!({"record": format!("query:{index}"), "expr": expr}))
        .collect();
    ensure!(!queries.is_empty(), "no queries");
    // JSON is YAML.
    let rules = json!({"groups": [{"name": "dashboard", "rules": queries}]});
    let file = tempfile::Builder::new().suffix(".yaml").tempfile()?;
    std::fs::write(file.path(), rules.to_string())?;
    succeed(
        Command::new(promtool)
            .args(["check", "rules"])
            .arg(file.path()),
    )
}

/// The names in a real answer, after requests of several kinds.
fn figures(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let portal = Portal::start(workspace, &workspace.program("fake-openpai"))?;
    let folder = tempfile::tempdir()?;
    let port = testkit::free_port();
    let mut api = tethered(workspace.program("marketplace"));
    api.arg("api")
        .current_dir(folder.path())
        .env("PORT", port.to_string())
        .env("IDP_URL", portal.url())
        .env("PUBLIC_METRICS", "on");
    let mut api = Service::start("API", &mut api, workspace.log("docs-api"))?;
    api.wait_until(Duration::from_mins(1), || answers(port, "/readyz"))?;
    let token = format!("Authorization: Bearer {}\r\n", portal.token()?);
    ask(port, "GET", "/tags", &token, "")?;
    let answer = ask(port, "GET", "/metrics", "", "")?;
    // Histograms are named by `# TYPE` alone, their series by what is behind that.
    Ok(answer
        .lines()
        .map(|line| line.strip_prefix("# TYPE ").unwrap_or(line))
        .filter_map(|line| line.split(['{', ' ']).next())
        .map(str::to_owned)
        .collect())
}

/// Words that begin like a figure.
fn names(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_of_figures_are_found() {
        let text = "sum(rate(marketplace_http_a{route=\"/\"}[5m])) / `marketplace_build_b`: marketplace_api_uri";
        assert_eq!(
            names(text).into_iter().collect::<Vec<_>>(),
            ["marketplace_build_b", "marketplace_http_a"]
        );
    }
}
