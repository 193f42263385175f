//! Tools for tests of event-sourced programs: given/when/then tests for reducers and commands, event stores with
//! initial events, an adapter that records messages, adapters that inject faults, and [rolling deployments](rolling).
//!
//! Failed assertions panic.
#![allow(clippy::panic, reason = "assertions panic")]

mod faults;
mod faulty_channel;
mod faulty_storage;
mod given;
mod manual_clock;
mod mock;
mod recording_channel;
mod recording_storage;
mod retired;
pub mod rolling;
mod round_trip;
mod scenario;

pub use faulty_channel::FaultyMessageChannelAdapter;
pub use faulty_storage::FaultyEventStorageAdapter;
pub use given::{Given, ThenAggregate, given};
pub use manual_clock::ManualClock;
pub use mock::{MockEventStore, mute_event_store};
pub use recording_channel::{RecordedMessage, RecordingMessageChannelAdapter};
pub use retired::retired;
pub use round_trip::assert_round_trip;
pub use scenario::{Outcome, Scenario};
