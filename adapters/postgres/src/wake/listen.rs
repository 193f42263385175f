use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::notify;
use super::subscriptions::Subscriptions;
use crate::connection::{Ability, Shared};
use crate::driver::Beside;
use crate::statement::Session;

/// The payload of a notification that only tests whether the connection forwards notifications.
const PROBE: &str = "probe";

/// The time limit for the first notification after the probe was sent. If none arrives in time, the listener assumes
/// that a proxy on the connection does not forward notifications.
const PROBE_ARRIVES_WITHIN: Duration = Duration::from_secs(5);

/// The initial and the maximum pause between attempts to connect.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// A receiver of notifications for all adapters of a database, on the connection that they share.
#[derive(Default)]
pub(crate) struct Listener {
    /// Whether no notification arrived in time after the probe was sent. If so, a proxy between this process and the
    /// server probably does not forward notifications.
    is_deaf: AtomicBool,
    pub(super) subscriptions: Subscriptions,
}

impl Listener {
    pub(super) fn is_deaf(&self) -> bool {
        self.is_deaf.load(Ordering::Relaxed)
    }
}

/// Runs the task that wakes the readers whenever another adapter notifies, and whenever notifications may have been
/// missed. The task ends when the last subscription is dropped, or if the probe does not arrive in time.
pub(super) async fn listen(shared: Arc<Shared>) {
    let listener = &shared.listener;
    let mut pause = RECONNECT.0;
    loop {
        match shared.connection(Ability::Notifications).await {
            Ok(connection) => match follow(&shared, &connection, &mut pause).await {
                Ok(End::Unsubscribed) => return,
                Ok(End::Deaf) => {
                    tracing::warn!("notifications do not arrive, so readers of the log poll");
                    listener.is_deaf.store(true, Ordering::Relaxed);
                    return;
                }
                Err(Lost) => {}
            },
            Err(error) => tracing::debug!(%error, "could not listen for pushes of other processes"),
        }
        let until = Instant::now() + pause;
        loop {
            if listener.subscriptions.end_if_empty() {
                return;
            }
            if tokio::time::timeout_at(until, listener.subscriptions.changed.notified()).await.is_err() {
                break;
            }
        }
        pause = (pause * 2).min(RECONNECT.1);
    }
}

/// The reason why the task ends.
enum End {
    /// There are no subscriptions.
    Unsubscribed,
    /// The probe did not arrive in time.
    Deaf,
}

/// The loss of the connection, as an error.
struct Lost;

/// Listens to the channels of all subscriptions until the task must end or the connection is lost. Follows changes of
/// the subscriptions.
async fn follow(shared: &Shared, connection: &Beside, pause: &mut Duration) -> Result<End, Lost> {
    let subscriptions = &shared.listener.subscriptions;
    let (mut listened, mut probe) = (BTreeSet::new(), Probe::NotSent);
    loop {
        let channels = subscriptions.channels();
        let new: BTreeSet<String> = channels.difference(&listened).cloned().collect();
        let sql = new.iter().map(|channel| format!("LISTEN \"{channel}\"; "));
        let old = listened.difference(&channels).map(|channel| format!("UNLISTEN \"{channel}\"; "));
        let sql: String = sql.chain(old).collect();
        if !sql.is_empty() {
            connection.batch(&sql).await.map_err(|_| Lost)?;
        }
        *pause = RECONNECT.0;
        listened = channels;
        // The task may end only here, where the connection no longer listens. Otherwise, this task could stop the
        // notifications of the next task.
        if listened.is_empty() && subscriptions.end_if_empty() {
            return Ok(End::Unsubscribed);
        }
        // Wakes the readers for events that were pushed before the connection listened.
        subscriptions.wake(&new);
        if let (Probe::NotSent, Some(channel)) = (&probe, listened.first()) {
            // The probe is sent over another connection, because a proxy might return a connection's own notifications
            // to it.
            let sent = notify::send(shared.pool(), channel, PROBE).await.is_ok();
            probe = if sent { Probe::Until(Instant::now() + PROBE_ARRIVES_WITHIN) } else { Probe::Done };
        }
        if !receive(&shared.listener, connection, &mut probe).await? {
            // The scanners may continue to use the connection, so it must stop listening.
            connection.batch("UNLISTEN *").await.map_err(|_| Lost)?;
            return Ok(End::Deaf);
        }
    }
}

/// Receives notifications until the subscriptions change. Returns `false` if the probe is late.
async fn receive(listener: &Listener, connection: &Beside, probe: &mut Probe) -> Result<bool, Lost> {
    loop {
        let late = async {
            match probe {
                Probe::Until(until) => tokio::time::sleep_until(*until).await,
                Probe::NotSent | Probe::Done => std::future::pending().await,
            }
        };
        let notification = tokio::select! {
            notification = connection.next() => notification.ok_or(Lost)?,
            () = listener.subscriptions.changed.notified() => return Ok(true),
            () = late => return Ok(false),
        };
        *probe = Probe::Done;
        let (channel, payload) = notification;
        if !payload.starts_with(PROBE) {
            listener.subscriptions.notified(&channel, &payload);
        }
    }
}

/// The state of the `PROBE`, with which the listener checks whether the connection forwards notifications. Any
/// notification that arrives ends the check.
enum Probe {
    NotSent,
    Until(Instant),
    Done,
}
