use std::time::Duration;

use castore::prelude::*;
use castore::relay::RelayRole;

use crate::broker::{Attached, Broker};
use crate::domain::{AppBus, Counter, Note};
use crate::{Arguments, Storage};

/// The name of the relay.
pub const RELAY: &str = "app";

/// The maximum number of events that the relay publishes between two checkpoints.
pub const BATCH: usize = 20;

/// The duration of the relay's lease.
pub const LEASE: Duration = Duration::from_millis(1200);

/// Runs a relay until the process ends.
pub(crate) async fn relay(arguments: &Arguments, storage: impl Storage) {
    let counters = EventStore::<Counter>::new(storage.clone());
    let notes = EventStore::<Note>::new(storage.clone());
    let bus = AppBus::new();
    let broker = Broker::new(arguments);
    bus.set_adapter(Attached(broker.clone()));
    let relay = Relay::builder(bus)
        .publish(&counters)
        .publish(&notes)
        .name(RELAY)
        .owner(arguments.owner())
        .batch_size(BATCH)
        .lease(LEASE)
        .publish_timeout(Duration::from_millis(500))
        .poll_interval(Duration::from_millis(50))
        .outage_backoff(Duration::from_millis(30), Duration::from_millis(300))
        .parked_backoff(Duration::from_millis(100), Duration::from_millis(600))
        .start(storage, RelayStart::Beginning)
        .await
        .unwrap();
    let mut status = relay.status_changes();
    let mut led = false;
    loop {
        let now = status.borrow_and_update().clone();
        let leads = now.role == RelayRole::Leader;
        if led && !leads {
            broker.note_lost_lease();
        }
        led = leads;
        assert_ne!(now.role, RelayRole::Stopped, "{:?}", now.last_error);
        status.changed().await.unwrap();
    }
}
