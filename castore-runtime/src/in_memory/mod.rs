//! Adapters that keep everything in the memory of the process: the reference for all others, and the ones for tests.

mod storage;

pub use storage::InMemoryEventStorageAdapter;
