//! The command line of a program, for the binary that `cargo castore` runs.

mod dead_letters;
mod events;
mod outputs;
mod program;
mod relays;
mod report;
#[cfg(test)]
mod tests;

pub use outputs::operate;
pub use program::Operate;
