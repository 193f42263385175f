//! Stores that leave publishing to a relay, and relays that call workers.

mod inline;
mod via_relay;
