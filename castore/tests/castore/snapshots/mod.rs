//! Aggregates that are loaded from snapshots on.

mod loading;
mod property;
mod support;
mod taking;
