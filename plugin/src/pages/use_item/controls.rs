//! The controls of the form.

use leptos::prelude::*;
use serde_json::{Map, Value};
use shared::protocol::fill::{self, Kind};

use super::State;
use super::choices::{Choice, NAME, VIRTUAL_CLUSTER, wanted};
use crate::components::failure::unknown;
use crate::components::live::live;
use crate::fit;
use crate::load::{Load, Loaded};
use crate::messages;
use crate::openpai::OpenPai;
use crate::text::{escaped, memory};

/// What the job is called, and where it runs; and whether OpenPAI has said what there is
/// to choose from, or cannot: from then on this part keeps its height.
pub(super) fn place(state: State, openpai: OpenPai) -> (AnyView, Memo<bool>) {
    let asked = openpai.clone();
    let clusters = Loaded::new(move || {
        let openpai = asked.clone();
        async move {
            let names = openpai.virtual_clusters().await?;
            // The template's, if one may; else the first that one may use.
            let wanted = state.virtual_cluster.get_untracked();
            if !names.contains(&wanted) {
                let first = names
                    .iter()
                    .find(|name| *name == "default")
                    .or(names.first());
                state.virtual_cluster.set(first.cloned().unwrap_or(wanted));
            }
            Ok(names)
        }
    });
    let skus = Loaded::new(move || {
        let (openpai, cluster) = (openpai.clone(), state.virtual_cluster.get());
        // The template may name one that is nobody's.
        let is_known = matches!(*clusters.state.read(), Load::Ready(_));
        async move {
            if !is_known {
                // The next run takes its place once there is something to ask.
                std::future::pending::<()>().await;
            }
            openpai.skus(&cluster).await
        }
    });
    // Those of the virtual cluster before stay until there are others.
    let known = Memo::new(move |former: Option<&Value>| match &*skus.state.read() {
        Load::Loading => former.cloned().unwrap_or_default(),
        Load::Ready(skus) => skus.clone(),
        Load::Failed(_) => Value::Null,
    });
    let settled = Memo::new(move |former: Option<&bool>| {
        let all_there = || match *clusters.state.read() {
            Load::Loading => false,
            Load::Failed(_) => true,
            Load::Ready(_) => !matches!(*skus.state.read(), Load::Loading),
        };
        former == Some(&true) || all_there()
    });
    let cluster = move || match &*clusters.state.read() {
        Load::Loading => view! { <p class="hint">{messages::common::loading()}</p> }.into_any(),
        Load::Failed(reason) => {
            unknown(messages::use_item::clusters_unknown(), reason, move || {
                clusters.retry();
            })
        }
        Load::Ready(names) => {
            let options: Vec<_> = names
                .iter()
                .map(|name| (name.clone(), name.clone()))
                .collect();
            let control = select(state, VIRTUAL_CLUSTER, &options, state.virtual_cluster);
            field(
                state,
                VIRTUAL_CLUSTER,
                messages::use_item::virtual_cluster().into(),
                "",
                control,
            )
        }
    };
    let chosen = fit::Chosen {
        name: state.virtual_cluster.into(),
        number: Signal::derive(move || clusters.state.read().ready().map_or(0, Vec::len)),
    };
    let name = line(state, NAME, "text", state.name);
    let view = view! {
        <fieldset class="box">
            <legend>{messages::use_item::place()}</legend>
            {field(state, NAME, messages::use_item::job_name().into(), messages::use_item::job_name_hint(), name)}
            {live(cluster)}
            {fit::follow(filled_in(state), Some(chosen))}
            {live(move || known.with(|skus| sku_fields(state, skus)))}
            {live(move || match &*skus.state.read() {
                Load::Failed(reason) => {
                    unknown(messages::use_item::skus_unknown(), reason, move || skus.retry())
                }
                Load::Loading | Load::Ready(_) => ().into_any(),
            })}
        </fieldset>
    };
    (view.into_any(), settled)
}

/// The job as it would be submitted now, as JSON.
fn filled_in(state: State) -> Signal<String> {
    Memo::new(move |_| {
        let mut job = state.template.get_value();
        fill::apply(&mut job, &state.choices_so_far());
        Value::Object(job).to_string()
    })
    .into()
}

/// A choice of SKU for each task role, where there are any.
fn sku_fields(state: State, skus: &Value) -> AnyView {
    let none = Map::new();
    let skus = skus.as_object().unwrap_or(&none);
    let one = |(index, (role, chosen)): (usize, (String, RwSignal<String>))| {
        let id = sku_id(index);
        if !skus.contains_key(&chosen.get_untracked()) {
            chosen.set(String::new());
        }
        let mut options = vec![(String::new(), messages::use_item::any_sku().to_owned())];
        options.extend(skus.iter().map(|(name, cell)| {
            let number = |key: &str| messages::amount(cell[key].as_i64().unwrap_or_default());
            let text = messages::use_item::sku(
                name,
                &number("gpu"),
                &number("cpu"),
                &memory(cell["memory"].as_i64().unwrap_or_default()),
            );
            (name.clone(), text)
        }));
        let control = select(state, &id, &options, chosen);
        field(state, &id, messages::use_item::sku_of(&role), "", control)
    };
    if skus.is_empty() {
        return ().into_any();
    }
    let roles = state.skus.get_value().into_iter().enumerate();
    roles.map(one).collect_view().into_any()
}

