use crate::testing::{assert_documented_expansion, assert_expansion, generated_lines, messages, pretty};
use proc_macro2::TokenStream;
use quote::quote;

const TYPICAL: &str = r#"
#[derive(Debug, Clone, EventSubset)]
#[event_subset(of = PokemonEvent)]
pub enum MailedEvent {
    Appeared { name: String },
    Caught(CaughtByTrainer),
    LeveledUp,
}
"#;

/// Returns the expansion of the derive. Like rustc, passes the item to the derive without its `#[derive(…)]`
/// attributes.
fn derive(input: &str) -> TokenStream {
    let tokens: TokenStream = input.parse().unwrap_or_else(|error| unreachable!("{error}"));
    let mut input: syn::DeriveInput = syn::parse2(tokens).unwrap_or_else(|error| unreachable!("{error}"));
    input.attrs.retain(|attr| !attr.path().is_ident("derive"));
    super::derive(quote!(#input))
}

fn refusals(input: TokenStream) -> Vec<String> {
    let expansion = super::derive(input);
    // Even with errors, the impl is generated, and the output is a list of items.
    assert!(pretty(&expansion).contains("castore::EventSubset for "), "{expansion}");
    messages(&expansion)
}

#[test]
fn typical() {
    assert_documented_expansion("event_subset", TYPICAL, &derive(TYPICAL));
}

#[test]
fn all_options() {
    let expansion = super::derive(quote! {
        #[event_subset(of = game::r#Event, crate = ::game::castore)]
        enum r#Match { r#Move { r#type: u8, to: String }, r#Struct }
    });
    assert_expansion("event_subset_all_options", &expansion);
}

#[test]
fn stub() {
    assert_expansion(
        "event_subset_stub",
        &super::derive(quote!(
            enum MailedEvent {
                Appeared,
            }
        )),
    );
}

#[test]
fn stays_within_the_budget() {
    let lines = generated_lines(&derive(TYPICAL), &TokenStream::new());
    assert!(lines <= 10 + 3 * 5, "{lines} lines");
}

#[test]
fn rejects_items_other_than_enums() {
    assert_eq!(
        refusals(quote!(
            #[event_subset(of = PokemonEvent)]
            struct Mailed;
        )),
        [
            "`#[derive(EventSubset)]` belongs on an enum with some of the variants of an event enum, but `Mailed` is a struct; write `enum Mailed { … }`"
        ]
    );
}

#[test]
fn refuses_an_enum_without_variants() {
    assert_eq!(
        refusals(quote!(
            #[event_subset(of = PokemonEvent)]
            enum Mailed {}
        )),
        ["event subset `Mailed` has no variants; add variants of its event enum"]
    );
}

#[test]
fn refuses_a_missing_event_enum() {
    assert_eq!(
        refusals(quote!(
            enum Mailed {
                Appeared,
            }
        )),
        ["event subset `Mailed` does not name its event enum; add `#[event_subset(of = PokemonEvent)]`"]
    );
    assert_eq!(
        refusals(quote!(
            #[event_subset]
            enum Mailed {
                Appeared,
            }
        )),
        ["`#[event_subset]` needs its options in parentheses; write `#[event_subset(of = PokemonEvent)]`"]
    );
}

#[test]
fn refuses_unknown_options_with_the_nearest() {
    assert_eq!(
        refusals(quote!(
            #[event_subset(off = PokemonEvent)]
            enum Mailed {
                Appeared,
            }
        )),
        ["unknown option `off` of `#[event_subset]`; did you mean `of`?"]
    );
}

#[test]
fn refuses_several_payloads_and_generics() {
    assert_eq!(
        refusals(quote!(
            #[event_subset(of = PokemonEvent)]
            enum Mailed<T> {
                Appeared(T, u8),
            }
        )),
        [
            "event subset `Mailed` is generic; write concrete types instead of the parameters",
            "variant `Appeared` has 2 unnamed fields, but an event has one payload; write it as in the event enum",
        ]
    );
}

#[test]
fn refuses_options_inside() {
    assert_eq!(
        refusals(quote!(
            #[event_subset(of = PokemonEvent)]
            enum Mailed {
                #[event_subset(of = X)]
                Appeared,
            }
        )),
        ["`#[event_subset]` belongs on the enum; move it there"]
    );
}
