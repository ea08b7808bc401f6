//! What a job will need, before anybody decides anything.

use shared::protocol::{Protocol, TaskRole};

use crate::messages::{self, amount};
use crate::text::{escaped, memory};

/// Images and resources of each task role, what they come to, and the secrets, as HTML.
pub(super) fn needs(protocol: &Protocol, secrets: &[(String, bool)]) -> String {
    let total = |part: fn(&TaskRole) -> Option<i64>| -> i64 {
        protocol
            .task_roles
            .iter()
            .map(|role| {
                part(role)
                    .unwrap_or_default()
                    .saturating_mul(instances(role))
            })
            .fold(0, i64::saturating_add)
    };
    let all = messages::use_item::in_all(
        &amount(total(|role| role.gpu)),
        &amount(total(|role| role.cpu)),
        &memory(total(|role| role.memory_mb)),
    );
    let secrets: Vec<_> = secrets.iter().map(|secret| secret.0.clone()).collect();
    let secrets = if secrets.is_empty() {
        String::new()
    } else {
        let text = messages::use_item::needs_secrets(&messages::list_of(&secrets));
        format!(r#"<p dir="auto">{}</p>"#, escaped(&text))
    };
    let columns = [
        messages::use_item::role(),
        messages::use_item::instances(),
        messages::use_item::gpu(),
        messages::use_item::cpu(),
        messages::use_item::memory(),
        messages::use_item::image(),
    ];
    let columns = columns.map(|name| format!(r#"<th scope="col">{}</th>"#, escaped(name)));
    let rows: String = protocol.task_roles.iter().map(role).collect();
    let title = escaped(messages::use_item::needs());
    format!(
        r#"<h2>{title}</h2><p class="strong">{}</p><div class="wide-table" tabindex="0" role="region" aria-label="{title}"><table><thead><tr>{}</tr></thead><tbody>{rows}</tbody></table></div>{secrets}"#,
        escaped(&all),
        columns.concat()
    )
}

fn role(role: &TaskRole) -> String {
    let image = role.docker_image.as_ref();
    let image = image.and_then(|image| image.uris.first());
    let cells = [
        amount(instances(role)),
        amount(role.gpu.unwrap_or_default()),
        amount(role.cpu.unwrap_or_default()),
        memory(role.memory_mb.unwrap_or_default()),
    ];
    let cells = cells.map(|text| format!("<td>{text}</td>"));
    format!(
        r#"<tr><th scope="row" dir="auto">{}</th>{}<td class="break"><code>{}</code></td></tr>"#,
        escaped(&role.name),
        cells.concat(),
        escaped(image.map_or("", String::as_str))
    )
}

fn instances(role: &TaskRole) -> i64 {
    role.instances.unwrap_or(1)
}
