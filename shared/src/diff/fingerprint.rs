//! What a node means as one number, so that whatever is the same on both sides
//! is passed over at once, and lists are aligned without comparing texts.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::protocol::yaml::{Document, Node, Scalar};

/// The fingerprints of a document's nodes: equal means that JavaScript would
/// find the same values.
pub(super) struct Fingerprints(Vec<u128>);

impl Fingerprints {
    pub(super) fn of(document: &Document) -> Self {
        let mut known = vec![None; document.node_count()];
        fill(document.root(), &mut known);
        Self(known.into_iter().map(Option::unwrap_or_default).collect())
    }

    pub(super) fn get(&self, node: Node<'_>) -> u128 {
        self.0[node.id()]
    }
}

/// As deep as a tree is, which is bounded; an alias is counted once.
fn fill(node: Node<'_>, known: &mut [Option<u128>]) -> u128 {
    if let Some(found) = known[node.id()] {
        return found;
    }
    let mut hash = Hash128::default();
    if let Some(scalar) = node.scalar() {
        match (node.as_int(), scalar) {
            (Some(whole), _) => (1_u8, whole).hash(&mut hash),
            (_, Scalar::Null) => 2_u8.hash(&mut hash),
            (_, Scalar::Bool(truth)) => (3_u8, truth).hash(&mut hash),
            (_, Scalar::Float(number)) if number.is_nan() => 4_u8.hash(&mut hash),
            (_, Scalar::Float(number)) => (5_u8, number.to_bits()).hash(&mut hash),
            (_, Scalar::Date(time)) => (6_u8, time).hash(&mut hash),
            (_, Scalar::Int(_) | Scalar::Text) => {
                (7_u8, node.written().unwrap_or_default()).hash(&mut hash);
            }
        }
    } else if node.is_list() {
        (8_u8, node.items().len()).hash(&mut hash);
        for item in node.items() {
            fill(item, known).hash(&mut hash);
        }
    } else {
        let mut entries: Vec<_> = node.entries().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        (9_u8, entries.len()).hash(&mut hash);
        for (key, value) in entries {
            (key, fill(value, known)).hash(&mut hash);
        }
    }
    let found = hash.wide();
    known[node.id()] = Some(found);
    found
}

/// Wide enough that nobody finds two protocols that look the same here.
struct Hash128(DefaultHasher, DefaultHasher);

impl Default for Hash128 {
    fn default() -> Self {
        let mut second = DefaultHasher::new();
        second.write_u8(0xff);
        Self(DefaultHasher::new(), second)
    }
}

impl Hash128 {
    fn wide(&self) -> u128 {
        u128::from(self.0.finish()) << 64 | u128::from(self.1.finish())
    }
}

impl Hasher for Hash128 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.finish()
    }
}
