use crate::testing::{assert_documented_expansion, assert_expansion, attribute_and_item, messages, starts_with};
use crate::visibility::one_deeper;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

const TYPICAL: &str = r#"
#[command(id = "CATCH_POKEMON")]
pub async fn catch_pokemon(
    input: &CatchPokemon,
    pokemons: &impl Store<Pokemon>,
) -> Result<Caught, CatchError> {
    let pokemon = pokemons.get_existing_aggregate(&input.pokemon_id).await?;
    Ok(Caught::new(pokemon))
}
"#;

fn typical() -> TokenStream {
    attribute_and_item(TYPICAL).1
}

fn id() -> TokenStream {
    quote!(id = "CATCH_POKEMON")
}

/// Returns the error messages for a function. Asserts that the expansion starts with the function, and that it contains
/// the module unless the function is a method.
fn refusals(attr: TokenStream, item: TokenStream) -> Vec<String> {
    let expansion = super::command(attr, item.clone());
    assert!(starts_with(&expansion, &item), "{expansion}");
    let is_method = item.to_string().contains("self");
    assert_eq!(expansion.to_string().contains("const RETRIES"), !is_method, "{expansion}");
    messages(&expansion)
}

#[test]
fn typical_command() {
    let (attr, item) = attribute_and_item(TYPICAL);
    assert_documented_expansion("command", TYPICAL, &super::command(attr, item));
}

#[test]
fn all_options() {
    let expansion = super::command(
        quote!(
            id = "CATCH_POKEMON",
            retries = 5,
            backoff = CommandBackoff::new(BASE, Duration::from_secs(1)),
            on_event_already_exists = hooks::log_conflict,
            crate = ::game::castore
        ),
        quote! {
            /// Catches a pokemon.
            #[cfg(feature = "commands")]
            #[must_use]
            pub(super) async fn r#catch<S>(
                mut input: CatchPokemon,
                Context { user, .. }: Context,
                &limit: &u32,
                mut rest: &[u8],
                _: Unused,
                pokemons: &S,
            ) -> Result<impl Iterator<Item = u32>, CatchError>
            where
                S: Store<Pokemon>,
            {
                #![allow(unused)]
                catch(input, pokemons).await
            }
        },
    );
    assert_expansion("command_all_options", &expansion);
}

#[test]
fn stub() {
    assert_expansion("command_stub", &super::command(quote!(), typical()));
}

#[test]
fn refuses_bad_options() {
    assert_eq!(
        refusals(quote!(), typical()),
        ["command `catch_pokemon` lacks the option `id`; write `#[command(id = \"CATCH_POKEMON\")]`"]
    );
    assert_eq!(
        refusals(quote!(id = ""), typical()),
        ["the command's id is empty; write a name, such as `id = \"CATCH_POKEMON\"`"]
    );
    assert_eq!(
        refusals(quote!(id = "A", retry = 3), typical()),
        ["unknown option `retry` of `#[command]`; did you mean `retries`?"]
    );
    assert_eq!(
        refusals(quote!(id = "A", retries = -1), typical()),
        ["option `retries` takes a whole number; write `retries = 2`"]
    );
    assert_eq!(
        refusals(quote!(id = "A", on_event_already_exists = |error| {}), typical()),
        ["option `on_event_already_exists` takes a path; write `on_event_already_exists = log_conflict`"]
    );
}

#[test]
fn refuses_functions_that_cannot_run_again() {
    assert_eq!(
        refusals(
            id(),
            quote!(
                fn f(pokemons: &impl Store<Pokemon>) -> Result<(), E> {
                    Ok(())
                }
            )
        ),
        ["command `f` is not async; write `async fn f`"]
    );
    assert_eq!(
        refusals(
            id(),
            quote!(
                async fn f(&self, pokemons: &impl Store<Pokemon>) -> Result<(), E> {
                    Ok(())
                }
            )
        ),
        ["a command must be a free function, not a method; pass the values that it needs from `self` as parameters"]
    );
    assert_eq!(
        refusals(
            id(),
            quote!(
                async fn f(input: &mut Input, pokemons: &impl Store<Pokemon>) -> Result<(), E> {
                    Ok(())
                }
            )
        ),
        [
            "a command may run again with the same input, so it cannot take `&mut`; take `&`, or a value that implements `Clone`"
        ]
    );
}

#[test]
fn refuses_commands_without_parameters() {
    let expected = ["command `f` takes no event store; add a parameter such as `pokemons: &impl Store<Pokemon>`"];
    assert_eq!(
        refusals(
            id(),
            quote!(
                async fn f() -> Result<(), E> {
                    Ok(())
                }
            )
        ),
        expected
    );
    // The name of a type does not show whether a parameter is an event store.
    for signature in [
        quote!(f(pokemons: &Pokemons)),
        quote!(f(pokemons: &EventStore<Pokemon>)),
        quote!(f(pokemons: &ConnectedEventStore<Pokemon, AppBus>)),
        quote!(f(stores: (&impl castore::Store<A>, &impl castore::Store<B>))),
        quote!(f<S: Store<Pokemon>>(pokemons: &S)),
        quote!(f(stores: &GameStores)),
    ] {
        let expansion = super::command(id(), quote!(async fn #signature -> Result<(), E> { Ok(()) }));
        assert!(messages(&expansion).is_empty(), "{signature}");
    }
}

#[test]
fn refuses_commands_that_return_nothing() {
    let expected = ["command `f` returns nothing; write `-> Result<(), …>`"];
    assert_eq!(
        refusals(
            id(),
            quote!(
                async fn f(pokemons: &impl Store<Pokemon>) {}
            )
        ),
        expected
    );
    assert_eq!(
        refusals(
            id(),
            quote!(
                async fn f(pokemons: &impl Store<Pokemon>) -> () {}
            )
        ),
        expected
    );
}

#[test]
fn refuses_other_items_and_keeps_them() {
    let item = quote!(
        struct CatchPokemon;
    );
    let expansion = super::command(id(), item.clone());
    assert!(starts_with(&expansion, &item));
    assert_eq!(messages(&expansion), ["`#[command]` belongs on an `async fn`, not on struct `CatchPokemon`"]);
}

#[test]
fn the_module_is_as_visible_as_the_function() {
    for (vis, expected) in [
        (parse_quote!(), "pub (super)"),
        (parse_quote!(pub), "pub"),
        (parse_quote!(pub(crate)), "pub (crate)"),
        (parse_quote!(pub(self)), "pub (super)"),
        (parse_quote!(pub(super)), "pub (in super :: super)"),
        (parse_quote!(pub(in super::a)), "pub (in super :: super :: a)"),
        (parse_quote!(pub(in self::a)), "pub (in super :: a)"),
        (parse_quote!(pub(in crate::a)), "pub (in crate :: a)"),
    ] {
        assert_eq!(one_deeper(&vis).to_string(), expected);
    }
}
