use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::channel::MessageChannel;
use castore_core::consumer::{ConsumerResource, ConsumerSetup, ConsumerSetupError};

use super::durable::Durable;
use super::settings::Settings;
use crate::NatsError;
use crate::connection::Connection;

/// The setup of the durable consumers that a [`NatsWorker`](crate::NatsWorker) or a
/// [`NatsListener`](crate::NatsListener) needs on the server. The setup can create the durable consumers without
/// starting the worker or the listener. Returned by [`NatsWorkerBuilder::setup`](crate::NatsWorkerBuilder::setup) and
/// [`NatsListenerBuilder::setup`](crate::NatsListenerBuilder::setup).
///
/// The setup does not create streams, because the adapter has created them when it connected.
pub struct NatsConsumerSetup {
    connection: Arc<Connection>,
    durables: Vec<Durable>,
    ordered: bool,
    ack_wait: Duration,
    replace_filter: bool,
}

impl NatsConsumerSetup {
    pub(super) fn new<C: MessageChannel>(settings: &Settings<C>, durables: Vec<Durable>, replace_filter: bool) -> Self {
        Self {
            connection: Arc::clone(&settings.connection),
            durables,
            ordered: settings.ordered(),
            ack_wait: settings.ack_wait,
            replace_filter,
        }
    }

    async fn planned(&self, durable: &Durable) -> Result<ConsumerResource, ConsumerSetupError> {
        let Self { connection, ordered, ack_wait, replace_filter, .. } = self;
        let change = durable.plan(connection, *ordered, *ack_wait, *replace_filter).await.map_err(failed)?;
        Ok(ConsumerResource::new(format!("consumer {} of stream {}", durable.name, connection.stream), change))
    }
}

#[async_trait]
impl ConsumerSetup for NatsConsumerSetup {
    async fn plan(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        let mut resources = Vec::with_capacity(self.durables.len());
        for durable in &self.durables {
            resources.push(self.planned(durable).await?);
        }
        Ok(resources)
    }

    async fn apply(&self) -> Result<Vec<ConsumerResource>, ConsumerSetupError> {
        let mut resources = Vec::with_capacity(self.durables.len());
        for durable in &self.durables {
            resources.push(self.planned(durable).await?);
            let set_up = durable.set_up(&self.connection, self.ordered, self.ack_wait, self.replace_filter);
            set_up.await.map_err(failed)?;
        }
        Ok(resources)
    }
}

fn failed(error: NatsError) -> ConsumerSetupError {
    ConsumerSetupError::new(error)
}

impl fmt::Debug for NatsConsumerSetup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NatsConsumerSetup")
            .field("stream", &self.connection.stream)
            .field("durables", &self.durables)
            .finish_non_exhaustive()
    }
}
