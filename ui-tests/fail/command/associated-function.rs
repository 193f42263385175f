include!("../../game/stores.rs");

struct Game;

impl Game {
    #[command(id = "CATCH")]
    async fn catch(pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        let _ = pokemons;
        Ok(())
    }
}

fn main() {}
