//! Adapters that keep everything in the memory of the process. They are the reference implementations for all other
//! adapters, and are useful in tests.

mod messaging;
mod storage;

pub use messaging::{
    InMemoryDeadLetters, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
};
pub use storage::InMemoryEventStorageAdapter;
