mod bus;
mod check;
mod dead_letters;
mod inline;
mod lane;
mod pending;
mod queue;
mod settings;
mod stored;

pub use bus::InMemoryMessageBusAdapter;
pub use dead_letters::InMemoryDeadLetters;
pub use inline::InlineMessageQueueAdapter;
pub use queue::InMemoryMessageQueueAdapter;
