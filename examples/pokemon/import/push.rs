use std::collections::HashMap;

use castore::EventSourced;
use castore::error::error_chain;
use castore::message::ChannelMessage;
use castore::prelude::*;
use castore::storage::StorageError;
use tokio::task::JoinSet;

use super::chunks::Line;
use crate::channels::{AppBus, AppBusMessage};
use crate::pokemon::Pokemon;
use crate::trainer::Trainer;
use crate::world::Announced;

#[derive(Clone)]
pub struct Stores {
    pub pokemons: Announced<Pokemon>,
    pub trainers: Announced<Trainer>,
    /// The in-memory adapter of the bus on which the stores publish.
    pub listener: InMemoryMessageBusAdapter<AppBus>,
}

/// The outcome of a line.
#[derive(Debug)]
pub enum Outcome {
    Imported,
    /// The event is stored, although an earlier event of the same aggregate is missing, because the line of the earlier
    /// event is bad or absent.
    ImportedAfterGap(String),
    AlreadyThere,
    /// The event is stored, but was not published.
    Unpublished(String),
    /// The line is not an event that the store accepts.
    Bad(String),
    /// The storage failed, so the import stops.
    Failed(PushEventError),
}

/// Stores and publishes the events of these lines. Returns the outcomes in the order of the lines.
///
/// After a failure, the later events of the same aggregate are skipped and have no outcome.
pub async fn push(stores: &Stores, lines: Vec<Line>) -> Vec<(u64, Outcome)> {
    let mut outcomes = Vec::with_capacity(lines.len());
    let mut chains: Vec<Vec<(u64, AppBusMessage)>> = Vec::new();
    let mut chain_of: HashMap<(&'static str, String), usize> = HashMap::new();
    for Line { number, message } in lines {
        match message {
            Ok(message) => {
                let about = message.as_message();
                let aggregate = (about.event_store_id(), about.aggregate_id());
                let chain = *chain_of.entry(aggregate).or_insert_with(|| {
                    chains.push(Vec::new());
                    chains.len() - 1
                });
                chains[chain].push((number, message));
            }
            Err(why) => outcomes.push((number, Outcome::Bad(why))),
        }
    }
    let mut running = JoinSet::new();
    for chain in chains {
        running.spawn(push_chain(stores.clone(), chain));
    }
    outcomes.extend(running.join_all().await.into_iter().flatten());
    outcomes.sort_unstable_by_key(|(line, _)| *line);
    // The queue of an in-memory bus is unbounded. Waiting here limits the messages in this queue to those of one chunk.
    stores.listener.idle().await;
    outcomes
}

/// Pushes the events of one aggregate, in order.
async fn push_chain(stores: Stores, chain: Vec<(u64, AppBusMessage)>) -> Vec<(u64, Outcome)> {
    let mut outcomes = Vec::with_capacity(chain.len());
    for (line, message) in chain {
        let outcome = match message {
            AppBusMessage::Pokemon(message) => push_event(&stores.pokemons, message).await,
            AppBusMessage::Trainer(message) => push_event(&stores.trainers, message).await,
        };
        let failed = matches!(outcome, Outcome::Failed(_));
        outcomes.push((line, outcome));
        if failed {
            break;
        }
    }
    outcomes
}

async fn push_event<S: EventSourced>(store: &impl Store<S>, message: NotificationMessage<S>) -> Outcome {
    let event = NewEvent::from(message.event);
    let error = match store.push_event(event.clone()).await {
        Ok(_) => return Outcome::Imported,
        Err(PushEventError::VersionGap(gap)) => match store.push_event(event).allow_gap(true).await {
            Ok(_) => {
                return Outcome::ImportedAfterGap(format!(
                    "imported version {} of {} {} after a gap: the version after the stored events is {}",
                    gap.given, gap.event_store_id, gap.aggregate_id, gap.expected
                ));
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    match error {
        PushEventError::EventAlreadyExists(_) => Outcome::AlreadyThere,
        PushEventError::StoredButNotPublished(error) => Outcome::Unpublished(error_chain(&error)),
        PushEventError::InvalidVersion { .. } | PushEventError::Reduce(_) | PushEventError::Encode { .. } => {
            Outcome::Bad(error_chain(&error))
        }
        PushEventError::Storage { ref source, .. } if matches!(**source, StorageError::Unsupported { .. }) => {
            Outcome::Bad(error_chain(&error))
        }
        error => Outcome::Failed(error),
    }
}
