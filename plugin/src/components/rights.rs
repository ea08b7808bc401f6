use leptos::prelude::*;

use super::failure::unknown;
use super::live::live;
use crate::load::Load;
use crate::messages::detail as messages;
use crate::session::Session;

/// Says so if it is not known what the user may do: buttons are missing then.
pub(crate) fn rights() -> AnyView {
    let me = Session::current().me;
    live(move || match &*me.state.read() {
        Load::Failed(reason) => unknown(messages::rights_unknown(), reason, move || me.retry()),
        Load::Loading | Load::Ready(_) => ().into_any(),
    })
}
