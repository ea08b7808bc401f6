//! The jobs that show secrets, and what to do about it.

use js_sys::Date;
use leptos::prelude::*;
use shared::protocol::{Code, Exposed};
use wasm_bindgen::JsValue;

use crate::messages::{self, jobs as text};
use crate::openpai::{Job, job_page};
use crate::text::escaped;

/// So many secrets of a job are shown: who mends the first ones has seen what it is about.
const SHOWN: usize = 20;

/// How a protocol hides a secret.
const EXAMPLE: &str = r#"secrets:
  hf_token: …
taskRoles:
  main:
    commands:
      - train --token "<% $secrets.hf_token %>""#;

/// What to do about what was found.
pub(super) fn advice() -> AnyView {
    view! {
        <div class="notice">
            <h3>{text::todo()}</h3>
            <p>{text::todo_rotate()}</p>
            <p>{text::todo_next()}</p>
            <pre dir="ltr">{EXAMPLE}</pre>
        </div>
    }
    .into_any()
}

/// A job with what it shows, as HTML.
pub(super) fn row(job: &Job, exposed: &[Exposed]) -> String {
    let lines: String = exposed.iter().take(SHOWN).map(line).collect();
    let more = match exposed.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("<li>{}</li>", messages::editor::more_findings(more)),
    };
    #[allow(clippy::cast_precision_loss, reason = "no time is that far away")]
    let submitted = Date::new(&(job.submitted as f64).into());
    let submitted = submitted.to_locale_string(&messages::locale(), &JsValue::UNDEFINED);
    format!(
        r#"<li><h3><a dir="auto" href="{}">{}</a></h3><p class="hint">{}</p><ul>{lines}{more}</ul></li>"#,
        escaped(&job_page(&job.user, &job.name)),
        escaped(&job.name),
        escaped(&String::from(submitted)),
    )
}

/// A secret, as HTML: what it is, where it stands, how it begins.
fn line(exposed: &Exposed) -> String {
    let is = |code: Code| exposed.code == code.as_str();
    let rule = if is(Code::SecretToken) {
        text::rule_token()
    } else if is(Code::SecretCloudKey) {
        text::rule_cloud_key()
    } else if is(Code::SecretPrivateKey) {
        text::rule_private_key()
    } else if is(Code::SecretPassword) {
        text::rule_password()
    } else {
        text::rule_exposed()
    };
    let mut place = if exposed.path.is_empty() {
        text::comment().to_owned()
    } else {
        format!("<code dir=\"ltr\">{}</code>", escaped(&exposed.path))
    };
    if let Some(line) = exposed.line {
        place = text::place_with_line(&place, &line.to_string());
    }
    let shown = match &*exposed.shown {
        "…" => String::new(),
        shown => format!(" <code dir=\"ltr\">{}</code>", escaped(shown)),
    };
    format!("<li><b>{rule}</b> {place}{shown}</li>")
}
