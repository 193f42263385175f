//! Tests of the module `castore::testing`.

mod faults;
mod locations;
mod mocks;
mod scenarios;
