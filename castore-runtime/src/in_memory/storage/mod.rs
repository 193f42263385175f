mod adapter;
mod log;
mod state;

pub use adapter::InMemoryEventStorageAdapter;
