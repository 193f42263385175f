use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use castore_core::future::BoxFuture;
use tokio::runtime::Handle;

use crate::event_store::background::BackgroundPushes;

/// A push that runs to its end once it has begun, also if its future is dropped.
///
/// A web server drops the future of a request whose client has disconnected, and `timeout` and `select!` drop the futures that
/// they no longer wait for. At that moment the event may be stored and not yet published, or the storage may be about to
/// store it: nothing can tell. So a push that must be followed by something is not dropped: its future moves to a background
/// task of the event store, which [`Store::shutdown`](crate::event_store::Store::shutdown) waits for. The future is polled by
/// the caller as long as the caller does so: a push costs no task in the usual case.
pub(super) struct Finishing<T: 'static> {
    /// `None` once it has ended.
    push: Option<BoxFuture<'static, T>>,
    /// The stores whose events are pushed.
    stores: Vec<BackgroundPushes>,
    /// Where the push runs, once it has begun.
    runtime: Option<Handle>,
}

impl<T: 'static> Finishing<T> {
    pub(super) fn new(push: BoxFuture<'static, T>, stores: Vec<BackgroundPushes>) -> Self {
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
        // Taken out while it is polled: a push that panics is not polled again.
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
        // Without a runtime it was not polled, or there is none that could run it.
        let (Some(push), Some(runtime)) = (self.push.take(), self.runtime.take()) else { return };
        let running: Vec<_> = self.stores.iter().map(BackgroundPushes::begin).collect();
        tracing::debug!("the future of a push was dropped; the push continues in the background");
        runtime.spawn(async move {
            // There is no caller for the result. The push itself logs an event that is stored and could not be published.
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
