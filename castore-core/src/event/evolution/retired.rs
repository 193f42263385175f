use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// The payload of an event type that is still read, but no longer pushed, as in the variant
/// `Dropped(Retired<Dropped>)`.
///
/// `Retired` dereferences to the payload, and has the same JSON. The type has no public constructor, so code that
/// creates such an event does not compile. Tests create retired payloads with `castore::testing::retired`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Retired<T>(T); // created only by reading: retired events are not pushed

impl<T> Retired<T> {
    /// Returns the payload.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Retired<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Creates the payload of a retired event type. For test tools.
#[doc(hidden)]
pub fn retired<T>(payload: T) -> Retired<T> {
    Retired(payload)
}
