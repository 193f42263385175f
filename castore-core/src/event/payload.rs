use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an event may carry: any type that serde can write and read back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an event's payload: serde cannot write and read it",
    label = "not serialisable",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or use `#[serde(with = \"…\")]` on the field"
)]
pub trait EventPayload {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> EventPayload for T {}

/// Makes the compiler say in our words that a payload is not serialisable, before serde's derive says it in its own.
#[doc(hidden)]
pub const fn assert_payload<T: EventPayload>() {}
