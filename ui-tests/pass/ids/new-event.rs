#![allow(unused)]

include!("../../game/stores.rs");

fn text_for_a_typed_id_of_new_event() {
    let _ = NewEvent::new(GymId("pewter".into()), 1, GymEvent::Opened);
}

fn text_for_a_typed_id_of_named_new_event() {
    let _ = NewEvent::<Gym>::new(GymId("pewter".into()), 1, GymEvent::Opened);
}

fn id_of_another_store_of_new_event(gym_id: GymId) {
    let _ = NewEvent::new(gym_id.0, 1, PokemonEvent::LeveledUp);
}

fn main() {}
