use std::future::Future;

use super::{Batch, Rejection};

/// The part of a publisher that stores the progress and handles outages. The relays and the Lambda handler implement
/// this part differently.
///
/// The engine calls these methods while it publishes a [`Batch`]. The batch always shows which events are published
/// ([`Batch::last_done`]) and which rejections require that an aggregate is parked ([`Batch::rejections`]). Therefore,
/// an implementation may write lazily: it may store the progress, the parked aggregates and the lease in one
/// transaction, at a time of its choice. After [`Publisher::deliver`](super::Publisher::deliver) returns, the caller
/// writes the rest.
pub trait Progress: Send {
    /// The reason why publishing ends, for example a lost lease.
    type End: Send;

    /// Prepares a call of the adapter, or the load of an aggregate. A relay extends its lease here, so that the lease
    /// cannot expire during the call.
    ///
    /// # Errors
    /// The reason why the publisher must stop. The call is not made.
    fn before_call(&mut self, batch: &Batch) -> impl Future<Output = Result<(), Self::End>> + Send;

    /// Records an event that was rejected permanently. The engine has already logged the rejection and added it to
    /// [`Batch::rejections`], and skips the later events of the aggregate.
    fn rejected(&mut self, rejection: &Rejection);

    /// Records a problem that does not stop publishing.
    fn report(&mut self, error: &str);

    /// Waits until the batch may be published again after an outage.
    ///
    /// # Errors
    /// The reason why the batch is not published again.
    fn outage(&mut self, outage: &Outage, batch: &Batch) -> impl Future<Output = Result<(), Self::End>> + Send;
}

/// A failure that affects more than one event, or that may end without intervention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// The reason, without payloads.
    pub error: String,
    /// Whether the last call took too long and the next calls have fewer messages, so that a retry without a delay
    /// makes sense.
    pub is_call_too_large: bool,
}
