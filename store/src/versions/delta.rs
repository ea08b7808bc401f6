//! Texts of versions, compressed: each with the one before it as a dictionary, so that it
//! takes as much room as has changed.

use std::io;

use zstd::bulk::{Compressor, Decompressor};

/// Higher levels gain little for texts of this size, and take many times as long.
const LEVEL: i32 = 6;

/// Compresses a text, as what differs from the one before it if there is one.
///
/// # Errors
/// When the library has no memory.
pub(super) fn pack(text: &str, before: Option<&str>) -> io::Result<Vec<u8>> {
    let dictionary = before.unwrap_or_default().as_bytes();
    Compressor::with_dictionary(LEVEL, dictionary)?.compress(text.as_bytes())
}

/// The text of `bytes` bytes that [`pack`] has made this of.
///
/// # Errors
/// When it was made of something else.
pub(super) fn unpack(data: &[u8], bytes: usize, before: Option<&str>) -> io::Result<String> {
    let dictionary = before.unwrap_or_default().as_bytes();
    let text = Decompressor::with_dictionary(dictionary)?.decompress(data, bytes)?;
    String::from_utf8(text).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(text in ".{0,400}", before in proptest::option::of(".{0,400}")) {
            let before = before.as_deref();
            let data = pack(&text, before).unwrap();
            prop_assert_eq!(unpack(&data, text.len(), before).unwrap(), text);
        }
    }

    #[test]
    fn damage_is_an_error() {
        let data = pack("one two three", None).unwrap();
        assert!(unpack(&data[1..], 13, None).is_err());
        assert!(unpack(&data, 12, None).is_err(), "longer than its row says");
    }
}
