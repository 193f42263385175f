include!("../../game/stores.rs");

#[derive(Event)]
enum OrderEvent {
    Placed,
}

fn main() {}
