//! The second wasm module, which reads protocols and markdown: the list does
//! without, so it comes later and only once.

use js_sys::{Function, Promise};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use shared::protocol::Diagnostic;
use shared::wire::Item;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::client::Failure;
use crate::components::badge::data_name;
use crate::components::failure::failure;
use crate::components::live::live;
use crate::load::{Load, Loaded};
use crate::session::Session;

#[wasm_bindgen]
extern "C" {
    /// What `plugin/reader` exports.
    #[derive(Clone)]
    type Exports;
    #[wasm_bindgen(method)]
    fn check(this: &Exports, protocol: &str) -> String;
    #[wasm_bindgen(method)]
    fn job(this: &Exports, protocol: &str, place: &str, address: &str) -> String;
    #[wasm_bindgen(method)]
    fn html(this: &Exports, markdown: &str, here: &str) -> String;
}

/// What is wrong with a protocol; its name and description, which are empty if
/// it says nothing, if it can be read at all.
pub(crate) type Checked = (Vec<Diagnostic>, Option<(String, String)>);

/// The way to the module.
#[derive(Clone)]
pub(crate) struct Loader(SendWrapper<Function>);

/// The module, loaded.
#[derive(Clone)]
pub(crate) struct Reader(SendWrapper<Exports>);

impl Loader {
    /// `load` returns a promise of the module, the same one every time.
    pub(crate) fn new(load: Function) -> Self {
        Self(SendWrapper::new(load))
    }

    /// Begins to load the module, so that a page need not wait for it.
    pub(crate) fn prefetch(&self) {
        let loader = self.clone();
        spawn_local(async move {
            // Who needs it tries again, and says if that fails too.
            let _ = loader.load().await;
        });
    }

    /// The module, as soon as it is there.
    pub(crate) async fn load(&self) -> Result<Reader, Failure> {
        let failure = |_| {
            Failure::local(
                "A part of the marketplace could not be loaded. Check your connection and try again.",
            )
        };
        let promise = self.0.call0(&JsValue::NULL).map_err(failure)?;
        let exports = JsFuture::from(Promise::from(promise))
            .await
            .map_err(failure)?;
        Ok(Reader(SendWrapper::new(exports.unchecked_into())))
    }
}

impl Reader {
    /// What is wrong with a protocol, and its name and description.
    pub(crate) fn check(&self, protocol: &str) -> Checked {
        understood(&self.0.check(protocol))
    }

    /// What the job of an item asks of the cluster.
    pub(crate) fn job(&self, item: &Item) -> AnyView {
        let html = self.0.job(
            item.protocol.as_deref().unwrap_or_default(),
            item.data_type.map_or("", data_name),
            item.data_url.as_deref().unwrap_or_default(),
        );
        view! { <div class="panel-parts" inner_html=html></div> }.into_any()
    }

    /// Markdown as people read it. Links to its headings scroll there.
    pub(crate) fn markdown(&self, text: &str, class: &'static str) -> AnyView {
        let here = window().location().hash().unwrap_or_default();
        let html = self.0.html(text, &here);
        view! { <div class=class inner_html=html on:click=move |event| follow_anchor(&event)></div> }
            .into_any()
    }
}

/// Shows what `part` makes of a text, once the module is there.
pub(crate) fn with_reader(part: impl Fn(Reader) -> AnyView + Send + 'static) -> AnyView {
    let loader = Session::current().loader;
    let reader = Loaded::new(move || {
        let loader = loader.clone();
        async move { loader.load().await }
    });
    live(move || match &*reader.state.read() {
        Load::Loading => view! { <p class="sr" role="status">"Loading"</p> }.into_any(),
        Load::Failed(reason) => failure(reason, move || reader.retry()),
        Load::Ready(reader) => part(reader.clone()),
    })
}

/// Goes to the heading that a link names, if it is such a link.
fn follow_anchor(event: &web_sys::MouseEvent) {
    let element =
        |target: Option<web_sys::EventTarget>| target?.dyn_into::<web_sys::Element>().ok();
    let link = element(event.target()).and_then(|at| at.closest("a[data-anchor]").ok()?);
    let Some(anchor) = link.and_then(|link| link.get_attribute("data-anchor")) else {
        return;
    };
    event.prevent_default();
    let heading = element(event.current_target())
        .and_then(|around| around.query_selector(&format!("[id='{anchor}']")).ok()?);
    if let Some(heading) = heading {
        heading.scroll_into_view();
        let _ = heading.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

/// Both modules are built together, so that one understands the other.
#[allow(clippy::expect_used, reason = "see above")]
fn understood(json: &str) -> Checked {
    serde_json::from_str(json).expect("the reader speaks the same types")
}
