/// Catches a pokemon.
#[cfg(feature = "commands")]
#[must_use]
#[allow(unused)]
pub(super) async fn r#catch<S>(
    input: CatchPokemon,
    __parameter1: Context,
    &limit: &u32,
    rest: &[u8],
    _: Unused,
    pokemons: &S,
) -> Result<impl Iterator<Item = u32>, CatchError>
where
    S: Store<Pokemon>,
{
    let mut __attempts = ::game::castore::__private::CommandAttempts::new(
            "CATCH_POKEMON",
            5,
        )
        .backoff(CommandBackoff::new(BASE, Duration::from_secs(1)));
    loop {
        let mut input = ::core::clone::Clone::clone(&input);
        let Context { user, .. } = ::core::clone::Clone::clone(&__parameter1);
        let mut rest = rest;
        let __outcome: Result<_, CatchError> = __attempts
            .run(async { catch(input, pokemons).await })
            .await;
        let __error = {
            use ::game::castore::__private::ErrorOutcome as _;
            ::game::castore::__private::CommandOutcome::of(&__outcome).error()
        };
        let ::core::option::Option::Some(__conflict) = __attempts.conflict(__error) else {
            return __outcome
        };
        hooks::log_conflict(
                __conflict.error,
                __conflict.attempt,
                __conflict.retries_left,
            )
            .await;
        if __conflict.retries_left == 0 {
            return __outcome;
        }
        __attempts.pause().await;
    }
}
#[cfg(feature = "commands")]
#[::game::castore::__private::beside(
    #[automatically_derived]#[allow(
        deprecated
    )]impl::game::castore::__private::CommandTypes
    for
    r#catch::__Types{type
    Input = CatchPokemon;type
    Context = ();type
    Outcome = ();}
)]
/// The command `CATCH_POKEMON`.
pub(super) mod r#catch {
    /// The command's id.
    pub(in super::super) const ID: &str = "CATCH_POKEMON";
    /// The maximum number of retries after version conflicts.
    pub(in super::super) const RETRIES: u32 = 5;
    #[doc(hidden)]
    #[derive(::core::fmt::Debug)]
    pub(in super::super) enum __Types {}
    /// The type of the parameter `input`: `CatchPokemon`.
    pub(in super::super) type Input = <__Types as ::game::castore::__private::CommandTypes>::Input;
}
