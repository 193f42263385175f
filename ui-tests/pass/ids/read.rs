#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn text_for_a_typed_id(gyms: EventStore<Gym>) {
    let _ = gyms.get_aggregate(GymId("pewter".into()));
}

fn text_for_a_typed_id_of_get_existing_aggregate(gyms: EventStore<Gym>) {
    let _ = gyms.get_existing_aggregate(GymId("pewter".into()));
}

fn text_for_a_typed_id_of_get_events(gyms: EventStore<Gym>) {
    let _ = gyms.get_events(GymId("pewter".into()));
}

fn id_of_another_store(pokemons: EventStore<Pokemon>, gym_id: GymId) {
    let _ = pokemons.get_aggregate(gym_id.0);
}

fn number_for_text(pokemons: EventStore<Pokemon>) {
    let _ = pokemons.get_aggregate("25");
}

fn text_for_a_typed_id_connected(gyms: ConnectedEventStore<Gym, AppBus>) {
    let _ = gyms.get_aggregate(GymId("pewter".into()));
}

fn main() {}
