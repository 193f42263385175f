include!("../../game/stores.rs");

pub(crate) struct CatchPokemon {
    pub pokemon_id: String,
}

#[command(id = "CATCH")]
pub async fn catch(input: &CatchPokemon, pokemons: &impl Store<Pokemon>) -> Result<(), EventStoreError> {
    pokemons.get_existing_aggregate(&input.pokemon_id).await?;
    Ok(())
}

fn main() {}
