//! Adapters without a database or broker. The in-memory adapters keep everything in the memory of the process. They are
//! the reference implementations for all other adapters, and are useful in tests. [`InlineMessageQueueAdapter`] keeps
//! no messages, and is meant for production, too.

mod messaging;
mod storage;

pub use messaging::{
    InMemoryDeadLetters, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter,
};
pub use storage::InMemoryEventStorageAdapter;
