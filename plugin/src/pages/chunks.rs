//! The pages that come later than the list.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::news::NewsParts;
use super::versions::VersionPages;
use crate::chunks::chunks;
use crate::reader;

/// The pages with the form.
#[derive(Clone, Copy)]
pub(crate) struct FormPages {
    /// That of a new item.
    pub create: fn() -> AnyView,
    /// That of the item with this id.
    pub edit: fn(String) -> AnyView,
    /// That of all drafts.
    pub drafts: fn() -> AnyView,
}

/// What admins alone see.
#[derive(Clone, Copy)]
pub(crate) struct AdminPages {
    /// Their page.
    pub page: fn() -> AnyView,
    /// How much waits for them, for the way there.
    pub count: fn() -> AnyView,
}

chunks! {
    /// Making and changing an item.
    form: FormPages = FormPages { create: super::create::page, edit: super::edit::page, drafts: super::drafts::page };
    /// The page of the item with an id.
    detail: fn(String) -> AnyView = super::detail::page;
    /// What is for admins.
    admin in detail: AdminPages = AdminPages { page: super::admin::page, count: super::admin::count };
    /// What has become of what the user follows.
    news in detail: NewsParts = NewsParts { page: super::news::page, bell: super::news::bell };
    /// The page that makes a job of the item with an id.
    using in form: fn(String) -> AnyView = super::use_item::page;
    /// The user's jobs, looked through for secrets.
    check_jobs: fn() -> AnyView = super::check_jobs::page;
    /// What protocols were before they were changed.
    versions: VersionPages = VersionPages {
        versions: super::versions::page,
        update: super::versions::update,
    };
}

/// Begins to load what shows an item, because the next click may well lead to one. Who
/// needs it tries again, and says if that fails too.
pub(crate) fn prefetch() {
    spawn_local(async {
        let _ = detail().await;
        let _ = reader::reader().await;
    });
}
