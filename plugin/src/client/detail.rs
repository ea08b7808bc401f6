//! What can be done with one item, as its page calls it.

use gloo_net::http::Method;
use js_sys::{Object, Reflect};
use leptos::prelude::window;
use leptos::task::spawn_local;
use shared::wire::Rejection;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RequestInit;

use super::{Client, Failure, NO_HEADER, item_path, write};

impl Client {
    /// Gives the user's star to an item, or takes it back.
    pub(crate) async fn star(&self, id: &str, starred: bool) -> Result<(), Failure> {
        let method = if starred { Method::PUT } else { Method::DELETE };
        let path = format!("{}/star", item_path(id));
        self.send(method, &path, None, NO_HEADER).await?;
        Ok(())
    }

    /// Lets everybody see an item, if it is still the version with this `ETag`; else it
    /// fails with 412.
    pub(crate) async fn approve(&self, id: &str, etag: &str) -> Result<(), Failure> {
        let path = format!("{}/approve", item_path(id));
        let header = ("If-Match", etag);
        self.send(Method::POST, &path, None, header).await?;
        Ok(())
    }

    /// Follows an item, or follows it no more.
    pub(crate) async fn follow(&self, id: &str, followed: bool) -> Result<(), Failure> {
        let method = if followed {
            Method::PUT
        } else {
            Method::DELETE
        };
        let path = format!("{}/follow", item_path(id));
        self.send(method, &path, None, NO_HEADER).await?;
        Ok(())
    }

    /// Keeps an item from everybody but its author, who reads the reason, or takes it out of
    /// use altogether, if it is still the version with this `ETag`; else it fails with 412.
    pub(crate) async fn keep_back(
        &self,
        id: &str,
        etag: &str,
        reason: &str,
        quarantine: bool,
    ) -> Result<(), Failure> {
        let verdict = if quarantine { "quarantine" } else { "reject" };
        let path = format!("{}/{verdict}", item_path(id));
        let body = write(&Rejection {
            reason: reason.to_owned(),
        })?;
        let header = ("If-Match", etag);
        self.send(Method::POST, &path, Some(body), header).await?;
        Ok(())
    }

    /// Deletes an item while the page goes away: the browser sends the request even so,
    /// and nobody is left to hear what came of it.
    pub(crate) fn delete_on_leaving(&self, id: &str, etag: &str) {
        let headers = Object::new();
        let init = Object::new();
        let set = |object: &Object, name: &str, value: &JsValue| {
            // A plain object takes any field.
            let _ = Reflect::set(object, &name.into(), value);
        };
        set(&headers, "Authorization", &(&*self.authorization).into());
        if !etag.is_empty() {
            set(&headers, "If-Match", &etag.into());
        }
        set(&init, "method", &"DELETE".into());
        set(&init, "keepalive", &JsValue::TRUE);
        set(&init, "headers", &headers);
        let address = format!("{}{}", self.endpoint.base, item_path(id));
        let answer =
            window().fetch_with_str_and_init(&address, init.unchecked_ref::<RequestInit>());
        spawn_local(async move {
            let _ = JsFuture::from(answer).await;
        });
    }
}
