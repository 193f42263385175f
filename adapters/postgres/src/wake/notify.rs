use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::driver::Pool;
use crate::errors::PostgresError;
use crate::statement::query_once;
use castore_core::error::error_chain;

/// The minimum time between two notifications.
const EVERY: Duration = Duration::from_millis(5);

const IDLE: u8 = 0;
const BUSY: u8 = 1;
/// The state while a notification is being sent, and another push has happened since.
const AGAIN: u8 = 2;

/// A sender of notifications in separate transactions. A transaction that notifies holds a lock on the whole database
/// until it has committed, so pushes that notify would wait for each other's commits. The separate transactions write
/// nothing, so they do not wait for a disk.
#[derive(Debug, Default)]
pub(super) struct Notifier {
    state: Arc<AtomicU8>,
}

impl Notifier {
    /// Sends a notification in the background, from a separate task. The task ends by itself, and only logs a failure.
    /// Outside of a tokio runtime, no notification is sent.
    pub(super) fn notify(&self, pool: &Pool, channel: String, payload: &Arc<str>) {
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            (state != AGAIN).then_some(if state == IDLE { BUSY } else { AGAIN })
        });
        if before != Ok(IDLE) {
            return;
        }
        let busy = Busy { state: Arc::clone(&self.state), is_over: false };
        let (pool, payload) = (pool.clone(), Arc::clone(payload));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(run(busy, pool, channel, payload))),
            Err(_) => drop(busy),
        }
    }
}

/// A guard that resets the state if the task panics or is aborted, so that the next push can start another task.
struct Busy {
    state: Arc<AtomicU8>,
    is_over: bool,
}

impl Drop for Busy {
    fn drop(&mut self) {
        if !self.is_over {
            self.state.store(IDLE, Ordering::Release);
        }
    }
}

async fn run(mut busy: Busy, pool: Pool, channel: String, payload: Arc<str>) {
    loop {
        busy.state.store(BUSY, Ordering::Release);
        if let Err(error) = send(&pool, &channel, &payload).await {
            // Readers find the events by polling.
            tracing::debug!(error = error_chain(&error), "could not notify readers in other processes");
        }
        tokio::time::sleep(EVERY).await;
        busy.is_over = busy.state.compare_exchange(BUSY, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if busy.is_over {
            return;
        }
    }
}

pub(super) async fn send(pool: &Pool, channel: &str, payload: &str) -> Result<(), PostgresError> {
    let client = pool.get().await?;
    query_once(&client, "SELECT pg_notify($1::text, $2::text)", &[&channel, &payload]).await?;
    Ok(())
}
