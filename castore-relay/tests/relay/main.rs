//! What a relay promises.
