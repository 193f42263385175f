use crate::testing::{
    assert_documented_expansion, assert_expansion, attribute_and_item, generated_lines, messages, pretty, starts_with,
};
use proc_macro2::TokenStream;
use quote::quote;

const TYPICAL: &str = r#"
#[event_store(id = "POKEMONS", event = PokemonEvent)]
pub struct Pokemon {
    pub name: String,
    pub level: u32,
}
"#;

fn pokemon() -> TokenStream {
    attribute_and_item(TYPICAL).1
}

fn typical_attr() -> TokenStream {
    attribute_and_item(TYPICAL).0
}

/// Returns the item, followed by the code that the attribute and its hidden derive generate.
fn expanded(attr: TokenStream, item: TokenStream) -> TokenStream {
    let expansion = super::event_store(attr, item.clone());
    let Ok(file) = syn::parse2::<syn::File>(expansion.clone()) else { unreachable!("{expansion}") };
    let mut items = file.items.into_iter();
    let Some(mut source) = items.next() else { unreachable!("the item comes first") };
    let attrs = match &mut source {
        syn::Item::Struct(item) => &mut item.attrs,
        syn::Item::Enum(item) => &mut item.attrs,
        syn::Item::Union(item) => &mut item.attrs,
        _ => return expansion,
    };
    if !attrs.iter().any(|attr| attr.path().is_ident(super::OPTIONS)) {
        return expansion;
    }
    attrs.retain(|attr| !attr.path().is_ident("derive"));
    let derived = super::derive(quote!(#source));
    quote!(#item #derived #(#items)*)
}

/// Returns the error messages for an item, and asserts that the item is emitted first and that a list of items follows.
fn refusals(attr: TokenStream, item: TokenStream) -> Vec<String> {
    let expansion = expanded(attr, item.clone());
    assert!(starts_with(&expansion, &item), "{expansion}");
    let _ = pretty(&expansion);
    messages(&expansion)
}

#[test]
fn typical() {
    assert_documented_expansion("event_store", TYPICAL, &expanded(typical_attr(), pokemon()));
}

#[test]
fn all_options() {
    let expansion = expanded(
        quote!(
            id = "POKEMONS",
            event = events::PokemonEvent,
            metadata = Trigger,
            aggregate_id = PokemonId,
            reducer_version = 2,
            crate = ::game::castore
        ),
        quote! {
            #[cfg(feature = "pokemons")]
            pub(crate) enum Pokemon { Wild, Caught { version: u32 } }
        },
    );
    assert_expansion("event_store_all_options", &expansion);
}

#[test]
fn raw_identifiers() {
    let expansion = expanded(
        quote!(id = "TYPES", event = r#Move),
        quote!(
            struct r#Type {
                r#fn: u32,
            }
        ),
    );
    assert_expansion("event_store_raw", &expansion);
}

#[test]
fn stub() {
    assert_expansion("event_store_stub", &expanded(quote!(), pokemon()));
}

#[test]
fn stub_of_a_generic_state() {
    let item = quote!(
        struct Pokemon<'a, T: Ord>(&'a T);
    );
    assert_expansion("event_store_stub_generic", &expanded(typical_attr(), item));
}

#[test]
fn stays_within_the_budget() {
    let attr = quote!(id = "POKEMONS", event = PokemonEvent, metadata = Trigger, aggregate_id = PokemonId);
    let lines = generated_lines(&expanded(attr, pokemon()), &pokemon());
    assert!(lines <= 50, "{lines} lines");
}

#[test]
fn rejects_items_other_than_states() {
    for (item, kind) in [
        (
            quote!(
                fn pokemon() {}
            ),
            "function `pokemon`",
        ),
        (
            quote!(
                trait Pokemon {}
            ),
            "trait `Pokemon`",
        ),
        (quote!(union Pokemon { a: u8, b: i8 }), "union `Pokemon`"),
        (quote!(impl Pokemon {}), "impl block"),
        (
            quote!(
                type Pokemon = Creature;
            ),
            "type alias `Pokemon`",
        ),
        (
            quote!(
                mod pokemon {}
            ),
            "module `pokemon`",
        ),
    ] {
        assert_eq!(
            refusals(typical_attr(), item),
            [format!("`#[event_store]` belongs on the struct or enum that is an aggregate's state, not on {kind}")]
        );
    }
}

#[test]
fn refuses_generics() {
    let expected = ["event store `Pokemon` is generic, but its id identifies a single type; \
          write concrete types instead of the parameters"];
    assert_eq!(
        refusals(
            typical_attr(),
            quote!(
                struct Pokemon<T>(T);
            )
        ),
        expected
    );
    assert_eq!(
        refusals(
            typical_attr(),
            quote!(
                struct Pokemon<'a>(&'a str);
            )
        ),
        expected
    );
}

#[test]
fn refuses_missing_options() {
    assert_eq!(
        refusals(quote!(event = PokemonEvent), pokemon()),
        ["event store `Pokemon` lacks the option `id`; write `#[event_store(id = \"POKEMON\", …)]`"]
    );
    assert_eq!(
        refusals(quote!(id = "POKEMONS"), pokemon()),
        ["event store `Pokemon` lacks the option `event`; write `#[event_store(event = PokemonEvent, …)]`"]
    );
    assert_eq!(
        refusals(quote!(), pokemon()),
        ["event store `Pokemon` lacks the options `id` and `event`; \
          write `#[event_store(id = \"POKEMON\", event = PokemonEvent)]`"]
    );
}

#[test]
fn refuses_unusable_ids() {
    let id = |id: &str| refusals(quote!(id = #id, event = PokemonEvent), pokemon());
    assert_eq!(id(""), ["the event store's id is empty; write a name, such as `id = \"POKEMON\"`"]);
    assert_eq!(
        id("POKE#MONS"),
        [
            "the event store's id contains `#`, which separates it from aggregate ids; use another character, such as `_`"
        ]
    );
    assert_eq!(
        id("POKE\nMONS"),
        ["the event store's id contains a line break or a control character; use printable characters"]
    );
    assert_eq!(
        refusals(quote!(id = POKEMONS, event = PokemonEvent), pokemon()),
        ["option `id` takes a string literal; write `id = \"POKEMONS\"`"]
    );
}

#[test]
fn refuses_unknown_and_repeated_options() {
    assert_eq!(
        refusals(quote!(id = "POKEMONS", evnt = PokemonEvent), pokemon()),
        ["unknown option `evnt` of `#[event_store]`; did you mean `event`?"]
    );
    assert_eq!(
        refusals(quote!(id = "POKEMONS", event = PokemonEvent, id = "OTHERS"), pokemon()),
        ["option `id` is given twice; remove one of them", "option `id` is first given here"]
    );
    assert_eq!(
        refusals(
            typical_attr(),
            quote!(
                #[castore::event_store(id = "A", event = B)]
                struct Pokemon;
            )
        ),
        ["`#[event_store]` is given twice; remove one of them"]
    );
}

#[test]
fn a_near_miss_is_used() {
    let expansion = expanded(quote!(id = "POKEMONS", evnt = PokemonEvent), pokemon());
    assert!(pretty(&expansion).contains("type Event = PokemonEvent;"));
}

#[test]
fn refuses_fields_that_are_kept_beside_the_state() {
    let fields = |item: TokenStream| refusals(typical_attr(), item);
    for name in ["version", "aggregate_id", "aggregateId"] {
        let field = quote::format_ident!("{name}");
        assert_eq!(
            fields(quote!(struct Pokemon { #field: u64 })),
            [format!("field `{name}` is already part of `Aggregate<Pokemon>`, beside the state; remove the field")]
        );
    }
    let serialized = |name: &str, key: &str| {
        format!(
            "field `{name}` is serialized as `{key}`, which is already part of `Aggregate<Pokemon>`; \
             rename or remove the field"
        )
    };
    assert_eq!(
        fields(quote!(
            struct Pokemon {
                #[serde(rename = "version")]
                rev: u64,
            }
        )),
        [serialized("rev", "version")]
    );
    assert_eq!(
        fields(quote!(
            struct Pokemon {
                #[serde(rename(deserialize = "version"))]
                rev: u64,
            }
        )),
        [serialized("rev", "version")]
    );
    assert_eq!(
        fields(quote!(
            #[serde(rename_all = "camelCase")]
            struct Pokemon {
                aggregate_id: String,
            }
        )),
        [serialized("aggregate_id", "aggregateId")]
    );
    assert_eq!(
        fields(quote!(
            #[serde(tag = "kind")]
            enum Pokemon {
                Wild { version: u64 },
                Caught,
            }
        )),
        ["field `version` is already part of `Aggregate<Pokemon>`, beside the state; remove the field"]
    );
    assert_eq!(
        fields(quote!(
            #[serde(tag = "version")]
            struct Pokemon {}
        )),
        ["the tag `version` is already part of `Aggregate<Pokemon>`, beside the state; use another tag"]
    );
    assert_eq!(
        fields(quote!(
            #[serde(tag = "kind", content = "aggregateId")]
            enum Pokemon {
                Wild,
            }
        )),
        ["the content is serialized as `aggregateId`, which is already part of `Aggregate<Pokemon>`; use another key"]
    );
    let variant = |key: &str| {
        format!(
            "variant `Version` is serialized as `{key}`, which is already part of `Aggregate<Pokemon>`; \
             rename the variant"
        )
    };
    assert_eq!(
        fields(quote!(
            #[serde(rename_all = "camelCase")]
            enum Pokemon {
                Version { number: u64 },
            }
        )),
        [variant("version")]
    );
    assert_eq!(
        fields(quote!(
            enum Pokemon {
                #[serde(rename = "aggregateId")]
                Version(Wild),
            }
        )),
        [variant("aggregateId")]
    );
}

#[test]
fn accepts_fields_that_are_serialized_otherwise() {
    for item in [
        quote!(
            struct Pokemon {
                #[serde(skip)]
                version: u64,
            }
        ),
        quote!(
            struct Pokemon {
                #[serde(rename = "rev")]
                version: u64,
            }
        ),
        quote!(
            #[serde(rename_all = "UPPERCASE")]
            struct Pokemon {
                version: u64,
            }
        ),
        quote!(
            enum Pokemon {
                Wild { version: u64 },
            }
        ),
        quote!(
            struct Pokemon(u64);
        ),
        quote!(
            #[serde(tag = "kind", rename_all = "camelCase")]
            enum Pokemon {
                Version { number: u64 },
            }
        ),
        quote!(
            struct Pokemon;
        ),
    ] {
        assert!(refusals(typical_attr(), item.clone()).is_empty(), "{item}");
    }
}

#[test]
fn reports_all_mistakes_together() {
    assert_eq!(
        refusals(
            quote!(id = "", evnt = A, crate = b),
            quote!(
                struct Pokemon<T> {
                    version: T,
                }
            )
        )
        .len(),
        5
    );
}
