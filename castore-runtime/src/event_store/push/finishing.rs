use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use castore_core::future::BoxFuture;
use tokio::runtime::Handle;

use castore_core::task::TaskCounter;

/// A push that, once it has begun in a tokio runtime, runs to completion even if its future is dropped.
///
/// A future can be dropped early, for example by `timeout`, by `select!`, or by a web server whose client has
/// disconnected. When the future of a push is dropped, the caller does not know the state of the event. The event may
/// be stored and not yet published, or the storage may be about to store it. Therefore a push with a hook or a channel
/// continues after its future is dropped. The inner future moves to a background task of the tokio runtime, and
/// [`Store::shutdown`](crate::event_store::Store::shutdown) waits for this task. As long as the caller polls the
/// future, no task is needed.
pub(super) struct Finishing<T: 'static> {
    /// The future of the push, or `None` after the push has ended.
    push: Option<BoxFuture<'static, T>>,
    /// The counters of the background pushes of the stores whose events are pushed.
    stores: Vec<TaskCounter>,
    /// The tokio runtime in which the push was first polled, or `None` before that.
    runtime: Option<Handle>,
}

impl<T: 'static> Finishing<T> {
    pub(super) fn new(push: BoxFuture<'static, T>, stores: Vec<TaskCounter>) -> Self {
        Self { push: Some(push), stores, runtime: None }
    }
}

impl<T: 'static> Future for Finishing<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        if this.runtime.is_none() {
            this.runtime = Handle::try_current().ok();
        }
        // The future is taken out while it is polled, so that a push that panics is not polled again.
        let Some(mut push) = this.push.take() else { return Poll::Pending };
        let polled = push.as_mut().poll(context);
        if polled.is_pending() {
            this.push = Some(push);
        }
        polled
    }
}

impl<T: 'static> Drop for Finishing<T> {
    fn drop(&mut self) {
        // If `runtime` is `None`, the push was never polled, or was polled outside of tokio, where no task can continue
        // it.
        let (Some(push), Some(runtime)) = (self.push.take(), self.runtime.take()) else { return };
        let running: Vec<_> = self.stores.iter().map(TaskCounter::begin).collect();
        tracing::debug!("a push continues in the background");
        runtime.spawn(async move {
            // The caller is gone, so the result is dropped. The push itself has logged the error if the event was
            // stored but not published.
            drop(push.await);
            drop(running);
        });
    }
}

impl<T: 'static> fmt::Debug for Finishing<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Finishing").finish_non_exhaustive()
    }
}
