include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn simulated_events_of_another_store(pokemons: EventStore<Pokemon>, events: Vec<EventDetail<Trainer>>) {
    let _ = pokemons.simulate_aggregate(events);
}

fn main() {}
