//! Parts of a view that follow signals.

use leptos::prelude::*;

/// Shows what `part` says, again each time a signal that it reads changes.
///
/// A closure could stand in the view itself, but each one would bring its own
/// copy of the machinery that follows signals: several kB of wasm. Through
/// this box all share one. For the same reason attributes take `Signal`s.
pub(crate) fn live<V: IntoView + 'static>(mut part: impl FnMut() -> V + Send + 'static) -> AnyView {
    let part: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || part().into_any());
    part.into_any()
}
