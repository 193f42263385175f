use serde::{Deserializer, Serializer};

/// Fallbacks for the functions that serde's derive generates for the hidden copy of an event enum (the mirror). If
/// serde rejects an attribute of the mirror, the derive generates nothing. The calls then resolve to these fallbacks,
/// so that the compiler reports only serde's error. The fallbacks never run.
#[doc(hidden)]
pub trait RejectedMirror: Sized {
    fn serialize<E, S: Serializer>(_: &E, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("the event enum has errors"))
    }

    fn deserialize<'de, E, D: Deserializer<'de>>(_: D) -> Result<E, D::Error> {
        Err(serde::de::Error::custom("the event enum has errors"))
    }
}

impl<T> RejectedMirror for T {}
