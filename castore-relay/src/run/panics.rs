use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use castore_runtime::panic_text;

/// Runs code of others to its end, or to its panic, whose text is the error.
///
/// The code is not run on after a panic, and what it shares with the relay is let go of by the caller.
pub(crate) async fn catch_panic<T>(future: impl Future<Output = T>) -> Result<T, String> {
    castore_runtime::catch_panic(future).await.map_err(|panic| text(&*panic))
}

/// As [`catch_panic`], for code that does not wait.
pub(crate) fn catch_panic_now<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| text(&*panic))
}

fn text(panic: &(dyn Any + Send)) -> String {
    format!("panicked: {}", panic_text(panic))
}
