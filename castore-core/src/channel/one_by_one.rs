use std::collections::HashSet;
use std::future::Future;
use std::hash::Hash;

use super::{PublishError, RejectedMessage};

/// A message was refused because an earlier one of its aggregate was: publishing it would have broken their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an earlier message of the aggregate was not published")]
pub struct HeldBackError;

/// The message broker failed after some messages were published; this one is among the rest.
#[derive(Debug, thiserror::Error)]
#[error("not published: {0}")]
struct BrokeOff(String);

/// Publishes messages one after the other. After one is refused, the later ones of its aggregate are held back; after
/// the broker fails, all that are left are.
pub(super) async fn one_by_one<M, A: Eq + Hash, Fut>(
    messages: Vec<M>,
    aggregate_of: impl Fn(&M) -> A,
    mut publish: impl FnMut(M) -> Fut,
) -> Result<(), PublishError>
where
    Fut: Future<Output = Result<(), PublishError>>,
{
    let published = messages.len();
    let mut rejected: Vec<RejectedMessage> = Vec::new();
    let mut held = HashSet::new();
    let mut messages = messages.into_iter().enumerate();
    while let Some((index, message)) = messages.next() {
        // Most calls have nothing refused, and need not know the aggregates.
        if !held.is_empty() && held.contains(&aggregate_of(&message)) {
            rejected.push(RejectedMessage { index, permanent: false, reason: Box::new(HeldBackError) });
            continue;
        }
        let aggregate = aggregate_of(&message);
        match publish(message).await {
            Ok(()) => {}
            Err(PublishError::Rejected { rejected: mut of_one, .. }) if of_one.len() == 1 => {
                rejected.extend(of_one.pop().map(|refused| RejectedMessage { index, ..refused }));
                held.insert(aggregate);
            }
            Err(PublishError::Serialize(error)) => {
                rejected.push(RejectedMessage { index, permanent: true, reason: Box::new(error) });
                held.insert(aggregate);
            }
            // An answer that does not name the one message says nothing of it.
            Err(error) if index == 0 && !matches!(error, PublishError::Rejected { .. }) => return Err(error),
            Err(error) => {
                let rest = std::iter::once(index).chain(messages.by_ref().map(|(index, _)| index));
                let text = error.to_string();
                rejected.extend(rest.map(|index| RejectedMessage {
                    index,
                    permanent: false,
                    reason: Box::new(BrokeOff(text.clone())),
                }));
            }
        }
    }
    if rejected.is_empty() { Ok(()) } else { Err(PublishError::Rejected { published, rejected }) }
}
