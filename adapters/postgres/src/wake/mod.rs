//! Wake-ups of the readers of the log after pushes. These wake-ups are only hints: readers poll as well.

mod listen;
mod notify;
mod subscriptions;

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use castore_core::log::WakeUps;
use tokio::sync::watch;

pub(crate) use self::listen::Listener;
use self::notify::Notifier;
use self::subscriptions::{Listening, Subscription, subscribe};
use crate::database::Database;

/// The source of wake-ups for the readers of a log, in this process and in others.
pub(crate) struct Waker {
    database: Arc<Database>,
    changes: watch::Sender<u64>,
    /// A random text that distinguishes the notifications of this adapter from those of other adapters.
    instance: Arc<str>,
    notifier: Option<Notifier>,
    /// The subscription that all readers of this adapter share. It is dropped with the last reader.
    listening: Mutex<Weak<Listening>>,
}

impl Waker {
    pub(crate) fn new(database: Arc<Database>, notify: bool) -> Self {
        let random = RandomState::new().hash_one(std::process::id());
        Self {
            database,
            changes: watch::Sender::new(0),
            instance: format!("{random:016x}").into(),
            notifier: notify.then(Notifier::default),
            listening: Mutex::default(),
        }
    }

    /// Wakes the readers of this adapter after an event was stored, and notifies the readers in other processes if
    /// notifications are enabled.
    pub(crate) fn pushed(&self) {
        wake(&self.changes);
        if let (Some(notifier), Some(table)) = (&self.notifier, self.database.known_table()) {
            notifier.notify(&self.database.pool, channel(table.oid), &self.instance);
        }
    }

    /// Wakes the log readers after the commit of a transaction of the adapter. If the transaction itself has notified
    /// readers, this method wakes only the readers of this adapter.
    pub(crate) fn committed(&self) {
        if self.database.notify_within { wake(&self.changes) } else { self.pushed() }
    }

    pub(crate) async fn wake_ups(&self) -> WakeUps {
        let changes = self.changes.subscribe();
        let shared = &self.database.shared;
        if !shared.can_listen() || shared.listener.is_deaf() {
            return WakeUps::new(changes, ());
        }
        let channel = match self.database.table().await {
            Ok(table) => channel(table.oid),
            Err(error) => {
                tracing::debug!(
                    error = castore_core::error::error_chain(&error),
                    "could not listen for pushes of other processes"
                );
                return WakeUps::new(changes, ());
            }
        };
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        let guard = listening.upgrade().filter(|listening| listening.is_for(&channel)).unwrap_or_else(|| {
            let subscription =
                Subscription { channel, instance: Arc::clone(&self.instance), changes: self.changes.clone() };
            let new = Arc::new(subscribe(shared, subscription));
            *listening = Arc::downgrade(&new);
            new
        });
        WakeUps::new(changes, guard)
    }
}

fn wake(changes: &watch::Sender<u64>) {
    changes.send_modify(|count| *count = count.wrapping_add(1));
}

/// The payload of the notifications that are part of a transaction of the caller. The readers of the pushing adapter do
/// not ignore these notifications, because that adapter does not notice the commit.
pub(crate) const WITHIN: &str = "within";

/// Returns the name of the channel for the notifications of an event table. The name contains the oid of the table,
/// because the name of a table may be any text.
pub(crate) fn channel(table: u32) -> String {
    format!("castore_event_{table}")
}
