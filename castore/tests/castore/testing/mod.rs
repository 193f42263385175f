//! The test tools.

mod faults;
mod locations;
mod mocks;
mod scenarios;
