mod adapter;
mod deletion;
mod extensions;
mod log;
mod relay;
mod snapshot;
mod state;

pub use adapter::InMemoryEventStorageAdapter;
