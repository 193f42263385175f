mod bus;
mod lane;
mod pending;
mod queue;
mod settings;

pub use bus::InMemoryMessageBusAdapter;
pub use queue::InMemoryMessageQueueAdapter;
