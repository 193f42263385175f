#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn store_not_carried(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_event_store_events(&pokemons, &app_bus);
}

fn store_not_carried_one_store(pokemons: EventStore<Pokemon>, pokemon_bus: PokemonBus) {
    let _ = pour_event_store_events(&pokemons, &pokemon_bus);
}

fn aggregate_of_store_not_carried_one_store(pokemons: EventStore<Pokemon>, pokemon_bus: PokemonBus) {
    let _ = pour_aggregate_events(&pokemons, "pikachu1", &pokemon_bus);
}

fn ids_of_store_not_carried_one_store(pokemons: EventStore<Pokemon>, census_bus: PokemonCensusBus) {
    let _ = pour_event_store_aggregate_ids(&pokemons, &census_bus);
}

fn collection_with_store_not_carried_one_store(pokemons: EventStore<Pokemon>, trainers: EventStore<Trainer>, app_bus: AppBus) {
    let _ = pour_event_store_collection_events((&pokemons, &trainers), &app_bus);
}

fn events_into_aggregate_exists_channel(pokemons: EventStore<Pokemon>, census_bus: CensusBus) {
    let _ = pour_event_store_aggregate_ids(&pokemons, &census_bus);
}

fn collection_into_aggregate_exists_channel(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_event_store_collection_events((&pokemons,), &app_bus);
}

fn ids_into_notification_channel(pokemons: EventStore<Pokemon>, census_bus: CensusBus) {
    let _ = pour_event_store_aggregate_ids(&pokemons, &census_bus);
}

fn collection_of_one_store_without_tuple(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_event_store_collection_events((&pokemons,), &app_bus);
}

fn wrong_aggregate_id(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_aggregate_events(&pokemons, "5", &app_bus);
}

fn event_type_of_another_store(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    let _ = pour_event_store_events(&pokemons, &app_bus).event_type(PokemonEventType::LeveledUp);
}

fn main() {}
