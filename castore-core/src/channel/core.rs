use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::publishers::Publishers;
use super::{MessageChannelAdapter, Publisher, Registration};
use crate::message::ChannelMessage;

/// The internal state of a channel, which all clones of the channel share.
#[doc(hidden)]
pub struct ChannelCore<M: ChannelMessage> {
    adapter: Arc<RwLock<Option<Arc<dyn MessageChannelAdapter<M>>>>>,
    publishers: Publishers,
}

impl<M: ChannelMessage> ChannelCore<M> {
    pub(super) fn adapter(&self) -> Option<Arc<dyn MessageChannelAdapter<M>>> {
        self.adapter.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_adapter(&self, adapter: Option<Arc<dyn MessageChannelAdapter<M>>>) {
        let before = {
            let mut place = self.adapter.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, adapter)
        };
        // Dropping an adapter may drop handlers that use this channel, and therefore this lock. The lock is released
        // first to avoid a deadlock.
        drop(before);
    }

    /// Registers a publisher on the channel. The publisher publishes the events of the stores with the given ids.
    pub fn register(&self, event_store_ids: Vec<&'static str>, publisher: Publisher) -> Registration {
        self.publishers.register(event_store_ids, publisher)
    }
}

impl<M: ChannelMessage> Default for ChannelCore<M> {
    fn default() -> Self {
        Self { adapter: Arc::default(), publishers: Publishers::default() }
    }
}

impl<M: ChannelMessage> Clone for ChannelCore<M> {
    fn clone(&self) -> Self {
        Self { adapter: self.adapter.clone(), publishers: self.publishers.clone() }
    }
}

impl<M: ChannelMessage> fmt::Debug for ChannelCore<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attached = self.adapter.read().unwrap_or_else(PoisonError::into_inner).is_some();
        formatter.debug_struct("MessageChannel").field("adapter_attached", &attached).finish()
    }
}
