include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(type = "ORDER\nPLACED")]
    Placed,
}

fn main() {}
