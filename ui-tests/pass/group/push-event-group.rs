#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn ungrouped_element(
    pokemons: EventStore<Pokemon>,
    trainers: EventStore<Trainer>,
    a: NewEvent<Pokemon>,
    b: NewEvent<Trainer>,
) {
    let _ = push_event_group((pokemons.group_event(a), trainers.group_event(b)));
}

fn ungrouped_first_element(
    pokemons: EventStore<Pokemon>,
    trainers: EventStore<Trainer>,
    a: NewEvent<Pokemon>,
    b: NewEvent<Trainer>,
) {
    let _ = push_event_group((pokemons.group_event(a), trainers.group_event(b)));
}

fn ungrouped_list(events: Vec<castore::store::GroupedEvent<Pokemon>>) {
    let _ = push_event_group(events);
}

fn push_request_as_element(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    let _ = push_event_group((pokemons.group_event(event),));
}

fn empty(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    let _ = push_event_group((pokemons.group_event(event),));
}

fn without_tuple(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    let _ = push_event_group((pokemons.group_event(event),));
}

fn main() {}
