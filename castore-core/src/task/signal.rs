use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::sync::watch;

/// A signal that is sent once and stays sent, such as a request to shut down. All clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Signal(watch::Sender<bool>);

impl Signal {
    /// Sends the signal. Does nothing if it was sent before.
    pub fn send(&self) {
        self.0.send_replace(true);
    }

    /// Returns whether the signal was sent.
    pub fn is_sent(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the signal is sent. Returns immediately if it was sent before.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped.
    pub async fn sent(&self) {
        // `wait_for` fails only after the last sender was dropped, and `self` is a sender.
        let _ = self.0.subscribe().wait_for(|sent| *sent).await;
    }

    /// Runs a future until it completes or the signal is sent. If the signal is sent first, drops the future and
    /// returns `None`. If the signal was already sent before the call, the future is never polled.
    pub async fn run_until_sent<F: Future>(&self, future: F) -> Option<F::Output> {
        let (mut sent, mut future) = (pin!(self.sent()), pin!(future));
        poll_fn(|context| match sent.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => future.as_mut().poll(context).map(Some),
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_clone_and_every_waiter_sees_a_signal() {
        let signal = Signal::default();
        assert!(!signal.is_sent());
        let waiters: Vec<_> = (0..10)
            .map(|_| {
                let signal = signal.clone();
                tokio::spawn(async move { signal.sent().await })
            })
            .collect();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(waiters.iter().all(|waiter| !waiter.is_finished()));
        signal.clone().send();
        for waiter in waiters {
            waiter.await.unwrap();
        }
        signal.send();
        assert!(signal.is_sent());
        signal.sent().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_signal_drops_the_future_that_runs_until_it() {
        let signal = Signal::default();
        assert_eq!(signal.run_until_sent(async { 1 }).await, Some(1));
        let sender = signal.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            sender.send();
        });
        assert_eq!(signal.run_until_sent(std::future::pending::<u8>()).await, None);
        assert_eq!(signal.run_until_sent(async { unreachable!("polled after the signal") }).await, None::<u8>);
    }
}
