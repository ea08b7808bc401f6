//! What bodies are told apart by.

use xxhash_rust::xxh3::Xxh3;

/// The digest of a body that is at hand piece by piece: of a whole catalogue too,
/// so it is one that takes no longer than to read it.
#[derive(Default)]
pub(crate) struct Digest(Box<Xxh3>);

impl Digest {
    /// Adds what comes next.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The strong tag of all that was added.
    pub(crate) fn tag(&self) -> String {
        format!("\"{:032x}\"", self.0.digest128())
    }
}
