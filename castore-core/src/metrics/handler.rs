use std::sync::Arc;

use super::Meter;
use super::instruments::{CONSUMER_GROUP_NAME, DESTINATION_NAME, PROCESS_DURATION};
use super::stopwatch::Stopwatch;
use crate::consumer::{Call, FailureAction};

/// Wraps a handler so that `meter` records the duration of each attempt. `channel` is the id of the channel, and
/// `listener` is the name of the listener or worker.
pub(crate) fn metered<M: Send + Sync + 'static>(
    call: Call<M>,
    channel: &'static str,
    listener: Arc<str>,
    meter: Arc<dyn Meter>,
) -> Call<M> {
    Arc::new(move |message, context| {
        let (call, listener, meter) = (call.clone(), listener.clone(), meter.clone());
        Box::pin(async move {
            let attributes = vec![(DESTINATION_NAME, channel), (CONSUMER_GROUP_NAME, &*listener)];
            let stopwatch = Stopwatch::start(&meter, &PROCESS_DURATION, attributes);
            let handled = call(message, context).await;
            stopwatch.stop(handled.as_ref().err().map(|error| class_of(error.action())));
            handled
        })
    })
}

/// Returns the value of the attribute `error.type` for the error of a handler.
fn class_of(action: FailureAction) -> &'static str {
    match action {
        FailureAction::Retry => "retry",
        FailureAction::Park => "park",
        FailureAction::Skip => "skip",
        FailureAction::Stop => "stop",
    }
}
