//! What the DynamoDB adapter promises beyond the conformance kit, and the kit itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say by panicking that something is wrong"
)]

mod canned;
mod conformance;
mod failures;
mod golden;
mod groups;
mod images;
mod items;
mod limits;
mod listing;
mod pages;
mod requests;
mod rewrites;
mod shards;
mod snapshots;
mod streams;
mod support;
mod tables;
