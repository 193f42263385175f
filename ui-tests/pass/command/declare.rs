#![allow(unused)]

include!("../../game/stores.rs");

mod not_async {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod mutable_parameter {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod no_parameters {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod error_is_no_error {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod no_result {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod option_instead_of_result {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod value_is_not_clone {
    use super::*;

    struct Ball;

    #[command(id = "CATCH")]
    async fn catch(ball: &Ball, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod method {
    use super::*;

    struct Game;

    #[command(id = "CATCH")]
    async fn catch(game: &Game, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod on_struct {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod missing_id {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod empty_id {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod misspelled_option {
    use super::*;

    #[command(id = "CATCH", retries = 3)]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod retries_not_a_number {
    use super::*;

    #[command(id = "CATCH", retries = 3)]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod several_mistakes {
    use super::*;

    #[command(id = "CATCH", retries = 3)]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod store_of_no_store {
    use super::*;

    #[command(id = "CATCH")]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

mod hook_of_another_error {
    use super::*;

    async fn log(error: &EventAlreadyExists, attempt: u32, retries_left: u32) {}

    #[command(id = "CATCH", on_event_already_exists = log)]
    async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }
}

fn main() {}

mod less_visible_input {
    use super::*;

    pub struct CatchPokemon {
        pub pokemon_id: String,
    }

    #[command(id = "CATCH")]
    pub async fn catch(input: &CatchPokemon, pokemons: &impl Store<Pokemon>) -> Result<(), EventStoreError> {
        pokemons.get_existing_aggregate(&input.pokemon_id).await?;
        Ok(())
    }
}

mod input_with_a_lifetime {
    use super::*;

    pub struct CatchPokemon<'a> {
        pub pokemon_id: &'a str,
    }

    #[command(id = "CATCH")]
    pub async fn catch(input: &CatchPokemon<'_>, pokemons: &impl Store<Pokemon>) -> Result<(), EventStoreError> {
        pokemons.get_existing_aggregate(input.pokemon_id).await?;
        Ok(())
    }
}
