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

/// Runs futures concurrently, and returns their results in the order of the futures. Whenever one future can continue,
/// all of them are polled. Therefore use this function only for a small number of futures.
pub async fn join_all<T>(futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(Running::Future).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for one in &mut running {
            if let Running::Future(future) = one {
                match future.as_mut().poll(context) {
                    Poll::Ready(result) => *one = Running::Done(result),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let done = |one| match one {
        Running::Done(result) => Some(result),
        Running::Future(_) => None,
    };
    running.into_iter().filter_map(done).collect()
}

enum Running<'a, T> {
    Future(BoxFuture<'a, T>),
    Done(T),
}

/// Renders a value whose `Display` implementation is user code. If that code panics, a fixed text is returned.
pub fn guarded_text(value: &(impl fmt::Display + ?Sized)) -> String {
    catch_unwind(AssertUnwindSafe(|| value.to_string()))
        .unwrap_or_else(|_| "an error whose `Display` implementation panics".to_owned())
}

/// Returns the message of a panic, or `no text` if the panic has no text message.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no text",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn joined_futures_run_concurrently_and_return_in_order() {
        let wait = |seconds| {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                seconds
            }) as BoxFuture<'_, _>
        };
        let begin = tokio::time::Instant::now();
        assert_eq!(join_all(vec![wait(3), wait(1), wait(2)]).await, [3_u64, 1, 2]);
        assert_eq!(begin.elapsed(), Duration::from_secs(3));
        assert!(join_all(Vec::<BoxFuture<'_, u8>>::new()).await.is_empty());
    }
}
