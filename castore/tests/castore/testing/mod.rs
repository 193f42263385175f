//! The test tools.

mod faults;
mod mocks;
mod scenarios;
