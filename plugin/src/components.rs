//! Parts that several pages share.

pub(crate) mod badge;
pub(crate) mod banner;
pub(crate) mod button;
pub(crate) mod code;
pub(crate) mod confirm;
pub(crate) mod diagnostics;
pub(crate) mod dialog;
pub(crate) mod editor;
pub(crate) mod failure;
pub(crate) mod leave;
pub(crate) mod live;
pub(crate) mod reason;
pub(crate) mod rights;
pub(crate) mod tabs;
pub(crate) mod toast;
