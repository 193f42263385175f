use super::{AttributeOptions, CRATE, OptionName, Owner};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::testing::messages;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{LitStr, Path, Type};

const ID: OptionName = OptionName::new("id", r#"id = "POKEMONS""#);
const EVENT: OptionName = OptionName::new("event", "event = PokemonEvent");
const RETRIES: OptionName = OptionName::new("retries", "retries = 2");
const TYPE: OptionName = OptionName::new("type", r#"type = "CAUGHT""#);
const OWNER: Owner = Owner {
    attribute: "#[test]",
    names: &[ID, EVENT, RETRIES, CRATE],
    elsewhere: &[(TYPE, "on a variant")],
    originals: &[],
};

fn read(tokens: TokenStream) -> (AttributeOptions, Errors) {
    let mut errors = Errors::new();
    let mut options = AttributeOptions::new(OWNER);
    options.read(tokens, &mut errors);
    (options, errors)
}

fn refusals(tokens: TokenStream) -> Vec<String> {
    messages(&read(tokens).1.to_compile_errors())
}

#[test]
fn values_are_read_by_kind() {
    let (options, mut errors) = read(quote!(id = "A", event = Of<a::B, C>, retries = 3, crate = ::other::path,));
    assert_eq!(options.get::<LitStr>(ID, &mut errors).map(|id| id.value()), Some("A".to_owned()));
    assert!(matches!(options.get::<Type>(EVENT, &mut errors), Some(Type::Path(_))));
    assert_eq!(options.get::<u32>(RETRIES, &mut errors), Some(3));
    assert_eq!(Krate::from_options(&options, &mut errors).to_token_stream().to_string(), ":: other :: path");
    assert!(errors.is_empty(), "{}", errors.to_compile_errors());
}

#[test]
fn names_are_checked() {
    assert_eq!(refusals(quote!(evnt = A)), ["unknown option `evnt` of `#[test]`; did you mean `event`?"]);
    assert_eq!(
        refusals(quote!(name = A)),
        ["unknown option `name` of `#[test]`; the options are `id`, `event`, `retries` and `crate`"]
    );
    assert_eq!(
        refusals(quote!(id = "A", event = A, id = "B")),
        ["option `id` is given twice; remove one of them", "option `id` is first given here"]
    );
    assert_eq!(refusals(quote!(type = "A")), ["option `type` of `#[test]` belongs on a variant; move it there"]);
}

#[test]
fn shapes_are_checked() {
    let needs_value = ["option `id` needs a value; write `id = \"POKEMONS\"`"];
    assert_eq!(refusals(quote!(id)), needs_value);
    assert_eq!(refusals(quote!(id = )), needs_value);
    assert_eq!(refusals(quote!(id("A"))), needs_value);
    assert_eq!(
        refusals(quote!("POKEMONS")),
        ["expected `name = value`; the options of `#[test]` are `id`, `event`, `retries` and `crate`"]
    );
    assert_eq!(refusals(quote!(id = "A" event = A)), ["expected `,` before option `event`"]);
    assert_eq!(refusals(quote!(id = "A" event(required) = A))[0], "expected `,` before option `event`");
}

#[test]
fn a_near_miss_counts_as_given() {
    let (options, mut errors) = read(quote!(evnt = PokemonEvent));
    assert!(options.is_given(EVENT));
    assert!(options.get::<Type>(EVENT, &mut errors).is_some());
}

#[test]
fn values_of_the_wrong_kind_are_refused_and_used() {
    let (options, mut errors) = read(quote!(id = POKEMONS, event = "PokemonEvent", retries = "2", crate = "::castore"));
    assert_eq!(options.get::<LitStr>(ID, &mut errors).map(|id| id.value()), Some("POKEMONS".to_owned()));
    assert!(options.get::<Type>(EVENT, &mut errors).is_some());
    assert!(options.get::<u32>(RETRIES, &mut errors).is_none());
    assert!(options.get::<Path>(CRATE, &mut errors).is_some());
    assert_eq!(
        messages(&errors.to_compile_errors()),
        [
            "option `id` takes a string literal; write `id = \"POKEMONS\"`",
            "option `event` takes a type; write `event = PokemonEvent` without quotes",
            "option `retries` takes a whole number; write `retries = 2`",
            "option `crate` takes a path; write `crate = ::castore` without quotes",
        ]
    );
}

#[test]
fn names_are_no_keywords_and_no_strings() {
    for (value, expected) in [
        (quote!("Message"), "option `id` takes a name; write `id = Message` without quotes"),
        (quote!(struct), "option `id` takes a name; write `id = \"POKEMONS\"`"),
        (quote!(3), "option `id` takes a name; write `id = \"POKEMONS\"`"),
    ] {
        let (options, mut errors) = read(quote!(id = #value));
        options.get::<Ident>(ID, &mut errors);
        assert_eq!(messages(&errors.to_compile_errors()), [expected]);
    }
}

#[test]
fn the_crate_is_an_absolute_path() {
    for (path, expected) in [
        (
            quote!(other::path),
            "option `crate` takes an absolute path, but `other::path` is relative; write `crate = ::other::path`",
        ),
        (
            quote!(super::a),
            "option `crate` takes an absolute path, but `super::a` is relative; write `crate = ::castore`",
        ),
    ] {
        let (options, mut errors) = read(quote!(crate = #path));
        let _ = Krate::from_options(&options, &mut errors);
        assert_eq!(messages(&errors.to_compile_errors()), [expected]);
    }
    for path in [quote!(::a), quote!(crate), quote!(crate::a::b)] {
        let (options, mut errors) = read(quote!(crate = #path));
        let _ = Krate::from_options(&options, &mut errors);
        assert!(errors.is_empty(), "{path}");
    }
}
