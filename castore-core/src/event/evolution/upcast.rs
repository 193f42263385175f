use std::fmt;

use serde::de::DeserializeOwned;

/// The payload of a retired event type: a type that serde can read. The type does not have to be serializable.
#[diagnostic::on_unimplemented(
    message = "retired payload `{Self}` cannot be read: serde cannot deserialize it",
    label = "not deserializable",
    note = "derive `serde::Deserialize` for `{Self}`; `serde::Serialize` is not needed"
)]
pub trait RetiredPayload: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> RetiredPayload for T {}

/// A type into which a retired payload `Old` can be converted. Implemented for every type with `From<Old>` or
/// `TryFrom<Old>`.
///
/// The attribute `#[event(from("APPEARED" = AppearedV1))]` on a variant with a single unnamed field converts the
/// retired payload `AppearedV1` into the type of that field. On any other variant, and on the enum, the attribute
/// converts the retired payload into the event enum.
///
/// The error of a `TryFrom` is not shown, because it may quote the payload. Instead, the error for the event names the
/// two types.
#[diagnostic::on_unimplemented(
    message = "retired payload `{Old}` cannot be read as `{Self}`: there is no conversion",
    label = "needs `impl From<{Old}> for {Self}`",
    note = "write `impl From<{Old}> for {Self}`, or `impl TryFrom<{Old}> for {Self}` if some stored events cannot be converted",
    note = "to convert in several steps, list the intermediate types, each after an arrow: `from(\"…\" = {Old} => …)`"
)]
pub trait UpcastFrom<Old>: Sized {
    #[doc(hidden)]
    fn upcast(old: Old) -> Result<Self, ConversionFailed>;
}

#[diagnostic::do_not_recommend]
impl<Old, New: TryFrom<Old>> UpcastFrom<Old> for New {
    fn upcast(old: Old) -> Result<Self, ConversionFailed> {
        let failed = |_| ConversionFailed { from: std::any::type_name::<Old>(), to: std::any::type_name::<New>() };
        New::try_from(old).map_err(failed)
    }
}

/// The error for a failed step in the conversion of a retired payload, with the names of the two types.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversionFailed {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
}

impl fmt::Display for ConversionFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "its payload cannot be converted from `{}` to `{}`", self.from, self.to)
    }
}
