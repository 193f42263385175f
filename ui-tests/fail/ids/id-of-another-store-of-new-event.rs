include!("../../game/stores.rs");

fn id_of_another_store_of_new_event(gym_id: GymId) {
    let _ = NewEvent::new(gym_id, 1, PokemonEvent::LeveledUp);
}

fn main() {}
