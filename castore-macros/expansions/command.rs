pub async fn catch_pokemon(
    input: &CatchPokemon,
    pokemons: &impl Store<Pokemon>,
) -> Result<Caught, CatchError> {
    let mut __attempts = ::castore::__private::CommandAttempts::new("CATCH_POKEMON", 10);
    loop {
        let __outcome: Result<Caught, CatchError> = __attempts
            .run(async {
                let pokemon = pokemons.get_existing_aggregate(&input.pokemon_id).await?;
                Ok(Caught::new(pokemon))
            })
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
#[::castore::__private::beside(
    #[automatically_derived]#[allow(deprecated)]impl::castore::__private::CommandTypes
    for
    catch_pokemon::__Types{type
    Input = CatchPokemon;type
    Context = ();type
    Outcome = Result<Caught,
    CatchError>;}
)]
/// The command `CATCH_POKEMON`.
pub mod catch_pokemon {
    /// The command's id.
    pub const ID: &str = "CATCH_POKEMON";
    /// The maximum number of retries after version conflicts.
    pub const RETRIES: u32 = 10;
    #[doc(hidden)]
    #[derive(::core::fmt::Debug)]
    pub enum __Types {}
    /// The type of the parameter `input`: `CatchPokemon`.
    pub type Input = <__Types as ::castore::__private::CommandTypes>::Input;
    /// The type of the `Ok` value of the result.
    pub type Output = <<__Types as ::castore::__private::CommandTypes>::Outcome as ::castore::__private::CommandResult>::Output;
    /// The type of the error.
    pub type Error = <<__Types as ::castore::__private::CommandTypes>::Outcome as ::castore::__private::CommandResult>::Error;
}
