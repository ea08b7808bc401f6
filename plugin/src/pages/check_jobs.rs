//! One's own jobs, looked through for secrets that everybody can read in them. All of it
//! happens in the browser: the marketplace's API learns nothing, and nothing is kept.

mod found;
mod run;

use leptos::html;
use leptos::prelude::*;

use super::mine;
use crate::client::Failure;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::messages::{self, jobs as text};
use crate::openpai::{Job, OpenPai};
use crate::route::Route;
use crate::styles;

/// So many jobs are looked through before the user is asked whether to go on.
const BATCH: usize = 50;

/// After so many jobs their number is said again: each single one would be a chatter.
const SAID: usize = 10;

/// How far it has come.
#[derive(Clone, Default)]
struct Progress {
    /// How many jobs the user has, once that is known.
    total: Option<usize>,
    /// How many of them have been listed, newest first.
    listed: usize,
    /// Those that are listed and not looked through yet.
    waiting: Vec<Job>,
    /// How many are looked through.
    checked: usize,
    /// Of how many of these OpenPAI has not kept the protocol.
    unkept: usize,
    /// The names of those that show a secret.
    leaking: Vec<String>,
    /// OpenPAI takes no more requests for a while.
    pauses: bool,
}

impl Progress {
    /// How many jobs are left to list.
    fn left(&self) -> Option<usize> {
        Some(self.total?.saturating_sub(self.listed))
    }
}

/// A check of somebody's jobs.
#[derive(Clone, Copy)]
struct Check {
    running: RwSignal<bool>,
    progress: RwSignal<Progress>,
    /// Why it did not go on.
    failed: RwSignal<Option<Failure>>,
    /// The jobs that show secrets. They are put there one by one, so that whoever reads
    /// one of them stays there when others come.
    list: NodeRef<html::Ul>,
}

/// The page.
pub(super) fn page() -> AnyView {
    styles::adopt(include_str!("../../styles/browse.css"));
    styles::adopt(include_str!("../../styles/check-jobs.css"));
    let check = Check {
        running: RwSignal::new(false),
        progress: RwSignal::new(Progress::default()),
        failed: RwSignal::new(None),
        list: NodeRef::new(),
    };
    let content = match OpenPai::current() {
        Some(openpai) => {
            run::follow(check, openpai);
            content(check)
        }
        None => view! { <p class="hint">{messages::create::no_openpai()}</p> }.into_any(),
    };
    view! {
        <div class="head"><h1>{messages::list::my_things()}</h1></div>
        {mine::tabs(&Route::CheckJobs)}
        <section class="check">
            <h2>{text::title()}</h2>
            <p>{text::intro()}</p>
            {content}
        </section>
    }
    .into_any()
}

fn content(check: Check) -> AnyView {
    let Check {
        running,
        progress,
        failed,
        list,
    } = check;
    // One button at all times, so that the focus stays on it.
    let press = move |_| {
        if running.get_untracked() {
            return running.set(false);
        }
        let is_through =
            progress.with_untracked(|known| known.waiting.is_empty() && known.left() == Some(0));
        if is_through {
            progress.set(Progress::default());
            if let Some(list) = list.get_untracked() {
                list.set_inner_html("");
            }
        }
        running.set(true);
    };
    let name = Memo::new(move |_| progress.with(|known| button_name(running.get(), known)));
    let said = Memo::new(move |_| {
        progress.with(|known| sentences(running.get(), known, failed.read().is_some()))
    });
    let bar = move || {
        running.get().then(|| {
            let checked = Signal::derive(move || progress.with(|known| known.checked.to_string()));
            let listed = Signal::derive(move || progress.with(|known| known.listed.max(1).to_string()));
            view! { <progress aria-label=text::progress() max=listed prop:value=checked></progress> }
        })
    };
    let is_any = Memo::new(move |_| progress.with(|known| !known.leaking.is_empty()));
    view! {
        <div class="actions">
            <button class="button primary" type="button" on:click=press>{live(move || name.get())}</button>
            {live(bar)}
        </div>
        <p role="status">{live(move || said.get())}</p>
        {live(move || failed.get().map(|reason| failure(&reason, move || running.set(true))))}
        {live(move || is_any.get().then(found::advice))}
        <ul class="leaking" aria-label=text::found_title() hidden=Signal::derive(move || !is_any.get()) node_ref=list></ul>
    }
    .into_any()
}

/// What the button does next.
fn button_name(is_running: bool, known: &Progress) -> String {
    match known.left() {
        _ if is_running => text::stop().to_owned(),
        None => text::check().to_owned(),
        Some(_) if !known.waiting.is_empty() => text::go_on().to_owned(),
        Some(0) => text::again().to_owned(),
        Some(left) => text::next(left.min(BATCH)),
    }
}

/// How far it has come, in words.
fn sentences(is_running: bool, known: &Progress, has_failed: bool) -> String {
    let total = match known.total {
        Some(total) => total,
        None if is_running => return messages::common::loading().to_owned(),
        None => return String::new(),
    };
    if total == 0 {
        return text::none().to_owned();
    }
    let checked = if is_running {
        known.checked / SAID * SAID
    } else {
        known.checked
    };
    let mut sentences = vec![text::checked(checked)];
    let found = known.leaking.len();
    if found > 0 {
        sentences.push(text::found(found));
    } else if !is_running && !has_failed && known.checked > 0 {
        sentences.push(text::nothing().to_owned());
    }
    if known.unkept > 0 && !is_running {
        sentences.push(text::unkept(known.unkept));
    }
    if known.pauses {
        let seconds = run::PAUSE.as_secs();
        sentences.push(text::pauses(&seconds.to_string()));
    }
    // Chinese writes no blanks between sentences, and does not mind them.
    sentences.join(" ")
}
