use std::sync::Arc;

use super::{ChannelFilter, FilterPattern, ReceivedMessage};
use crate::channel::{MessageChannel, Ordered};

/// A filter for a handler that needs the messages of each aggregate in order. Such a filter compiles only for channels
/// that guarantee this order.
#[derive(Debug, Clone)]
pub struct InOrder<F>(F);

/// Wraps a filter for a handler that needs the messages of each aggregate in order:
/// `listener.on(in_order(Filter::all()), …)` compiles only for channels with `order = "per_aggregate"`.
pub fn in_order<F>(filter: F) -> InOrder<F> {
    InOrder(filter)
}

impl<C: MessageChannel + Ordered, F: ChannelFilter<C>> ChannelFilter<C> for InOrder<F> {
    type Message = F::Message;

    fn passes(&self, message: &C::Message, replay: bool) -> bool {
        self.0.passes(message, replay)
    }

    fn patterns(&self) -> Vec<FilterPattern> {
        self.0.patterns()
    }

    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<F::Message>> {
        self.0.receive(message)
    }
}
