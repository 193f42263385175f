include!("../../game/stores.rs");

#[derive(Clone, Event)]
#[event(rename_all = "loud")]
enum OrderEvent {
    Placed,
}

fn main() {}
