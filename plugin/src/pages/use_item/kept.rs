//! What is decided outlives signing in again, a reload, and the submit page: in the tab's
//! session storage, without the secrets.

use leptos::prelude::*;
use serde_json::{Map, Value};
use shared::protocol::fill;

use super::State;
use super::choices::{NAME, VIRTUAL_CLUSTER, sku, virtual_cluster};

impl State {
    /// Keeps what is not as the template has it. A full or forbidden storage only costs
    /// the safety net.
    pub(super) fn keep(self) {
        let mut kept = Map::new();
        let template = self.template.get_value();
        let mut keep = |key: String, text: String, proposed: &str| {
            if text != proposed {
                kept.insert(key, text.into());
            }
        };
        let cluster = self.virtual_cluster.get_untracked();
        keep(
            VIRTUAL_CLUSTER.to_owned(),
            cluster,
            virtual_cluster(&template),
        );
        for (role, chosen) in self.skus.get_value() {
            let proposed = sku(&template, &role);
            keep(format!("sku {role}"), chosen.get_untracked(), proposed);
        }
        let proposed = fill::parameters(&template);
        for (choice, proposed) in self.parameters.get_value().iter().zip(proposed) {
            let text = choice.text.get_untracked();
            keep(parameter(&choice.name), text, &proposed.typed());
        }
        keep(
            NAME.to_owned(),
            self.name.get_untracked(),
            &self.proposed.get_value(),
        );
        if let (Some(storage), false) = (storage(), kept.is_empty()) {
            let _ = storage.set_item(&self.key.get_value(), &Value::Object(kept).to_string());
        }
    }

    /// Takes back what was kept, as far as the item still asks for it; whether there was
    /// something.
    pub(super) fn restore(self) -> bool {
        let kept = storage().and_then(|storage| storage.get_item(&self.key.get_value()).ok()?);
        // It is kept again when the page is left.
        self.forget();
        let Some(Value::Object(kept)) = kept.and_then(|kept| serde_json::from_str(&kept).ok())
        else {
            return false;
        };
        let take = |key: &str, into: RwSignal<String>| {
            if let Some(text) = kept.get(key).and_then(Value::as_str) {
                into.set(text.to_owned());
            }
        };
        take(NAME, self.name);
        take(VIRTUAL_CLUSTER, self.virtual_cluster);
        for (role, chosen) in self.skus.get_value() {
            take(&format!("sku {role}"), chosen);
        }
        for choice in self.parameters.get_value() {
            take(&parameter(&choice.name), choice.text);
        }
        true
    }

    /// Keeps nothing any more.
    pub(super) fn forget(self) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&self.key.get_value());
        }
    }
}

fn parameter(name: &str) -> String {
    format!("parameter {name}")
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}
