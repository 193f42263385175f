include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(rename_all = "camelCase")]
    Placed,
}

fn main() {}
