#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_of_another_store(pokemons: EventStore<Pokemon>, event: NewEvent<Pokemon>) {
    let _ = pokemons.push_event(event);
}

fn event_of_another_store_connected(pokemons: ConnectedEventStore<Pokemon, AppBus>, event: NewEvent<Pokemon>) {
    let _ = pokemons.push_event(event);
}

fn payload_of_another_store(pokemons: EventStore<Pokemon>) {
    let _ = pokemons.push_event(NewEvent::new("pikachu1", 1, PokemonEvent::LeveledUp));
}

fn previous_aggregate_of_another_store(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    ash: Aggregate<Pokemon>,
) {
    let _ = pokemons.push_event(event).prev_aggregate(ash);
}

fn next_aggregate_without_check(pushed: PushedEvent<Pokemon>) {
    let _ = pushed.next_aggregate.map(|pokemon| pokemon.level);
}

fn simulated_events_of_another_store(pokemons: EventStore<Pokemon>, events: Vec<EventDetail<Pokemon>>) {
    let _ = pokemons.simulate_aggregate(events);
}

fn main() {}
