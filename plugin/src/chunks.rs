//! The parts of the plugin that the browser loads when they are needed. Each function
//! declared by [`chunks`] is the only way into its chunk of wasm: it answers with
//! functions of the chunk, once that is there, and a failed load can be tried again.
//!
//! What only these functions lead to is in the chunk; what several of them lead to is
//! in chunks that they share. `xtask/src/split.rs` cuts them out.

use std::future::Future;

use leptos::prelude::*;

use crate::client::Failure;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::load::{Load, Loaded};
use crate::messages;

#[cfg(feature = "split")]
impl From<leptos::wasm_split::SplitLoaderError> for Failure {
    /// A tab that was open during an update asks for files that are gone.
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self::local(messages::app::chunk_failed())
    }
}

/// What is said in a build in chunks only.
#[cfg(not(feature = "split"))]
const _: fn() -> &'static str = messages::app::chunk_failed;

/// Declares chunks. Without the feature `split` they are part of the app. What is `in` the
/// chunk of another name comes with that: fewer chunks have less to share.
macro_rules! chunks {
    () => {};
    ($(#[$doc:meta])* $name:ident: $functions:ty = $value:expr; $($rest:tt)*) => {
        $crate::chunks::chunks! { $(#[$doc])* $name in $name: $functions = $value; $($rest)* }
    };
    ($(#[$doc:meta])* $name:ident in $chunk:ident: $functions:ty = $value:expr; $($rest:tt)*) => {
        $(#[$doc])*
        #[cfg(feature = "split")]
        #[leptos::wasm_split::wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, fallible)]
        pub(crate) fn $name() -> Result<$functions, crate::client::Failure> {
            Ok($value)
        }
        $(#[$doc])*
        #[cfg(not(feature = "split"))]
        #[allow(clippy::unused_async, reason = "as with the feature")]
        pub(crate) async fn $name() -> Result<$functions, crate::client::Failure> {
            Ok($value)
        }
        $crate::chunks::chunks! { $($rest)* }
    };
}

pub(crate) use chunks;

/// Shows what `part` makes of a chunk, once that is there.
pub(crate) fn show<T, F>(chunk: fn() -> F, part: impl Fn(T) -> AnyView + Send + 'static) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    let loaded = Loaded::new(chunk);
    live(move || match &*loaded.state.read() {
        Load::Loading => {
            view! { <p class="sr" role="status">{messages::common::loading()}</p> }.into_any()
        }
        Load::Failed(reason) => failure(reason, move || loaded.retry()),
        Load::Ready(functions) => part(functions.clone()),
    })
}
