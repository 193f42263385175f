include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent<T> {
    Placed(T),
}

fn main() {}
