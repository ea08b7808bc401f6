//! What a job asks of the cluster, as HTML: what it needs in all, what can be set,
//! then role by role. Everything in it that somebody wrote passes [`html::text`].

use shared::protocol::{
    Deployment, Diagnostic, Prerequisite, Protocol, Reference, Severity, TaskRole, validate,
};

use super::amounts::Total;
use super::html::{self, link, text};
use super::references::References;
use crate::messages::{amount, list_of, reader as messages};
use crate::text::memory;

/// A long list of findings helps nobody: the first ones explain the rest.
const SHOWN: usize = 50;

/// Commands of more lines are folded.
const LONG: usize = 12;

/// What is understood of a protocol, however broken it is, with where the data
/// of a data item lies; both are empty for other items.
pub(crate) fn to_html(protocol: &str, place: &str, address: &str) -> String {
    let report = validate(protocol);
    let content = report.protocol.as_ref().map_or_else(
        || format!(r#"<p class="hint">{}</p>"#, messages::nothing_readable()),
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
        ("notice", messages::accepted_with_findings())
    } else {
        ("notice error", messages::would_be_refused())
    };
    let lines: String = found.iter().take(SHOWN).map(finding).collect();
    let rest = match found.len().saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!("<li>{}</li>", messages::more_findings(rest)),
    };
    format!(
        r#"<div class="{class}"><h2>{title}</h2><ul class="diagnostics">{lines}{rest}</ul></div>"#
    )
}

fn finding(finding: &Diagnostic) -> String {
    let (class, word) = match finding.severity {
        Severity::Error => ("error", messages::error()),
        Severity::Warning => ("warning", messages::warning()),
    };
    let place = messages::place(
        &finding.start.line.to_string(),
        &finding.start.column.to_string(),
    );
    let message = text(&finding.message);
    format!(
        r#"<li class="{class}"><span class="sr">{word} </span><span class="place">{place} </span>{message}</li>"#
    )
}

fn data(place: &str, address: &str) -> String {
    if place.is_empty() && address.is_empty() {
        return String::new();
    }
    let facts = fact(messages::lies_in(), Some(place.to_owned()));
    let address = wide(messages::address(), &link(address));
    section(messages::data(), &format!("{facts}{address}"))
}

