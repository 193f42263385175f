//! The conformance test kit for the DynamoDB adapter, and tests specific to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod broker;
mod canned;
mod conformance;
mod domain;
mod failures;
mod faults;
mod golden;
mod groups;
mod images;
mod items;
mod lambda;
mod limits;
mod listing;
mod pages;
mod relay;
mod requests;
mod rewrites;
mod shards;
mod snapshots;
mod streams;
mod support;
mod tables;
