//! The command line of a program, for the binary that `cargo castore` runs.

mod arguments;
mod consumers;
mod dead_letters;
mod events;
mod forget;
mod outputs;
mod program;
mod projections;
mod relays;
mod replay;
mod report;
mod schema;
#[cfg(test)]
mod tests;

pub use outputs::operate;
pub use program::Operate;
