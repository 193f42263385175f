use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use castore_core::future::panic_text;

/// Runs a future of user code to completion. If the future panics, returns the text of the panic as the error.
///
/// The future is not polled again after a panic. The caller must then drop the state that the future shares with the
/// relay, because the panic may have left this state inconsistent.
///
/// # Errors
/// The text of the panic.
pub async fn catch_panic<T>(future: impl Future<Output = T>) -> Result<T, String> {
    castore_core::future::catch_panic(future).await.map_err(|panic| text(&*panic))
}

/// Runs a closure of user code, and catches panics like [`catch_panic`].
///
/// # Errors
/// The text of the panic.
pub fn catch_panic_now<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| text(&*panic))
}

fn text(panic: &(dyn Any + Send)) -> String {
    format!("panicked: {}", panic_text(panic))
}
