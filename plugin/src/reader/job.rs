//! What a job asks of the cluster, role by role, as HTML: everything in it that
//! somebody wrote passes [`text`].

use pulldown_cmark_escape::{escape_href, escape_html};
use shared::protocol::{
    Deployment, Diagnostic, Prerequisite, Protocol, Reference, Severity, TaskRole, validate,
};

/// A long list of findings helps nobody: the first ones explain the rest.
const SHOWN: usize = 50;

/// What is understood of a protocol, however broken it is, with where the data
/// of a data item lies; both are empty for other items.
pub(crate) fn to_html(protocol: &str, place: &str, address: &str) -> String {
    let report = validate(protocol);
    let content = report.protocol.as_ref().map_or_else(
        || r#"<p class="hint">Nothing can be read from this protocol.</p>"#.to_owned(),
        job,
    );
    let notice = notice(&report.diagnostics, report.is_valid());
    let data = data(place, address);
    format!("{notice}{data}{content}")
}

fn notice(found: &[Diagnostic], valid: bool) -> String {
    if found.is_empty() {
        return String::new();
    }
    let (class, title) = if valid {
        (
            "notice",
            "OpenPAI takes this protocol, but have a look at this",
        )
    } else {
        ("notice error", "OpenPAI would refuse this protocol")
    };
    let lines: String = found.iter().take(SHOWN).map(finding).collect();
    let rest = match found.len().saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!("<li>… and {rest} more</li>"),
    };
    format!(
        r#"<div class="{class}"><h2>{title}</h2><ul class="diagnostics">{lines}{rest}</ul></div>"#
    )
}

fn finding(finding: &Diagnostic) -> String {
    let (word, class) = match finding.severity {
        Severity::Error => ("Error", "error"),
        Severity::Warning => ("Warning", "warning"),
    };
    let (line, column) = (finding.start.line, finding.start.column);
    let message = text(&finding.message);
    format!(
        r#"<li class="{class}"><span class="sr">{word} at </span><span class="place">line {line}, column {column}: </span>{message}</li>"#
    )
}

fn data(place: &str, address: &str) -> String {
    if place.is_empty() && address.is_empty() {
        return String::new();
    }
    let facts = fact("Lies in", Some(place.to_owned()));
    let address = wide("Address", &link(address));
    role_section("Data", "", &format!("{facts}{address}"))
}

fn job(job: &Protocol) -> String {
    let facts = [
        fact("Job name", job.name.clone()),
        fact("Version", job.version.clone()),
        fact("Contributor", job.contributor.clone()),
        fact("Virtual cluster", job.virtual_cluster.clone()),
        fact("Storage", Some(job.storages.join(", "))),
        fact("Secrets to fill in", Some(job.secret_keys.join(", "))),
    ];
    let roles: String = job.task_roles.iter().map(role).collect();
    let deployments = job
        .deployments
        .iter()
        .map(|one| deployment(one, job.default_deployment.as_deref()));
    format!(
        r#"<dl class="grid">{}</dl>{roles}{}{}{}"#,
        facts.concat(),
        prerequisites(&job.prerequisites),
        parameters(&job.parameters),
        deployments.collect::<String>(),
    )
}

fn role(role: &TaskRole) -> String {
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let megabytes = |number: Option<i64>| number.map(|number| format!("{number} MB"));
    let ports: Vec<_> = role
        .ports
        .iter()
        .map(|(name, count)| format!("{name} × {count}"))
        .collect();
    let facts = [
        fact("Instances", Some(role.instances.unwrap_or(1).to_string())),
        fact("GPUs", number(role.gpu)),
        fact("CPU cores", number(role.cpu)),
        fact("Memory", megabytes(role.memory_mb)),
        fact("Shared memory", megabytes(role.shm_mb)),
        fact("Ports", Some(ports.join(", "))),
        fact("Retries", number(role.task_retry_count)),
        fact(
            "Failed tasks that fail the job",
            number(role.completion.min_failed_instances),
        ),
        fact(
            "Succeeded tasks that end it",
            number(role.completion.min_succeeded_instances),
        ),
        reference("Image", role.docker_image.as_ref()),
        reference("Data", role.data.as_ref()),
        reference("Script", role.script.as_ref()),
        reference("Output", role.output.as_ref()),
        commands("Commands", &role.commands),
    ];
    role_section("Task role ", &role.name, &facts.concat())
}

fn role_section(title: &str, name: &str, facts: &str) -> String {
    let name = text(name);
    format!(
        r#"<section class="role"><h2>{title}{name}</h2><dl class="grid">{facts}</dl></section>"#
    )
}

fn prerequisites(all: &[Prerequisite]) -> String {
    let rows = all.iter().map(|one| {
        let auth = if one.has_auth {
            " (with credentials)"
        } else {
            ""
        };
        format!(
            "<tr><td>{}{auth}</td><td>{}</td><td>{}</td></tr>",
            text(&one.kind),
            text(&one.name),
            links(&one.uris)
        )
    });
    table(
        "Prerequisites",
        &["Type", "Name", "Address"],
        rows.collect(),
    )
}

