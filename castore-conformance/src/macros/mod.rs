//! The macros that write tests. They call one another with lists of behaviors, as `macro_rules` cannot loop over a
//! constant.

mod channel;
mod inbox;
mod log;
mod read_model;
mod relay_storage;
mod snapshot;
mod storage;
mod tests;
