//! The macros that generate the tests. They pass lists of behaviors to each other, because `macro_rules` macros cannot
//! loop over a constant.

mod channel;
mod deletion;
mod inbox;
mod log;
mod read_model;
mod relay_storage;
mod rolling;
mod snapshot;
mod storage;
mod tests;
mod transactions;
