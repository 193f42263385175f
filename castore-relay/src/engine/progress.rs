use std::future::Future;

use super::{Batch, Rejection};

/// How a publisher stores its progress, and what it does during an outage. This is what differs between the relays and
/// the Lambda handler.
///
/// The engine calls these methods while it publishes a [`Batch`]. The batch says at any time which events are published
/// ([`Batch::last_done`]) and which aggregates must be parked ([`Batch::rejections`]), so that an implementation may be
/// lazy: it may write progress, parked aggregates and lease in one transaction, when it chooses to. After
/// [`Publisher::deliver`](super::Publisher::deliver) returns, the caller writes what is left.
pub trait Progress: Send {
    /// The reason why publishing ends: a lost lease, say.
    type End: Send;

    /// Prepares a call of the adapter, or the load of an aggregate. A relay extends its lease here, so that the lease
    /// outlasts the call: no message is published by a relay whose lease may have been taken.
    ///
    /// # Errors
    /// The publisher may not publish any more. The call is not made.
    fn before_call(&mut self, batch: &Batch) -> impl Future<Output = Result<(), Self::End>> + Send;

    /// Records an event that was rejected permanently. The engine has logged it, has added it to
    /// [`Batch::rejections`], and skips the later events of its aggregate.
    fn rejected(&mut self, rejection: &Rejection);

    /// Records a problem that does not stop publishing.
    fn report(&mut self, error: &str);

    /// Waits until the batch may be tried again after an outage.
    ///
    /// # Errors
    /// The batch is not tried again now.
    fn outage(&mut self, outage: &Outage, batch: &Batch) -> impl Future<Output = Result<(), Self::End>> + Send;
}

/// A failure that does not concern one event alone, or that may heal by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// The reason, without payloads.
    pub error: String,
    /// Whether the last call took too long and the next calls have fewer messages, so that a retry without a delay
    /// makes sense.
    pub is_call_too_large: bool,
}
