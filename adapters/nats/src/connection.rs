use std::sync::Arc;

use async_nats::Client;
use async_nats::jetstream::Context;

use crate::subject::Layout;

/// A channel on a server: what publishers and consumers share.
#[derive(Debug)]
pub struct Connection {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
    pub(crate) stream: String,
    pub(crate) layout: Layout,
}

/// What an adapter has inside.
pub trait HasConnection {
    fn connection(&self) -> Arc<Connection>;
}