fn parameters(all: &[(String, String)]) -> String {
    let rows = all.iter().map(|(name, value)| {
        let (name, value) = (text(name), text(value));
        format!("<tr><td>{name}</td><td><code>{value}</code></td></tr>")
    });
    table("Parameters", &["Name", "Value"], rows.collect())
}

fn deployment(one: &Deployment, default: Option<&str>) -> String {
    let mark = if default == Some(one.name.as_str()) {
        " (default)"
    } else {
        ""
    };
    let roles = one.roles.iter().map(|role| {
        format!(
            r#"<h3>{}</h3><dl class="grid">{}{}</dl>"#,
            text(&role.name),
            commands("Before the commands", &role.pre_commands),
            commands("After the commands", &role.post_commands)
        )
    });
    let roles: String = roles.collect();
    let name = text(&one.name);
    format!(r#"<section class="role"><h2>Deployment {name}{mark}</h2>{roles}</section>"#)
}

fn table(title: &str, columns: &[&str], rows: String) -> String {
    if rows.is_empty() {
        return rows;
    }
    let head = columns
        .iter()
        .map(|name| format!(r#"<th scope="col">{name}</th>"#));
    let head = head.collect::<Vec<_>>().concat();
    format!(
        r#"<section><h2>{title}</h2><div class="plain"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"#
    )
}

fn fact(name: &str, value: Option<String>) -> String {
    let value = value.filter(|value| !value.is_empty());
    value.map_or_else(String::new, |value| {
        format!("<div><dt>{name}</dt><dd>{}</dd></div>", text(&value))
    })
}

/// A fact that takes a line of its own; `html` is its value.
fn wide(name: &str, html: &str) -> String {
    if html.is_empty() {
        return String::new();
    }
    format!(r#"<div class="wide"><dt>{name}</dt><dd>{html}</dd></div>"#)
}

/// A prerequisite that a role names: where it is tells more than its name.
fn reference(name: &str, to: Option<&Reference>) -> String {
    let value = to.map(|to| {
        if to.uris.is_empty() {
            text(&to.name)
        } else {
            links(&to.uris)
        }
    });
    wide(name, &value.unwrap_or_default())
}

fn commands(name: &str, all: &[String]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let lines = text(&all.join("\n"));
    // HTML drops a line end right after the tag.
    wide(
        name,
        &format!("<pre tabindex=\"0\" aria-label=\"{name}\">\n{lines}</pre>"),
    )
}

fn links(addresses: &[String]) -> String {
    let lines = addresses
        .iter()
        .map(|one| format!("<div>{}</div>", link(one)));
    lines.collect()
}

/// A text that may be a web address: then it is a link.
fn link(address: &str) -> String {
    let shown = text(address);
    if address.starts_with("https://") || address.starts_with("http://") {
        let mut href = String::new();
        // Writing to a string cannot fail.
        let _ = escape_href(&mut href, address);
        format!(
            r#"<a href="{href}" rel="noopener noreferrer nofollow" target="_blank">{shown}</a>"#
        )
    } else if address.is_empty() {
        String::new()
    } else {
        format!("<code>{shown}</code>")
    }
}

/// A text of anybody's, fit for the inside of an element or an attribute.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = escape_html(&mut escaped, text);
    escaped
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::to_html;

    #[wasm_bindgen_test]
    fn what_a_job_asks_for_is_told() {
        let html = to_html(
            "protocolVersion: 2\nname: j\ntype: job\nprerequisites:\n  - {name: i, type: dockerimage, uri: ubuntu}\n  - {name: d, type: data, uri: ['https://a.example/\"x']}\nparameters: {p: 1}\ntaskRoles:\n  main:\n    dockerImage: i\n    data: d\n    resourcePerInstance: {cpu: 3, memoryMB: 2048, gpu: 1}\n    commands: [ls, date]\n",
            "GitHub",
            "https://b.example",
        );
        for part in [
            "<h2>Data</h2>",
            r#"href="https://b.example""#,
            "<h2>Task role main</h2>",
            "<dt>GPUs</dt><dd>1</dd>",
            "<dt>Memory</dt><dd>2048 MB</dd>",
            "<dd><div><code>ubuntu</code></div></dd>",
            r#"href="https://a.example/%22x""#,
            ">\nls\ndate</pre>",
            "<td>p</td><td><code>1</code></td>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[wasm_bindgen_test]
    fn what_people_write_stays_text() {
        let bad = "<img src=x onerror=y>\"'&";
        let html = to_html(
            &format!(
                "name: j\ntaskRoles:\n  ? {bad:?}\n  : commands: [{bad:?}]\nparameters:\n  {bad:?}: {bad:?}\nprerequisites:\n  - {{name: {bad:?}, type: {bad:?}, uri: {bad:?}}}\n"
            ),
            bad,
            bad,
        );
        assert!(html.contains("&lt;img"), "{html}");
        assert!(!html.contains("<img"), "{html}");
    }
}
