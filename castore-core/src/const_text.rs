//! Helpers for texts in constants: hashes, comparison, and the texts of compile errors.

use crate::hash;

/// Returns the FNV-1a hash of a text.
pub(crate) const fn hash(text: &str) -> u64 {
    hash::extend(hash::EMPTY, text.as_bytes())
}

/// Returns whether two texts are the same.
pub(crate) const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A text that is built at compile time, where formatting is not available. A part that would exceed the capacity of
/// 1,024 bytes is omitted.
pub(crate) struct Text {
    bytes: [u8; 1024],
    length: usize,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; 1024], length: 0 }
    }

    pub(crate) const fn with(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        if self.length + part.len() <= self.bytes.len() {
            let mut at = 0;
            while at < part.len() {
                self.bytes[self.length] = part[at];
                self.length += 1;
                at += 1;
            }
        }
        self
    }

    /// Fails the build with this text.
    #[track_caller]
    pub(crate) const fn fail(&self) -> ! {
        // The panic occurs at compile time, so its message is a compile error.
        #[allow(clippy::panic)]
        {
            panic!("{}", self.as_str());
        }
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "the declaration is invalid",
        }
    }
}
