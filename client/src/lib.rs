//! What one does with a marketplace from a shell, or in the CI of a repository that keeps
//! templates: subcommands of the program `marketplace`, beside those that serve.
//!
//! - [`Connection`] is where the marketplace is and who asks. The token comes from the
//!   environment or a file, never from an argument, which others on the machine could read.
//! - `server` makes the calls by [`http`]: each has a timeout, each answer a bound, and each
//!   refusal is a sentence.
//! - [`Source`] is a protocol, be it a file or an item.
//! - `search` and `show` read the catalogue; `pull` and `push` carry items to and from
//!   folders (`folder`), field by field (`fields`), and `lock` remembers which item a folder
//!   is.
//! - `fit` and `submit` ask `openpai`, in the user's own name.
//! - [`Error`] says how the program ends, and `text` what may stand on a terminal.

mod connection;
mod error;
mod fields;
pub mod files;
mod fit;
mod folder;
pub mod http;
mod lock;
mod openpai;
mod pull;
mod push;
mod search;
mod server;
mod show;
mod source;
mod submit;
mod text;

pub use connection::{Connection, OpenPaiConnection};
pub use error::Error;
pub use fields::Fields;
pub use fit::{FitOptions, run as fit};
pub use folder::read as read_folder;
pub use pull::{PullOptions, run as pull};
pub use push::{PushOptions, run as push};
pub use search::{SearchOptions, run as search};
pub use show::{ShowOptions, run as show};
pub use source::{ItemAddress, Source};
pub use submit::{SubmitOptions, run as submit};
