include!("../../game/stores.rs");

#[derive(Debug, Clone)]
#[event_store(id = "MONSTERS", event = PokemonEvent, reducer_version = "2")]
pub struct Monster;

impl Reducer for Monster {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

fn main() {}
