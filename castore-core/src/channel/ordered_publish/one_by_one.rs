use std::future::Future;
use std::hash::Hash;

use super::OrderedPublish;
use crate::channel::PublishError;

/// Publishes messages one after the other, each with `publish`, for adapters that publish one message at a time.
#[doc(hidden)]
pub async fn one_by_one<M, A: Eq + Hash, Fut>(
    messages: Vec<M>,
    aggregate_of: impl Fn(&M) -> A,
    mut publish: impl FnMut(M) -> Fut,
) -> Result<(), PublishError>
where
    Fut: Future<Output = Result<(), PublishError>>,
{
    let mut ledger = OrderedPublish::new(messages.iter().map(aggregate_of));
    for (index, message) in messages.into_iter().enumerate() {
        if !ledger.may_send(index) {
            continue;
        }
        match publish(message).await {
            Ok(()) => _ = ledger.published(index),
            Err(PublishError::Rejected { mut rejected, .. }) if rejected.len() == 1 => {
                if let Some(rejected) = rejected.pop() {
                    ledger.reject(index, rejected.permanent, rejected.reason);
                }
            }
            Err(PublishError::Serialize(error)) => ledger.reject(index, true, error),
            Err(error) => ledger.failed(error),
        }
    }
    ledger.finish()
}
