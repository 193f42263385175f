//! Tests of retired event types, and of event types that the event enum does not declare.

mod domain;
mod failures;
mod filters;
mod messages;
mod reading;
mod rewriting;
mod snapshots;
