//! The consuming side.

mod builders;
mod dead_letter;
mod delivery;
mod durable;
mod in_flight;
mod lane;
mod requests;
mod run;
mod settings;

pub use builders::{NatsListener, NatsWorker};
