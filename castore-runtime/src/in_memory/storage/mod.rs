mod adapter;
mod state;

pub use adapter::InMemoryEventStorageAdapter;
