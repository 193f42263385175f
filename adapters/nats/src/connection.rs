use std::sync::Arc;

use async_nats::Client;
use async_nats::jetstream::Context;

use crate::NatsError;
use crate::stream::{StreamOptions, StreamTopology, set_up_streams};
use crate::subject::Layout;

/// The connection of a channel to a server, shared by publishers and consumers.
#[derive(Debug)]
pub struct Connection {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
    pub(crate) stream: String,
    pub(crate) layout: Layout,
    pub(crate) topology: StreamTopology,
    pub(crate) stream_options: StreamOptions,
}

impl Connection {
    /// Creates the streams of the channel, or compares existing streams with the expected settings.
    pub(crate) async fn set_up_streams(&self) -> Result<(), NatsError> {
        set_up_streams(&self.jetstream, &self.stream, &self.layout, self.topology, &self.stream_options).await
    }
}

/// An adapter that contains a connection.
pub trait HasConnection {
    fn connection(&self) -> Arc<Connection>;
}
