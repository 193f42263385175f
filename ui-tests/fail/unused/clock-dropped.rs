#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn clock_dropped(pokemons: EventStore<Pokemon>, clock: castore::testing::ManualClock) {
    pokemons.with_clock(clock);
}

fn main() {}
