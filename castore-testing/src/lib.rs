//! Tools for the tests of event-sourced programs: reducers and commands by given, when, then; event stores with
//! events in them; message channels that remember; storages and channels that fail on purpose.
//!
//! Assertions panic, as assertions do.
#![allow(clippy::panic, reason = "assertions panic")]

mod faults;
mod faulty_channel;
mod faulty_storage;
mod given;
mod manual_clock;
mod mock;
mod recording_channel;
mod recording_storage;
mod round_trip;
mod scenario;

pub use faulty_channel::FaultyMessageChannelAdapter;
pub use faulty_storage::FaultyEventStorageAdapter;
pub use given::{Given, ThenAggregate, given};
pub use manual_clock::ManualClock;
pub use mock::{MockEventStore, mute_event_store};
pub use recording_channel::{RecordedMessage, RecordingMessageChannelAdapter};
pub use round_trip::assert_round_trip;
pub use scenario::{Outcome, Scenario};
