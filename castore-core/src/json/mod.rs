//! JSON that can be read again: values that JSON cannot represent, or that readers reject, are not written.

mod buffered;
mod depth;
mod error;
mod mismatch;
mod object;
mod path;
mod readable;
mod strict;
#[cfg(test)]
mod tests;
mod trace;
mod watch;

pub(crate) use buffered::{Buffered, without_place};
pub use depth::MAX_JSON_DEPTH;
pub use error::{JsonError, JsonProblem};
pub use mismatch::JsonMismatch;
pub(crate) use object::RawObject;
pub(crate) use path::JsonPath;
#[doc(hidden)]
pub use readable::check_json;
pub(crate) use strict::{Strict, serialize_strict};
pub(crate) use trace::{Trace, difference};

use serde::Serialize;
use serde_json::value::RawValue;

use watch::Watch;

/// The name with which `serde_json` marks text that is already JSON. A test fails if `serde_json` changes this name.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Writes a value as JSON that can be read again. `root` names the value in errors, for example `payload`.
///
/// ```
/// # use castore::json::to_json;
/// assert_eq!(to_json("payload", &[20.5, 21.0]).unwrap().get(), "[20.5,21.0]");
///
/// let error = to_json("payload", &[20.5, f64::NAN]).unwrap_err();
/// assert_eq!(error.to_string(), "`payload[1]` is NaN or infinite, which JSON cannot represent");
/// ```
///
/// # Errors
/// [`JsonError`] if the value contains NaN or an infinity, if it is nested deeper than [`MAX_JSON_DEPTH`], or if its
/// `Serialize` implementation fails.
pub fn to_json<T: Serialize + ?Sized>(root: &'static str, value: &T) -> Result<Box<RawValue>, JsonError> {
    let watch = Watch::default();
    serde_json::value::to_raw_value(&strict::Watched { value, watch: &watch })
        .map_err(|source| watch.error(root, source))
}
