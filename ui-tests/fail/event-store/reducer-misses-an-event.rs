include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "ORDERS", event = PokemonEvent)]
struct Order;

impl Reducer for Order {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match event.payload {
            PokemonEvent::Appeared { .. } => Ok(Self),
        }
    }
}

fn main() {}
