use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use castore_core::channel::{HeldBackError, PublishError, RejectedMessage};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::send_error::SendError;

/// A message of a call: which aggregate it is of, and either what to send, or why it cannot be sent.
pub(super) type Item<K, T> = (K, Result<T, Box<dyn Error + Send + Sync>>);

/// The broker failed while messages were published; this one was not, or nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("not published: {0}")]
struct BrokeOff(String);

/// Sends messages: of one aggregate one after the other, each when the one before it is acknowledged, and of up to `width`
/// aggregates at the same time. After one is refused the later ones of its aggregate are held back; after an outage nothing more is
/// sent.
pub(super) async fn pipelined<K, T, Fut>(
    items: Vec<Item<K, T>>,
    width: usize,
    send: impl Fn(T) -> Fut,
) -> Result<(), PublishError>
where
    K: Eq + Hash,
    Fut: Future<Output = Result<(), SendError>>,
{
    let published = items.len();
    let outage = Outage::default();
    let mut waiting = chains(items).into_iter();
    let start = |chain| run(chain, &send, &outage);
    let mut running: FuturesUnordered<_> = waiting.by_ref().take(width.max(1)).map(start).collect();
    let mut rejected: Vec<RejectedMessage> = Vec::new();
    while let Some(refused) = running.next().await {
        rejected.extend(refused);
        running.extend(waiting.next().map(start));
    }
    drop(running);
    if rejected.is_empty() {
        return Ok(());
    }
    let nothing_else = rejected.len() == published && rejected.iter().all(|refused| !refused.permanent);
    if let Some(outage) = outage.into_inner()
        && nothing_else
    {
        return Err(outage.into_failure());
    }
    rejected.sort_by_key(|refused| refused.index);
    Err(PublishError::Rejected { published, rejected })
}

type Chain<T> = Vec<(usize, Result<T, Box<dyn Error + Send + Sync>>)>;

/// The messages by aggregate, in the order of the aggregates' first messages.
fn chains<K: Eq + Hash, T>(items: Vec<Item<K, T>>) -> Vec<Chain<T>> {
    let mut places = HashMap::new();
    let mut chains: Vec<Chain<T>> = Vec::new();
    for (index, (aggregate, item)) in items.into_iter().enumerate() {
        let place = *places.entry(aggregate).or_insert(chains.len());
        match chains.get_mut(place) {
            Some(chain) => chain.push((index, item)),
            None => chains.push(vec![(index, item)]),
        }
    }
    chains
}

/// Sends the messages of one aggregate, and answers those that were not published.
async fn run<T, Fut>(chain: Chain<T>, send: &impl Fn(T) -> Fut, outage: &Outage) -> Vec<RejectedMessage>
where
    Fut: Future<Output = Result<(), SendError>>,
{
    let mut rejected: Vec<RejectedMessage> = Vec::new();
    for (index, item) in chain {
        if let Some(text) = outage.text() {
            rejected.push(RejectedMessage { index, permanent: false, reason: Box::new(BrokeOff(text)) });
            continue;
        }
        if !rejected.is_empty() {
            rejected.push(RejectedMessage { index, permanent: false, reason: Box::new(HeldBackError) });
            continue;
        }
        let sent = match item {
            Ok(message) => send(message).await,
            Err(reason) => Err(SendError::Refused { permanent: true, reason }),
        };
        match sent {
            Ok(()) => {}
            Err(SendError::Refused { permanent, reason }) => {
                rejected.push(RejectedMessage { index, permanent, reason });
            }
            Err(failure) => {
                let text = outage.note(failure);
                rejected.push(RejectedMessage { index, permanent: false, reason: Box::new(BrokeOff(text)) });
            }
        }
    }
    rejected
}

/// The first failure that is not about one message, and its text.
#[derive(Default)]
struct Outage(Mutex<Option<(SendError, String)>>);

impl Outage {
    fn note(&self, failure: SendError) -> String {
        let text = match &failure {
            SendError::Outage(error) => format!("the message broker failed: {error}"),
            SendError::Refused { reason, .. } => reason.to_string(),
            SendError::ShutDown => PublishError::ShutDown.to_string(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((failure, text.clone()));
        text
    }

    fn text(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, text)| text.clone())
    }

    fn into_inner(self) -> Option<SendError> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).map(|(failure, _)| failure)
    }
}

#[cfg(test)]
mod tests;
