use serde::Serialize;
use serde::de::DeserializeOwned;

/// A type that can be the payload of an event: any type that serde can write and read back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an event's payload: serde cannot write and read it",
    label = "not serialisable",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or use `#[serde(with = \"…\")]` on the field"
)]
pub trait EventPayload {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> EventPayload for T {}

/// Lets the compiler report a payload that is not serializable with this library's text, before serde's derive reports
/// it.
#[doc(hidden)]
pub const fn assert_payload<T: EventPayload>() {}
