#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn push_within_not_awaited<K: 'static>(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    pokemons.push_event(event).within(transaction);
}

fn main() {}
