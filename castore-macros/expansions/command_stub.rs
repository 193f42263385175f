pub async fn catch_pokemon(
    input: &CatchPokemon,
    pokemons: &impl Store<Pokemon>,
) -> Result<Caught, CatchError> {
    let pokemon = pokemons.get_existing_aggregate(&input.pokemon_id).await?;
    Ok(Caught::new(pokemon))
}
/// The command `CATCH_POKEMON`.
pub mod catch_pokemon {
    /// The command's id.
    pub const ID: &str = "CATCH_POKEMON";
    /// How often the command runs again when another one was faster.
    pub const RETRIES: u32 = 10;
}
::core::compile_error! {
    "command `catch_pokemon` lacks the option `id`; write `#[command(id = \"CATCH_POKEMON\")]`"
}
