use std::panic::{AssertUnwindSafe, catch_unwind};

use castore_core::consumer::HandlerError;
use castore_core::future::panic_text;
use castore_core::log::{LogEntry, Logged};

use super::Rejection;

/// Decodes an event of the log.
///
/// # Errors
/// [`Rejection::Decode`] if the event cannot be decoded. [`Rejection::Handler`] with a permanent error if the user's
/// `Deserialize` panics, because another attempt would panic, too.
pub fn decode<E: Logged>(event: &LogEntry) -> Result<E, Rejection> {
    match catch_unwind(AssertUnwindSafe(|| E::from_log(event))) {
        Ok(decoded) => decoded.map_err(|error| Rejection::Decode(Box::new(error))),
        Err(panic) => {
            let error = format!("reading the event panicked: {}", panic_text(&*panic));
            Err(Rejection::Handler(HandlerError::park(error)))
        }
    }
}
