//! Adapters that keep everything in the memory of the process. They are the reference for all other adapters, and used
//! in tests.

mod messaging;
mod storage;

pub use messaging::{
    InMemoryDeadLetters, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
};
pub use storage::InMemoryEventStorageAdapter;
