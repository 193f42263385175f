use serde::{Deserializer, Serializer};

/// The functions that serde's derive generates for the hidden mirror of an event enum. If serde rejects one of its
/// attributes, it generates nothing. The calls then resolve to these functions, so that the only error is the one of
/// serde. They never run.
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
