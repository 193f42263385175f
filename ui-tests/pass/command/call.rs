#![allow(unused)]

include!("../../game/stores.rs");

mod called_with_another_store {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>, now: &Timestamp) -> Result<(), PushEventError> {
        Ok(())
    }

    async fn called_with_another_store(pokemons: EventStore<Pokemon>, now: Timestamp) {
        let _ = catch("pikachu1", &pokemons, &now).await;
    }
}

mod called_without_context {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>, now: &Timestamp) -> Result<(), PushEventError> {
        Ok(())
    }

    async fn called_without_context(pokemons: EventStore<Pokemon>, now: Timestamp) {
        let _ = catch("pikachu1", &pokemons, &now).await;
    }
}

mod called_with_another_input {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>, now: &Timestamp) -> Result<(), PushEventError> {
        Ok(())
    }

    async fn called_with_another_input(pokemons: EventStore<Pokemon>, now: Timestamp) {
        let _ = catch("pikachu1", &pokemons, &now).await;
    }
}

fn main() {}
