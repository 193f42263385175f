use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use deadpool_postgres::Pool;

/// At most one notification in this time.
const EVERY: Duration = Duration::from_millis(5);

const IDLE: u8 = 0;
const BUSY: u8 = 1;
/// Busy, and something was pushed since.
const AGAIN: u8 = 2;

/// Sends notifications in transactions of their own. A transaction that notifies takes a lock on the whole database
/// until it is committed: pushes would wait for each other's commits. These here write nothing, and wait for no disk.
#[derive(Debug, Default)]
pub(super) struct Notifier {
    state: Arc<AtomicU8>,
}

impl Notifier {
    /// Sees to it that a notification is sent after this call. It is done by a task that ends by itself.
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

/// Whatever becomes of the task, the next push may start another.
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
            // Readers poll.
            tracing::debug!(%error, "readers in other processes were not notified");
        }
        tokio::time::sleep(EVERY).await;
        busy.is_over = busy.state.compare_exchange(BUSY, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if busy.is_over {
            return;
        }
    }
}

pub(super) async fn send(pool: &Pool, channel: &str, payload: &str) -> Result<(), crate::errors::PostgresError> {
    let client = pool.get().await?;
    let statement = client.prepare_cached("SELECT pg_notify($1::text, $2::text)").await?;
    client.execute(&statement, &[&channel, &payload]).await?;
    Ok(())
}
