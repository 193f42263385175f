#![allow(unused)]

include!("../../game/stores.rs");

mod associated_function {
    use super::*;

    struct Game;

    #[command(id = "CATCH")]
    async fn catch(pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        let _ = pokemons;
        Ok(())
    }
}

mod words_of_the_original {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        let _ = pokemons;
        Ok(())
    }
}
