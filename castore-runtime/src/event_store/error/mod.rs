//! The errors of event stores.
//!
//! Commands wrap these errors in their own error enums. Large contents are boxed, so that those enums stay small.
//! Because of the boxes, `PushEventError` (like `EventStoreError`) implements `Display` and `Error` by hand. A derived
//! `source` would return the box, and code that searches the sources for a `StorageError` would not find it.

mod push;
mod stored_but_not_published;
mod unsafe_integer;

pub use push::PushEventError;
pub use stored_but_not_published::{AfterPushFailure, AfterPushStep, StoredButNotPublished};
pub use unsafe_integer::UnsafeIntegerError;

#[cfg(test)]
mod tests {
    use std::error::Error;

    use castore_core::event::EncodeEventError;
    use castore_core::event_store::EventStoreError;

    use super::*;
    use castore_core::storage::StorageError;

    #[test]
    fn errors_are_small_enough_to_be_wrapped() {
        assert!(size_of::<EventStoreError>() <= 64, "{}", size_of::<EventStoreError>());
        assert!(size_of::<PushEventError>() <= 64, "{}", size_of::<PushEventError>());
    }

    #[test]
    fn sources_are_what_they_are_and_not_their_boxes() {
        let source = || Box::new(StorageError::ShutDown);
        let read = EventStoreError::Storage { event_store_id: "POKEMONS", aggregate_id: None, source: source() };
        let push = PushEventError::Storage {
            event_store_id: "POKEMONS",
            aggregate_id: "pikachu1".to_owned(),
            version: 1,
            source: source(),
        };
        for error in [&read as &dyn Error, &push] {
            assert!(error.source().is_some_and(|source| source.is::<StorageError>()), "{error}");
        }
        let encode = PushEventError::Encode {
            event_store_id: "POKEMONS",
            aggregate_id: "pikachu1".to_owned(),
            version: 1,
            source: Box::new(EncodeEventError::AggregateId),
        };
        assert!(encode.source().is_some_and(|source| source.is::<EncodeEventError>()), "{encode}");
    }
}
