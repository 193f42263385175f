//! What those who receive messages have in common, whatever the adapter.

mod context;
mod dead_letter;
mod filter;
mod filter_for;
mod received;
mod retry_policy;

pub use context::MessageContext;
pub use dead_letter::DeadLetter;
pub use filter::{AllStores, EventTypeFilter, EventTypeOf, Filter};
pub use filter_for::FilterFor;
pub use received::Received;
pub use retry_policy::{InvalidRetryPolicyError, RetryPolicy};
