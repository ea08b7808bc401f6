//! What a job asks of the cluster, role by role.

use leptos::prelude::*;
use shared::protocol::{
    Deployment, Diagnostic, Position, Prerequisite, Protocol, Reference, TaskRole,
};
use shared::wire::Item;

use crate::components::badge::data_name;
use crate::components::diagnostics::diagnostics;
use crate::reader::Reader;

/// What is understood of the item's protocol, whatever its type and however
/// broken it is.
pub(super) fn job(item: &Item, reader: &Reader) -> AnyView {
    let report = reader.report(item.protocol.as_deref().unwrap_or_default());
    let content = report.protocol.as_ref().map_or_else(
        || view! { <p class="hint">"Nothing can be read from this protocol."</p> }.into_any(),
        protocol,
    );
    view! {
        {notice(&report.diagnostics, report.is_valid())}
        {data(item)}
        {content}
    }
    .into_any()
}

fn notice(found: &[Diagnostic], valid: bool) -> AnyView {
    if found.is_empty() {
        return ().into_any();
    }
    let title = if valid {
        "OpenPAI takes this protocol, but have a look at this"
    } else {
        "OpenPAI would refuse this protocol"
    };
    view! {
        <div class="notice" class:error=!valid>
            <h2>{title}</h2>
            {diagnostics(found, None::<fn(Position)>)}
        </div>
    }
    .into_any()
}

fn data(item: &Item) -> AnyView {
    if item.data_url.is_none() && item.data_type.is_none() {
        return ().into_any();
    }
    let kind = item.data_type.map(|kind| data_name(kind).to_owned());
    view! {
        <section class="role">
            <h2>"Data"</h2>
            <dl class="grid">{fact("Lies in", kind)} {wide("Address", item.data_url.as_deref().map(address))}</dl>
        </section>
    }
    .into_any()
}

fn protocol(protocol: &Protocol) -> AnyView {
    let storages = (!protocol.storages.is_empty()).then(|| protocol.storages.join(", "));
    let secrets = (!protocol.secret_keys.is_empty()).then(|| protocol.secret_keys.join(", "));
    let facts = [
        fact("Job name", protocol.name.clone()),
        fact("Version", protocol.version.clone()),
        fact("Contributor", protocol.contributor.clone()),
        fact("Virtual cluster", protocol.virtual_cluster.clone()),
        fact("Storage", storages),
        fact("Secrets to fill in", secrets),
    ];
    view! {
        <dl class="grid">{facts.into_iter().collect_view()}</dl>
        {protocol.task_roles.iter().map(role).collect_view()}
        {prerequisites(&protocol.prerequisites)}
        {parameters(&protocol.parameters)}
        {deployments(&protocol.deployments, protocol.default_deployment.as_deref())}
    }
    .into_any()
}

fn role(role: &TaskRole) -> AnyView {
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
        fact("Ports", (!ports.is_empty()).then(|| ports.join(", "))),
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
    ];
    view! {
        <section class="role">
            <h2>"Task role " {role.name.clone()}</h2>
            <dl class="grid">{facts.into_iter().collect_view()} {commands("Commands", &role.commands)}</dl>
        </section>
    }
    .into_any()
}

fn prerequisites(all: &[Prerequisite]) -> AnyView {
    let rows = all.iter().map(|one| {
        let uris = one
            .uris
            .iter()
            .map(|uri| view! { <div>{address(uri)}</div> })
            .collect_view();
        let auth = one.has_auth.then_some(" (with credentials)");
        view! {
            <tr><td>{one.kind.clone()} {auth}</td><td>{one.name.clone()}</td><td>{uris}</td></tr>
        }
    });
    table(
        "Prerequisites",
        &["Type", "Name", "Address"],
        rows.collect_view().into_any(),
        all.is_empty(),
    )
}

fn parameters(all: &[(String, String)]) -> AnyView {
    let rows = all.iter().map(|(name, value)| {
        view! { <tr><td>{name.clone()}</td><td><code>{value.clone()}</code></td></tr> }
    });
    table(
        "Parameters",
        &["Name", "Value"],
        rows.collect_view().into_any(),
        all.is_empty(),
    )
}

fn deployments(all: &[Deployment], default: Option<&str>) -> AnyView {
    let deployment = |one: &Deployment| {
        let mark = (default == Some(one.name.as_str())).then_some(" (default)");
        let roles = one.roles.iter().map(|role| {
            view! {
                <h3>{role.name.clone()}</h3>
                <dl class="grid">
                    {commands("Before the commands", &role.pre_commands)}
                    {commands("After the commands", &role.post_commands)}
                </dl>
            }
        });
        view! {
            <section class="role">
                <h2>"Deployment " {one.name.clone()} {mark}</h2>
                {roles.collect_view()}
            </section>
        }
    };
    all.iter().map(deployment).collect_view().into_any()
}

fn table(title: &'static str, columns: &[&'static str], rows: AnyView, empty: bool) -> AnyView {
    if empty {
        return ().into_any();
    }
    let head = columns
        .iter()
        .map(|&name| view! { <th scope="col">{name}</th> });
    view! {
        <section>
            <h2>{title}</h2>
            <div class="plain">
                <table>
                    <thead><tr>{head.collect_view()}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn fact(name: &'static str, value: Option<String>) -> AnyView {
    let value = value.filter(|value| !value.is_empty());
    value
        .map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
        .into_any()
}

fn wide(name: &'static str, value: Option<AnyView>) -> AnyView {
    value
        .map(|value| view! { <div class="wide"><dt>{name}</dt><dd>{value}</dd></div> })
        .into_any()
}

/// A prerequisite that a role names: where it is tells more than its name.
fn reference(name: &'static str, to: Option<&Reference>) -> AnyView {
    let Some(to) = to else { return ().into_any() };
    let value = if to.uris.is_empty() {
        to.name.clone().into_any()
    } else {
        to.uris
            .iter()
            .map(|uri| view! { <div>{address(uri)}</div> })
            .collect_view()
            .into_any()
    };
    wide(name, Some(value))
}

fn commands(name: &'static str, all: &[String]) -> AnyView {
    let text = all.join("\n");
    wide(
        name,
        (!all.is_empty())
            .then(|| view! { <pre tabindex="0" aria-label=name>{text}</pre> }.into_any()),
    )
}

/// A text that may be a web address: then it is a link.
fn address(text: &str) -> AnyView {
    let text = text.to_owned();
    if text.starts_with("https://") || text.starts_with("http://") {
        view! { <a href=text.clone() rel="noopener noreferrer nofollow" target="_blank">{text.clone()}</a> }
            .into_any()
    } else {
        view! { <code>{text}</code> }.into_any()
    }
}
