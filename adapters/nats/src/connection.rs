use std::sync::Arc;

use async_nats::Client;
use async_nats::jetstream::Context;

use crate::subject::Layout;

/// The connection of a channel to a server, shared by publishers and consumers.
#[derive(Debug)]
pub struct Connection {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
    pub(crate) stream: String,
    pub(crate) layout: Layout,
}

/// An adapter that contains a connection.
pub trait HasConnection {
    fn connection(&self) -> Arc<Connection>;
}
