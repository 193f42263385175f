use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use castore_core::future::BoxFuture;
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;

use crate::{Relay, RelayError};

/// A future that starts a relay when it is awaited. [`RelayBuilder::start`](crate::RelayBuilder::start) returns it.
#[must_use = "a relay starts when this is awaited"]
pub struct StartRelay(pub(crate) BoxFuture<'static, Result<Relay, RelayError>>);

impl Future for StartRelay {
    type Output = Result<Relay, RelayError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for StartRelay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StartRelay")
    }
}

/// A storage that contains both the event log and the state of relays. The trait is implemented automatically.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the storage of a relay",
    label = "not a storage with an event log and the state of relays",
    note = "pass the storage adapter by value: a clone is cheap, and all clones are the same storage",
    note = "if the log and the state of the relay are in different storages, call `start_with(log, state, …)`"
)]
pub trait RelayedStorage: EventLog + RelayStorageAdapter {}

#[diagnostic::do_not_recommend]
impl<T: EventLog + RelayStorageAdapter> RelayedStorage for T {}
