use std::sync::Arc;

use castore_core::channel::MessageChannel;
use castore_core::consumer::{ConsumerError, ConsumerHandle, ConsumerTasks};
use castore_core::error::error_chain;
use futures_util::future::try_join_all;
use tokio::task::JoinSet;

use super::durable::Durable;
use super::lane::Lane;
use super::settings::Settings;
use crate::NatsError;

/// Sets up the durable consumers, and starts a lane for each.
pub(super) async fn start<C: MessageChannel>(
    settings: Settings<C>,
    durables: Vec<Durable>,
    replace_filter: bool,
) -> Result<ConsumerHandle, NatsError> {
    let (connection, ordered) = (&settings.connection, settings.ordered());
    let set_up = durables.iter().map(|durable| durable.set_up(connection, ordered, settings.ack_wait, replace_filter));
    let consumers = try_join_all(set_up).await?;
    let handler = settings.handler.clone();
    let settings = Arc::new(settings);
    let lanes = consumers.into_iter().zip(durables);
    let lanes = lanes.map(|(consumer, durable)| Lane::new(settings.clone(), consumer, durable)).collect();
    Ok(ConsumerHandle::spawn(&handler, |tasks| run(lanes, tasks)))
}

/// Runs the lanes of a consumer. If one lane fails, all lanes are shut down.
async fn run<C: MessageChannel>(lanes: Vec<Lane<C>>, tasks: ConsumerTasks) -> Result<(), ConsumerError> {
    let mut running: JoinSet<_> = lanes.into_iter().map(|lane| tasks.track(lane.run(tasks.clone()))).collect();
    let mut first = None;
    while let Some(ended) = running.join_next().await {
        let end = match ended {
            Ok(Ok(())) => continue,
            Ok(Err(end)) => end,
            Err(error) => ConsumerError::Panicked(error.to_string()),
        };
        tasks.shutdown().send();
        tracing::error!(channel = C::ID, error = error_chain(&end), "a consumer stopped with an error");
        first.get_or_insert(end);
    }
    first.map_or(Ok(()), Err)
}
