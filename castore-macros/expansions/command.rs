pub async fn catch_pokemon(
    input: &CatchPokemon,
    pokemons: &impl Store<Pokemon>,
) -> Result<Caught, CatchError> {
    let mut __attempts = ::castore::__private::CommandAttempts::new("CATCH_POKEMON", 10);
    loop {
        let __outcome: Result<Caught, CatchError> = async {
            let pokemon = pokemons.get_existing_aggregate(&input.pokemon_id).await?;
            Ok(Caught::new(pokemon))
        }
            .await;
        let __error = {
            use ::castore::__private::ErrorOutcome as _;
            ::castore::__private::CommandOutcome::of(&__outcome).error()
        };
        let ::core::option::Option::Some(__conflict) = __attempts.conflict(__error) else {
            return __outcome
        };
        if __conflict.retries_left == 0 {
            return __outcome;
        }
        __attempts.pause().await;
    }
}
/// The command `CATCH_POKEMON`.
pub mod catch_pokemon {
    /// The command's id.
    pub const ID: &str = "CATCH_POKEMON";
    /// How often the command runs again when another one was faster.
    pub const RETRIES: u32 = 10;
}
