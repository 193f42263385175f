include!("../../game/stores.rs");

fn text_for_a_typed_id_of_get_events(gyms: EventStore<Gym>) {
    let _ = gyms.get_events("pewter");
}

fn main() {}
