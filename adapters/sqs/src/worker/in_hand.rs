//! The messages that the worker has, which are kept from other workers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::time::Instant;

#[derive(Debug, Default)]
pub(super) struct InHand {
    held: Mutex<Held>,
    /// Written to while visibility is extended: what is handed back meanwhile would otherwise be kept again.
    gate: RwLock<()>,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    by_number: HashMap<u64, Receipt>,
}

#[derive(Debug)]
struct Receipt {
    handle: String,
    asked_at: Instant,
}

/// A message is in hand for as long as this lives.
#[derive(Debug)]
pub(super) struct Hold {
    in_hand: Arc<InHand>,
    number: u64,
}

impl InHand {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hold(self: &Arc<Self>, receipt_handle: String) -> Hold {
        let mut held = self.held();
        let number = held.next;
        held.next += 1;
        held.by_number.insert(number, Receipt { handle: receipt_handle, asked_at: Instant::now() });
        Hold { in_hand: self.clone(), number }
    }

    /// The receipt handles of what was last asked for so long ago. From now on it counts as asked for.
    pub(super) fn due(&self, after: Duration) -> Vec<String> {
        let now = Instant::now();
        let mut held = self.held();
        let due = held.by_number.values_mut().filter(|receipt| now.duration_since(receipt.asked_at) >= after);
        due.map(|receipt| {
            receipt.asked_at = now;
            receipt.handle.clone()
        })
        .collect()
    }

    /// While visibility is extended.
    pub(super) async fn extending(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().await
    }

    /// While messages are let go of.
    pub(super) async fn letting_go(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().await
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.in_hand.held().by_number.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_held_is_due_again_and_again() {
        let in_hand = Arc::new(InHand::default());
        let after = Duration::from_secs(5);
        let one = in_hand.hold("one".into());
        tokio::time::advance(after).await;
        let other = in_hand.hold("other".into());
        assert_eq!(in_hand.due(after), ["one"]);
        assert_eq!(in_hand.due(after), [""; 0], "it was asked for");
        tokio::time::advance(after).await;
        let mut due = in_hand.due(after);
        due.sort();
        assert_eq!(due, ["one", "other"]);
        drop(one);
        tokio::time::advance(after).await;
        assert_eq!(in_hand.due(after), ["other"]);
        drop(other);
        assert!(in_hand.held().by_number.is_empty());
    }
}
