include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {
    Placed { product: std::sync::Arc<dyn fmt::Debug + Send + Sync> },
}

fn main() {}
