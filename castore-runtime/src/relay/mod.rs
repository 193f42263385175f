//! The in-memory reference of what a relay keeps.

mod in_memory;

pub use in_memory::InMemoryRelayStorageAdapter;
