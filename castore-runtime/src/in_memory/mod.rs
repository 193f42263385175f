//! Adapters that keep everything in the memory of the process: the reference for all others, and the ones for tests.

mod messaging;
mod storage;

pub use messaging::{InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, InlineMessageQueueAdapter};
pub use storage::InMemoryEventStorageAdapter;
