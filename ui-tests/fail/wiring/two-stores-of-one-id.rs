include!("../../game/stores.rs");
include!("../../game/wired.rs");

#[derive(Debug, Clone)]
#[event_store(id = "POKEMONS", event = TrainerEvent)]
pub struct Arena;

impl Reducer for Arena {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

wiring! {
    pub struct Game;
    stores: [Pokemon, Trainer, Arena],
    channels: [AppBus],
    consumers: [screen on AppBus],
    elsewhere: [Arena],
}

fn main() {}
