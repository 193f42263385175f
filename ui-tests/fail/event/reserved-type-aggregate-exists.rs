include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    #[event(type = "__AGGREGATE_EXISTS__")]
    Placed,
}

fn main() {}
