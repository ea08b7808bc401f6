use leptos::html;
use leptos::prelude::*;
use shared::wire::{AuditAction, AuditEntry, AuditKind};

use super::{shown, table};
use crate::components::button::button;
use crate::components::live::live;
use crate::load::Loaded;
use crate::messages::{admin as messages, list_of};
use crate::navigation::Navigation;
use crate::route::{AdminPart, AuditFilter, Route};
use crate::session::Session;
use crate::text::name_or_untitled;
use crate::time::when;

/// Lines on a page.
const PAGE: usize = 100;

/// Who did what when.
pub(super) fn audit(filter: &AuditFilter) -> AnyView {
    let client = Session::current().client;
    let offset = RwSignal::new(0_usize);
    let query = query(filter);
    let entries = Loaded::new(move || {
        let client = client.clone();
        let query = format!("{query}limit={PAGE}&offset={}", offset.get());
        async move { client.audit(&query).await }
    });
    let columns = [
        messages::when(),
        messages::who(),
        messages::what(),
        messages::to_which(),
        messages::details(),
    ];
    view! {
        {filters(filter)}
        {shown(entries, move |entries| {
            if entries.is_empty() {
                return view! { <p class="hint" role="status">{messages::no_entries()}</p> }.into_any();
            }
            table(messages::audit(), &columns, entries.iter().map(row).collect())
        })}
        <div class="actions">
            {live(move || (offset.get() > 0).then(|| button("button", messages::newer(), move || offset.update(|offset| *offset = offset.saturating_sub(PAGE)))))}
            {live(move || entries.ready().is_some_and(|entries| entries.len() == PAGE).then(|| button("button", messages::older(), move || offset.update(|offset| *offset += PAGE))))}
        </div>
    }
    .into_any()
}

/// The filter as the API takes it: days are those of the user.
fn query(filter: &AuditFilter) -> String {
    let mut query = String::new();
    for (key, value) in filter.fields() {
        let value = match key {
            "since" => start_of_day(value, 0.0),
            "until" => start_of_day(value, 1.0),
            _ => value.to_owned(),
        };
        if !value.is_empty() {
            let value = String::from(js_sys::encode_uri_component(&value));
            query.extend([key, "=", &value, "&"]);
        }
    }
    query
}

/// When a day begins, so many days after the one that is named.
fn start_of_day(day: &str, after: f64) -> String {
    let date = js_sys::Date::new(&format!("{day}T00:00:00").into());
    if day.is_empty() || date.get_time().is_nan() {
        return String::new();
    }
    date.set_time(date.get_time() + after * 86_400_000.0);
    date.to_iso_string().into()
}

fn filters(filter: &AuditFilter) -> AnyView {
    let navigation = Navigation::current();
    let [user, item, since, until] = [(); 4].map(|()| NodeRef::<html::Input>::new());
    let action = NodeRef::<html::Select>::new();
    let go = move || {
        let text = |field: NodeRef<html::Input>| {
            let value = field.get_untracked().map(|field| field.value());
            value.unwrap_or_default().trim().to_owned()
        };
        navigation.go(&Route::Admin(AdminPart::Audit(AuditFilter {
            user: text(user),
            item: text(item),
            action: action
                .get_untracked()
                .map(|field| field.value())
                .unwrap_or_default(),
            since: text(since),
            until: text(until),
        })));
    };
    let chosen = filter.action.clone();
    let options = AuditAction::ALL.iter().map(|action| {
        let selected = action.as_str() == chosen;
        view! { <option value=action.as_str() selected=selected>{action_name(*action)}</option> }
    });
    let is_filtered = *filter != AuditFilter::default();
    let clear = is_filtered.then(|| {
        let href = Route::Admin(AdminPart::Audit(AuditFilter::default())).hash();
        view! { <a class="button" href=href>{messages::clear()}</a> }
    });
    view! {
        <form class="bar" on:submit=move |event| {
            event.prevent_default();
            go();
        }>
            <label class="stack">{messages::who()} <input type="text" autocomplete="off" node_ref=user prop:value=filter.user.clone() /></label>
            <label class="stack">
                {messages::what()}
                <select node_ref=action>
                    <option value="">{messages::anything()}</option>
                    {options.collect_view()}
                </select>
            </label>
            <label class="stack">{messages::item_id()} <input type="text" autocomplete="off" node_ref=item prop:value=filter.item.clone() /></label>
            <label class="stack">{messages::from_day()} <input type="date" node_ref=since prop:value=filter.since.clone() /></label>
            <label class="stack">{messages::to_day()} <input type="date" node_ref=until prop:value=filter.until.clone() /></label>
            <div class="actions"><button class="button primary" type="submit">{messages::filter()}</button> {clear}</div>
        </form>
    }
    .into_any()
}

fn row(entry: &AuditEntry) -> AnyView {
    let name = name_or_untitled(entry.target_name.as_deref());
    let target = if entry.kind == AuditKind::Item && entry.action != AuditAction::Delete {
        let href = Route::detail(entry.target_id.as_str()).hash();
        view! { <a href=href dir="auto">{name}</a> }.into_any()
    } else {
        view! { <span dir="auto">{name}</span> }.into_any()
    };
    view! {
        <tr>
            <td>{when(&entry.at)}</td>
            <td dir="auto">{entry.user.clone()}</td>
            <td>{action_name(entry.action)}</td>
            <td>{kind_name(entry.kind)} " " {target}</td>
            <td dir="auto">{details(entry)}</td>
        </tr>
    }
    .into_any()
}

/// The fields that were changed, each once, or what else there is to say.
fn details(entry: &AuditEntry) -> String {
    let names_label = entry.action.as_str().contains('-');
    if entry.kind != AuditKind::Item || names_label {
        return list_of(&entry.details);
    }
    let mut names: Vec<String> = Vec::new();
    for field in &entry.details {
        let name = field_name(field);
        if names.iter().all(|known| known != name) {
            names.push(name.to_owned());
        }
    }
    list_of(&names)
}

fn field_name(field: &str) -> &str {
    match field {
        "categories" => messages::field_categories(),
        "dataType" | "dataUrl" => messages::field_data(),
        "deprecation" => messages::field_deprecation(),
        "description" => messages::field_description(),
        "groupList" | "isPrivate" | "isPublic" => messages::field_visibility(),
        "license" => messages::field_license(),
        "name" => messages::field_name(),
        "protocol" => messages::field_protocol(),
        "reviewNote" => messages::field_reason(),
        "status" => messages::field_review(),
        "summary" => messages::field_summary(),
        "tags" => messages::field_tags(),
        "type" => messages::field_type(),
        "useBlob" => messages::field_use_blob(),
        // One that is younger than this page.
        other => other,
    }
}

fn action_name(action: AuditAction) -> &'static str {
    match action.as_str() {
        "create" => messages::did_create(),
        "update" => messages::did_update(),
        "delete" => messages::did_delete(),
        "merge" => messages::did_merge(),
        "approve" => messages::did_approve(),
        "reject" => messages::did_reject(),
        "quarantine" => messages::did_quarantine(),
        "withdraw" => messages::did_withdraw(),
        "reinstate" => messages::did_reinstate(),
        "add-tag" => messages::did_add_tag(),
        "remove-tag" => messages::did_remove_tag(),
        "add-category" => messages::did_add_category(),
        "remove-category" => messages::did_remove_category(),
        // One that is younger than this page.
        word => word,
    }
}

fn kind_name(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::Item => messages::kind_item(),
        AuditKind::Tag => messages::kind_tag(),
        AuditKind::Category => messages::kind_category(),
        AuditKind::Storage => messages::kind_storage(),
    }
}
