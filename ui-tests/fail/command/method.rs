#![allow(unused)]

include!("../../game/stores.rs");

struct Game;

impl Game {
    #[command(id = "CATCH")]
    async fn catch(&self, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

fn main() {}
