#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn filter_dropped(filter: Filter<Pokemon>) {
    filter.on_replay(true);
}

fn main() {}
