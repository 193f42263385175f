//! What a replay promises.
