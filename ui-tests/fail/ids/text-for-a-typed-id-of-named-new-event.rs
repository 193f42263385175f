include!("../../game/stores.rs");

fn text_for_a_typed_id_of_named_new_event() {
    let _ = NewEvent::<Gym>::new("pewter", 1, GymEvent::Opened);
}

fn main() {}
