//! Helpers for futures and texts of user code, which may panic.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// A boxed future that can be sent between threads.
pub use futures_core::future::BoxFuture;

/// Runs a future of user code, and returns a panic as an error.
///
/// After a panic, the future is dropped and never polled again, so it does not have to be unwind safe.
pub async fn catch_panic<T>(future: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Renders a value whose `Display` implementation is user code. If that code panics, a fixed text is returned.
pub fn guarded_text(value: &(impl fmt::Display + ?Sized)) -> String {
    catch_unwind(AssertUnwindSafe(|| value.to_string())).unwrap_or_else(|_| "an error whose text panics".to_owned())
}

/// Returns the message of a panic, or `no text` if the panic has no text message.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no text",
    }
}
