//! Tests of loading aggregates with snapshots.

mod loading;
mod property;
mod support;
mod taking;