fn job(job: &Protocol) -> String {
    let references = References(Some(job));
    let facts = [
        fact(messages::job_name(), job.name.clone()),
        fact(messages::version(), job.version.clone()),
        fact(messages::contributor(), job.contributor.clone()),
        fact(messages::virtual_cluster(), job.virtual_cluster.clone()),
        fact(messages::storage(), Some(list_of(&job.storages))),
        fact(messages::secrets(), Some(list_of(&job.secret_keys))),
    ];
    let roles: String = job
        .task_roles
        .iter()
        .map(|one| role(one, references))
        .collect();
    let deployments = job
        .deployments
        .iter()
        .map(|one| deployment(one, job.default_deployment.as_deref(), references));
    [
        total(job),
        format!(r#"<dl class="grid">{}</dl>"#, facts.concat()),
        parameters(&job.parameters, references),
        roles,
        prerequisites(&job.prerequisites),
        deployments.collect(),
    ]
    .concat()
}

/// What one wants to know first: whether the cluster has room for it.
fn total(job: &Protocol) -> String {
    let total = Total::of(job);
    if total.tasks == 0 {
        return String::new();
    }
    let number = |name: &str, value: String| format!("<div><dt>{name}</dt><dd>{value}</dd></div>");
    let mut facts = number(messages::tasks(), amount(total.tasks));
    facts += &number(messages::gpus(), amount(total.gpus));
    if total.cores > 0 {
        facts += &number(messages::cores(), amount(total.cores));
    }
    if total.memory_mb > 0 {
        facts += &number(messages::memory(), memory(total.memory_mb));
    }
    let title = messages::asks_in_all();
    format!(
        r#"<section class="total" aria-label="{title}"><h2>{title}</h2><dl>{facts}</dl></section>"#
    )
}

fn role(role: &TaskRole, references: References<'_>) -> String {
    let number = |number: Option<i64>| number.map(amount);
    let ports: Vec<_> = role
        .ports
        .iter()
        .map(|(name, count)| format!("{name} × {count}"))
        .collect();
    let facts = [
        fact(
            messages::instances(),
            Some(amount(role.instances.unwrap_or(1))),
        ),
        fact(messages::gpus(), number(role.gpu)),
        fact(messages::cores(), number(role.cpu)),
        fact(messages::memory(), role.memory_mb.map(memory)),
        fact(messages::shared_memory(), role.shm_mb.map(memory)),
        fact(messages::ports(), Some(list_of(&ports))),
        fact(messages::retries(), number(role.task_retry_count)),
        fact(
            messages::failed_tasks(),
            number(role.completion.min_failed_instances),
        ),
        fact(
            messages::succeeded_tasks(),
            number(role.completion.min_succeeded_instances),
        ),
        reference(messages::image(), role.docker_image.as_ref()),
        reference(messages::data(), role.data.as_ref()),
        reference(messages::script(), role.script.as_ref()),
        reference(messages::output(), role.output.as_ref()),
        commands(messages::commands(), &role.commands, Some(role), references),
    ];
    section(&messages::task_role(&text(&role.name)), &facts.concat())
}

/// `title` is HTML.
fn section(title: &str, facts: &str) -> String {
    format!(
        r#"<section class="role"><h2 dir="auto">{title}</h2><dl class="grid">{facts}</dl></section>"#
    )
}

fn prerequisites(all: &[Prerequisite]) -> String {
    let rows = all.iter().map(|one| {
        let auth = if one.has_auth {
            format!(" ({})", messages::with_credentials())
        } else {
            String::new()
        };
        format!(
            "<tr><td>{}{auth}</td><td>{}</td><td>{}</td></tr>",
            text(kind_name(&one.kind)),
            text(&one.name),
            links(&one.uris)
        )
    });
    let columns = [messages::kind(), messages::name(), messages::address()];
    table(messages::prerequisites(), &columns, rows.collect())
}

/// What people call a type of prerequisite; one that OpenPAI does not know stays as it is.
fn kind_name(kind: &str) -> &str {
    match kind {
        "dockerimage" => messages::image(),
        "data" => messages::data(),
        "script" => messages::script(),
        "output" => messages::output(),
        other => other,
    }
}

fn parameters(all: &[(String, String)], references: References<'_>) -> String {
    let rows = all.iter().map(|(name, value)| {
        let (name, value) = (text(name), references.mark(value, None));
        format!("<tr><td>{name}</td><td><code>{value}</code></td></tr>")
    });
    let columns = [messages::name(), messages::value()];
    table(messages::parameters(), &columns, rows.collect())
}

fn deployment(one: &Deployment, default: Option<&str>, references: References<'_>) -> String {
    let mark = if default == Some(one.name.as_str()) {
        format!(" ({})", messages::default())
    } else {
        String::new()
    };
    let roles = one.roles.iter().map(|role| {
        let of = references.role(&role.name);
        format!(
            r#"<h3>{}</h3><dl class="grid">{}{}</dl>"#,
            text(&role.name),
            commands(
                messages::before_commands(),
                &role.pre_commands,
                of,
                references
            ),
            commands(
                messages::after_commands(),
                &role.post_commands,
                of,
                references
            )
        )
    });
    let roles: String = roles.collect();
    let title = messages::deployment(&text(&one.name));
    format!(r#"<section class="role"><h2 dir="auto">{title}{mark}</h2>{roles}</section>"#)
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
        format!(
            r#"<div><dt>{name}</dt><dd dir="auto">{}</dd></div>"#,
            text(&value)
        )
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

fn commands(
    name: &str,
    all: &[String],
    role: Option<&TaskRole>,
    references: References<'_>,
) -> String {
    if all.is_empty() {
        return String::new();
    }
    let script = all.join("\n");
    let count = script.lines().count();
    // HTML drops a line end right after the tag.
    let lines = format!(
        "<pre tabindex=\"0\" aria-label=\"{name}\">\n{}</pre>",
        references.mark(&script, role)
    );
    if count <= LONG {
        return wide(name, &lines);
    }
    let summary = messages::lines(count);
    wide(
        name,
        &format!(r#"<details class="fold"><summary>{summary}</summary>{lines}</details>"#),
    )
}

fn links(addresses: &[String]) -> String {
    let lines = addresses
        .iter()
        .map(|one| format!("<div>{}</div>", html::link(one)));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::to_html;

    #[wasm_bindgen_test]
    fn what_a_job_asks_for_is_told() {
        let html = to_html(
            "protocolVersion: 2\nname: j\ntype: job\nprerequisites:\n  - {name: i, type: dockerimage, uri: ubuntu}\n  - {name: d, type: data, uri: ['https://a.example/\"x']}\nparameters: {p: 1}\ntaskRoles:\n  main:\n    instances: 2\n    dockerImage: i\n    data: d\n    resourcePerInstance: {cpu: 3, memoryMB: 2048, gpu: 1}\n    commands: [ls, 'echo <% $parameters.p %>']\n",
            "GitHub",
            "https://b.example",
        );
        for part in [
            "Data</h2>",
            r#"href="https://b.example""#,
            "Task role main</h2>",
            r#"<dt>GPUs</dt><dd dir="auto">1</dd>"#,
            "<dt>GPUs</dt><dd>2</dd>",
            "<dt>Memory</dt><dd>4 GiB</dd>",
            r#"<dt>Memory</dt><dd dir="auto">2 GiB</dd>"#,
            "<dd><div><code>ubuntu</code></div></dd>",
            r#"href="https://a.example/%22x""#,
            ">\nls\necho <button",
            r#"data-tip="1">"#,
            "<td>p</td><td><code>1</code></td>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let at = |part: &str| html.find(part);
        assert!(at("in all") < at("Parameters") && at("Parameters") < at("Task role main"));
    }

    #[wasm_bindgen_test]
    fn long_scripts_are_folded() {
        let commands =
            |count: usize| format!("taskRoles: {{a: {{commands: [{}]}}}}", "ls,".repeat(count));
        assert!(!to_html(&commands(12), "", "").contains("<details"));
        assert!(to_html(&commands(13), "", "").contains("<summary>13 lines</summary>"));
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
