mod bus;
mod check;
mod inline;
mod lane;
mod pending;
mod queue;
mod settings;
mod stored;

pub use bus::InMemoryMessageBusAdapter;
pub use inline::InlineMessageQueueAdapter;
pub use queue::InMemoryMessageQueueAdapter;
