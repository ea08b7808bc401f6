//! What a page knows of something it asks the server for.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};

use crate::client::Failure;
use crate::connection::Connection;

/// The state of a request.
#[derive(Clone, Debug)]
pub(crate) enum Load<T> {
    /// Under way.
    Loading,
    /// Here it is.
    Ready(T),
    /// It failed, and may be tried again.
    Failed(Failure),
}

/// What a request will have brought.
pub(crate) type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

impl<T> Load<T> {
    /// What came of it, if it is here.
    pub(crate) fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Loading | Self::Failed(_) => None,
        }
    }
}

/// A request that runs by itself, and again when a signal it reads changes.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    /// Where it stands.
    pub state: RwSignal<Load<T>>,
    again: RwSignal<()>,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: Clone + Send + Sync + 'static> Loaded<T> {
    /// Starts the request. A run that is overtaken by the next one, or whose
    /// page goes away, is aborted.
    pub(crate) fn new<F>(request: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        Self::start(Box::new(move || Box::pin(request())))
    }

    /// Takes a box for the same reason as [`spawn`].
    fn start(request: Box<dyn Fn() -> Answer<T>>) -> Self {
        let loaded = Self {
            state: RwSignal::new(Load::Loading),
            again: RwSignal::new(()),
        };
        follow(Box::new(move || {
            loaded.again.track();
            let answer = request();
            if !matches!(*loaded.state.read_untracked(), Load::Loading) {
                loaded.state.set(Load::Loading);
            }
            spawn(Box::pin(async move {
                loaded.state.set(match answer.await {
                    Ok(value) => Load::Ready(value),
                    Err(failure) => Load::Failed(failure),
                });
            }));
        }));
        if let Some(connection) = use_context::<Connection>() {
            connection.on_recovery(Box::new(move || {
                if matches!(*loaded.state.read_untracked(), Load::Failed(_)) {
                    loaded.retry();
                }
            }));
        }
        loaded
    }

    /// Runs the request once more.
    pub(crate) fn retry(self) {
        self.again.notify();
    }

    /// The value, once it is there.
    pub(crate) fn ready(self) -> Option<T> {
        self.state.read().ready().cloned()
    }
}

/// Runs what an event starts in the name of the component that made it, so
/// that it ends with the component.
#[derive(Clone)]
pub(crate) struct Tasks(Owner);

impl Tasks {
    /// Call it while the component is being built.
    pub(crate) fn new() -> Self {
        Self(Owner::current().unwrap_or_default())
    }

    /// Starts a task.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.0.with(|| spawn(Box::pin(task)));
    }
}

/// Runs a change of what the marketplace keeps: it comes to its end when the page that began
/// it is left, and what the task tells that page must bear that nobody is there any more.
pub(crate) fn finish(change: impl Future<Output = ()> + 'static) {
    let change: Pin<Box<dyn Future<Output = ()>>> = Box::pin(change);
    spawn_local(change);
}

/// Runs something now, and again when a signal that it reads changes. Takes a box for the
/// same reason as [`spawn`].
fn follow(mut act: Box<dyn FnMut()>) {
    Effect::new(move |_| act());
}

/// Takes a box, so that there is one copy of this in the wasm and not one for
/// each kind of task.
fn spawn(task: Pin<Box<dyn Future<Output = ()>>>) {
    spawn_local_scoped_with_cancellation(task);
}
