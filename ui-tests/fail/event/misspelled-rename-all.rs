include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[event(rename_all = "SCREAMING_SNAKECASE")]
enum OrderEvent {
    Placed,
}

fn main() {}
