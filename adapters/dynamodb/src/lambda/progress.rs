use castore_relay::engine::{Batch, Outage, Progress, Rejection};

/// The progress of one invocation of a Lambda function. Nothing is stored: the records that were not published are
/// returned, and Lambda invokes the function with them again.
#[derive(Debug)]
pub(super) struct InvocationProgress;

/// The reason why publishing ended: the pending records are returned to Lambda because of an outage, which was logged.
#[derive(Debug)]
pub(super) struct HandedBack;

impl Progress for InvocationProgress {
    type End = HandedBack;

    async fn before_call(&mut self, _: &Batch) -> Result<(), HandedBack> {
        Ok(())
    }

    fn rejected(&mut self, _: &Rejection) {}

    fn report(&mut self, error: &str) {
        tracing::warn!(error, "could not publish all events of an invocation");
    }

    /// Does not wait for the end of the outage, because Lambda repeats the invocation later. If the failed call had too
    /// many messages, smaller calls are tried immediately, because the next invocation might begin with a call of the
    /// same size and time out again.
    async fn outage(&mut self, outage: &Outage, _: &Batch) -> Result<(), HandedBack> {
        self.report(&outage.error);
        if outage.is_call_too_large { Ok(()) } else { Err(HandedBack) }
    }
}
