include!("../../game/stores.rs");

fn id_of_another_store(pokemons: EventStore<Pokemon>, gym_id: GymId) {
    let _ = pokemons.get_aggregate(gym_id);
}

fn main() {}
