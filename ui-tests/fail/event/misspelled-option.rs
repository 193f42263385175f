include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[event(rename = "SCREAMING_SNAKE_CASE")]
enum OrderEvent {
    Placed,
}

fn main() {}
