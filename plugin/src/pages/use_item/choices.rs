//! What the user types, and what it means.

use leptos::prelude::*;
use serde_json::Value;
use shared::protocol::fill::{self, Choices, Job, Kind};

use super::State;
use crate::messages;

/// The control of the job's name.
pub(super) const NAME: &str = "use-name";
/// The control of its virtual cluster.
pub(super) const VIRTUAL_CLUSTER: &str = "use-virtual-cluster";

/// A parameter or a secret.
#[derive(Clone)]
pub(super) struct Choice {
    /// The id of its control.
    pub id: String,
    /// Its key, or the path to it.
    pub name: String,
    pub kind: Kind,
    /// Whether the template has a value of its own.
    pub has_value: bool,
    /// What is typed.
    pub text: RwSignal<String>,
}

impl Choice {
    pub(super) fn of_parameters(job: &Job) -> Vec<Self> {
        let parameters = fill::parameters(job).into_iter().enumerate();
        let choice = |(index, parameter): (usize, fill::Parameter)| Self {
            id: format!("use-parameter-{index}"),
            text: RwSignal::new(parameter.typed()),
            has_value: true,
            kind: parameter.kind,
            name: parameter.name,
        };
        parameters.map(choice).collect()
    }

    pub(super) fn of_secrets(job: &Job) -> Vec<Self> {
        let secrets = fill::secrets(job).into_iter().enumerate();
        let choice = |(index, (name, has_value))| Self {
            id: format!("use-secret-{index}"),
            name,
            kind: Kind::Text,
            has_value,
            text: RwSignal::new(String::new()),
        };
        secrets.map(choice).collect()
    }
}

impl State {
    /// What is decided; where that does not do, what is wrong with which control.
    pub(super) fn choices(self) -> Result<Choices, Vec<(String, String)>> {
        let mut wrong = Vec::new();
        let choices = self.read(&mut |id, text| wrong.push((id.to_owned(), text)));
        if !fill::is_job_name(&choices.name) {
            wrong.insert(
                0,
                (NAME.to_owned(), messages::use_item::bad_name().to_owned()),
            );
        }
        if wrong.is_empty() {
            Ok(choices)
        } else {
            Err(wrong)
        }
    }

    /// What is decided, as far as it can be read. Follows all that is typed but secrets.
    pub(super) fn choices_so_far(self) -> Choices {
        Choices {
            secrets: Vec::new(),
            ..self.read(&mut |_, _| {})
        }
    }

    fn read(self, complain: &mut dyn FnMut(&str, String)) -> Choices {
        let mut choices = Choices {
            name: self.name.get().trim().to_owned(),
            virtual_cluster: self.virtual_cluster.get(),
            submit_from: fill::SUBMIT_FROM.to_owned(),
            ..Choices::default()
        };
        for choice in self.parameters.get_value() {
            match choice.kind.read(&choice.text.get()) {
                Some(value) => choices.parameters.push((choice.name, value)),
                None => complain(
                    &choice.id,
                    messages::use_item::bad_value(wanted(choice.kind)),
                ),
            }
        }
        for choice in self.secrets.get_value() {
            let text = choice.text.get_untracked();
            if !text.is_empty() {
                choices.secrets.push((choice.name, text));
            } else if !choice.has_value {
                complain(&choice.id, messages::use_item::secret_missing().to_owned());
            }
        }
        for (role, sku) in self.skus.get_value() {
            choices.skus.push((role, sku.get()));
        }
        choices
    }

    /// Forgets what nobody may find here later.
    pub(super) fn forget_secrets(self) {
        for choice in self.secrets.get_value() {
            choice.text.set(String::new());
        }
        self.used.set_value(None);
    }
}

/// The virtual cluster that a template names.
pub(super) fn virtual_cluster(job: &Job) -> &str {
    let defaults = job.get("defaults");
    let named = defaults.and_then(|defaults| defaults.get("virtualCluster")?.as_str());
    named.unwrap_or("default")
}

/// The SKU that a template names for a task role; empty if none.
pub(super) fn sku<'a>(job: &'a Job, role: &str) -> &'a str {
    let roles = job
        .get("extras")
        .and_then(|extras| extras.get("hivedScheduler")?.get("taskRoles"));
    let sku = roles.and_then(|roles| roles.get(role)?.get("skuType"));
    sku.and_then(Value::as_str).unwrap_or_default()
}

/// What a value has to be.
pub(super) fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Switch => messages::use_item::a_switch(),
        Kind::Whole => messages::use_item::a_whole_number(),
        Kind::Number => messages::use_item::a_number(),
        Kind::Text => messages::use_item::a_text(),
        Kind::Json => messages::use_item::a_json(),
    }
}
