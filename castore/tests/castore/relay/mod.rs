//! Tests of stores that are connected via a relay, and of relays that call workers.

mod inline;
mod via_relay;
