use serde::Serialize;
use serde::de::DeserializeOwned;

/// A type that can be the payload of an event: any type that serde can write and read back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an event's payload: serde cannot write and read it",
    label = "not serializable",
    note = "if `{Self}` is a type of your crate, derive `serde::Serialize` and `serde::Deserialize` for it",
    note = "otherwise use a type that serde supports, or `#[serde(with = \"…\")]` on the field; some crates implement serde's traits behind a feature"
)]
pub trait EventPayload {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> EventPayload for T {}

/// Compiles only if serde can write and read `T`. The module `checked` explains how generated code uses such functions.
#[doc(hidden)]
pub const fn is_payload<T: EventPayload>() -> bool {
    true
}
