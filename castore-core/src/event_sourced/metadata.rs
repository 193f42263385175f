use std::any::TypeId;

use serde::de::{Deserializer, Error};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::EventSourced;

/// A type that can be the metadata of an event: any type that can be cloned and shared between threads, and that serde
/// can write and read back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the metadata of an event store",
    label = "not usable as metadata",
    note = "derive `Clone`, `serde::Serialize` and `serde::Deserialize` for `{Self}`"
)]
pub trait Metadata: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Metadata for T {}

/// Compiles only if `T` can be the metadata of an event store.
#[doc(hidden)]
pub const fn is_metadata<T: Metadata>() -> bool {
    true
}

/// The metadata type of an event store that declares no metadata. This type has no values.
///
/// Metadata that other programs stored with the events of such a store is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoMetadata {}

impl Serialize for NoMetadata {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for NoMetadata {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("the event store declares no metadata"))
    }
}

/// Returns whether the store declares metadata. The result is known at compile time.
pub fn has_metadata<S: EventSourced>() -> bool {
    TypeId::of::<S::Metadata>() != TypeId::of::<NoMetadata>()
}
