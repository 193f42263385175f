use std::future::Future;

use castore_runtime::panic_text;

/// Runs code of others to its end, or to its panic, whose text is the error. After a panic it is not run on, and what
/// it shares with the relay is let go of by the caller.
pub(super) async fn catch_panic<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let caught = castore_runtime::catch_panic(future).await;
    caught.map_err(|panic| format!("panicked: {}", panic_text(&*panic)))
}
