use std::collections::VecDeque;
use std::error::Error;
use std::future::Future;
use std::hash::Hash;

use castore_core::channel::{OrderedPublish, PublishError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::send_error::SendError;

/// A message of a publishing call: the aggregate, and either the content or the reason why the message cannot be sent.
pub(super) type Item<K, T> = (K, Result<T, Box<dyn Error + Send + Sync>>);

/// Sends messages. The messages of one aggregate are sent one after the other, each after the server has acknowledged
/// the previous one. Up to `width` aggregates are sent concurrently. After an outage, no further message is sent.
///
/// # Errors
/// The errors of [`OrderedPublish::finish`].
pub(super) async fn pipelined<K, T, Fut>(
    items: Vec<Item<K, T>>,
    width: usize,
    send: impl Fn(T) -> Fut,
) -> Result<(), PublishError>
where
    K: Eq + Hash,
    Fut: Future<Output = Result<(), SendError>>,
{
    let mut ledger = OrderedPublish::new(items.iter().map(|(aggregate, _)| aggregate));
    let mut messages: Vec<Option<T>> = Vec::with_capacity(items.len());
    for (index, (_, item)) in items.into_iter().enumerate() {
        messages.push(item.map_err(|reason| ledger.reject(index, true, reason)).ok());
    }
    let mut ready: VecDeque<usize> = ledger.first().iter().copied().collect();
    let mut in_flight = FuturesUnordered::new();
    loop {
        while in_flight.len() < width.max(1)
            && let Some(index) = ready.pop_front()
        {
            if ledger.may_send(index)
                && let Some(message) = messages.get_mut(index).and_then(Option::take)
            {
                let sent = send(message);
                in_flight.push(async move { (index, sent.await) });
            }
        }
        let Some((index, sent)) = in_flight.next().await else { return ledger.finish() };
        match sent {
            // The next message of the same aggregate is sent before the first messages of other aggregates.
            Ok(()) => ledger.published(index).into_iter().for_each(|next| ready.push_front(next)),
            Err(SendError::Refused { permanent, reason }) => ledger.reject(index, permanent, reason),
            Err(failure) => ledger.failed(failure.into_failure()),
        }
    }
}

#[cfg(test)]
mod tests;
