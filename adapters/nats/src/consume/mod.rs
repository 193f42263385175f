//! The consuming side.

mod builders;
mod dead_letter;
mod delivery;
mod durable;
mod handle;
mod in_hand;
mod lane;
mod requests;
mod settings;

pub use builders::{NatsListener, NatsWorker};
pub use handle::{NatsConsumerError, NatsConsumerHandle};