/// The id of the control for a task role's SKU.
pub(super) fn sku_id(index: usize) -> String {
    format!("use-sku-{index}")
}

/// The parameters, each with a control of its kind.
pub(super) fn parameters(state: State) -> AnyView {
    let one = |choice: Choice| {
        let control = match choice.kind {
            Kind::Switch => {
                let options = ["true", "false"].map(|word| (word.to_owned(), word.to_owned()));
                select(state, &choice.id, &options, choice.text)
            }
            Kind::Json => lines(state, &choice.id, choice.text),
            Kind::Text if choice.text.with_untracked(|text| text.contains('\n')) => {
                lines(state, &choice.id, choice.text)
            }
            Kind::Text | Kind::Whole | Kind::Number => line(state, &choice.id, "text", choice.text),
        };
        field(state, &choice.id, choice.name, wanted(choice.kind), control)
    };
    group(state.parameters, messages::use_item::parameters(), "", one)
}

/// The secrets: what is typed shows nowhere and is kept nowhere.
pub(super) fn secrets(state: State) -> AnyView {
    let one = |choice: Choice| {
        let hint = if choice.has_value {
            messages::use_item::secret_there()
        } else {
            messages::use_item::secret_needed()
        };
        let control = line(state, &choice.id, "password", choice.text);
        field(state, &choice.id, choice.name, hint, control)
    };
    let title = messages::use_item::secrets();
    group(
        state.secrets,
        title,
        messages::use_item::secrets_hint(),
        one,
    )
}

fn group(
    choices: StoredValue<Vec<Choice>>,
    title: &'static str,
    hint: &'static str,
    one: impl Fn(Choice) -> AnyView,
) -> AnyView {
    let fields: Vec<AnyView> = choices.get_value().into_iter().map(one).collect();
    if fields.is_empty() {
        return ().into_any();
    }
    view! {
        <fieldset class="box">
            <legend>{title}</legend>
            {(!hint.is_empty()).then(|| view! { <p class="hint">{hint}</p> })}
            {fields}
        </fieldset>
    }
    .into_any()
}

/// A control with its label, hint and complaint.
fn field(state: State, id: &str, label: String, hint: &'static str, control: AnyView) -> AnyView {
    let id = id.to_owned();
    let complaint = {
        let id = id.clone();
        move || state.complaint(&id)
    };
    view! {
        <div class="field">
            <label for=id.clone() dir="auto">{label}</label>
            {control}
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            <p class="complaint" id=format!("{id}-complaint")>{live(complaint)}</p>
        </div>
    }
    .into_any()
}

fn line(state: State, id: &str, kind: &'static str, text: RwSignal<String>) -> AnyView {
    // Browsers fill in the password of the portal's login where it says "off".
    let complete = if kind == "password" {
        "new-password"
    } else {
        "off"
    };
    view! {
        <input
            type=kind
            id=id.to_owned()
            dir="auto"
            autocomplete=complete
            spellcheck="false"
            aria-describedby=described(id)
            aria-invalid=is_wrong(state, id)
            prop:value=Signal::derive(move || text.get())
            on:input=move |event| text.set(event_target_value(&event))
        />
    }
    .into_any()
}

fn lines(state: State, id: &str, text: RwSignal<String>) -> AnyView {
    view! {
        <textarea
            id=id.to_owned()
            dir="auto"
            rows="4"
            spellcheck="false"
            aria-describedby=described(id)
            aria-invalid=is_wrong(state, id)
            prop:value=Signal::derive(move || text.get())
            on:input=move |event| text.set(event_target_value(&event))
        ></textarea>
    }
    .into_any()
}

fn select(
    state: State,
    id: &str,
    options: &[(String, String)],
    chosen: RwSignal<String>,
) -> AnyView {
    let now = chosen.get_untracked();
    let option = |(value, text): &(String, String)| {
        let selected = if *value == now { " selected" } else { "" };
        let (value, text) = (escaped(value), escaped(text));
        format!("<option value=\"{value}\"{selected}>{text}</option>")
    };
    let options: String = options.iter().map(option).collect();
    view! {
        <select
            id=id.to_owned()
            aria-describedby=described(id)
            aria-invalid=is_wrong(state, id)
            inner_html=options
            on:change=move |event| chosen.set(event_target_value(&event))
        ></select>
    }
    .into_any()
}

fn described(id: &str) -> String {
    format!("{id}-hint {id}-complaint")
}

fn is_wrong(state: State, id: &str) -> Signal<String> {
    let id = id.to_owned();
    Signal::derive(move || state.complaint(&id).is_some().to_string())
}
