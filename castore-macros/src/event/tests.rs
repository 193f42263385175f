use crate::testing::{assert_documented_expansion, assert_expansion, generated_lines, messages, pretty};
use proc_macro2::TokenStream;
use quote::quote;

const TYPICAL: &str = r#"
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PokemonEvent {
    Appeared { name: String, level: u32 },
    #[event(type = "CAUGHT_BY_TRAINER")]
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
    assert!(pretty(&expansion).contains("castore::Event for "), "{expansion}");
    messages(&expansion)
}

#[test]
fn typical() {
    assert_documented_expansion("event", TYPICAL, &derive(TYPICAL));
}

#[test]
fn all_options() {
    let expansion = super::derive(quote! {
        /// Everything at once.
        #[event(rename_all = "kebab-case", crate = ::game::castore)]
        #[serde(rename_all_fields = "camelCase", deny_unknown_fields)]
        #[non_exhaustive]
        pub(crate) enum Everything {
            /// Not repeated on the mirror.
            #[serde(rename_all = "PascalCase")]
            Fields {
                /// Nor is this.
                #[serde(default, rename = "nick-name")]
                nick: Option<String>,
                #[serde(with = "by_hand")]
                instant: Instant,
                #[serde(skip)]
                cache: Cache,
                again: Option<String>,
            },
            #[event(type = "own name")]
            Nested(Vec<Self>),
            #[serde(with = "by_hand")]
            ByHand(Instant),
            #[event(type = "a")]
            Empty {},
        }
    });
    assert_expansion("event_all_options", &expansion);
}

#[test]
fn raw_identifiers() {
    let expansion = super::derive(quote! {
        enum r#Type { r#Move { r#fn: u32 }, r#Struct(r#Enum), r#Match }
    });
    assert_expansion("event_raw", &expansion);
}

#[test]
fn stub() {
    let expansion = super::derive(quote! {
        pub enum PokemonEvent { Appeared { name: String }, Caught(String, u32) }
    });
    assert_expansion("event_stub", &expansion);
}

#[test]
fn stub_of_a_generic_enum() {
    let expansion = super::derive(quote! {
        enum Change<'a, T: Into<&'a str>, const N: usize> where T: Ord { Set(T), Get([&'a str; N]) }
    });
    assert_expansion("event_stub_generic", &expansion);
}

#[test]
fn stays_within_the_budget() {
    for count in 1..12 {
        let variants = (0..count).map(|i| quote::format_ident!("Variant{i}"));
        let payloads = (0..count).map(|i| quote::format_ident!("Payload{i}"));
        let expansion = super::derive(quote!(pub enum PokemonEvent { #(#variants(#payloads),)* }));
        let lines = generated_lines(&expansion, &TokenStream::new());
        assert!(lines <= 120 + 8 * count, "{lines} lines for {count} variants");
    }
}

#[test]
fn rejects_items_other_than_enums() {
    let belongs = "`#[derive(Event)]` belongs on an enum with a variant for each event type, but `Pokemon` is a";
    assert_eq!(
        refusals(quote!(
            struct Pokemon {
                name: String,
            }
        )),
        [format!("{belongs} struct; write `enum Pokemon {{ … }}`")]
    );
    assert_eq!(
        refusals(quote!(union Pokemon { a: u8, b: i8 })),
        [format!("{belongs} union; write `enum Pokemon {{ … }}`")]
    );
    assert_eq!(
        refusals(quote!(
            enum PokemonEvent {}
        )),
        ["event enum `PokemonEvent` has no variants; add one for each event type"]
    );
}

#[test]
fn refuses_generics() {
    let expected = ["event enum `Change` is generic; write concrete types instead of the parameters"];
    assert_eq!(
        refusals(quote!(
            enum Change<T> {
                Set(T),
            }
        )),
        expected
    );
    assert_eq!(
        refusals(quote!(
            enum Change<'a> {
                Set(&'a str),
            }
        )),
        expected
    );
    assert_eq!(
        refusals(quote!(
            enum Change
            where
                String: Clone,
            {
                Set(String),
            }
        )),
        expected
    );
}

#[test]
fn refuses_several_unnamed_fields() {
    assert_eq!(
        refusals(quote!(
            enum PokemonEvent {
                Caught(String, u32),
            }
        )),
        ["variant `Caught` has 2 unnamed fields, but an event has one payload; \
          name the fields, `Caught { … }`, or put them into a struct, `Caught(CaughtPayload)`"]
    );
    assert_eq!(
        refusals(quote!(
            enum PokemonEvent {
                Caught(),
            }
        )),
        ["variant `Caught` has empty parentheses; write `Caught` for an event without payload"]
    );
}

#[test]
fn refuses_discriminants() {
    assert_eq!(
        refusals(quote!(
            enum PokemonEvent {
                Appeared = 1,
            }
        )),
        ["an event is identified by its type, not by a number; remove the discriminant"]
    );
}

#[test]
fn refuses_event_types_that_are_shared() {
    assert_eq!(
        refusals(quote! {
            enum PokemonEvent { #[event(type = "SEEN")] Appeared, #[event(type = "SEEN")] Met, #[event(type = "SEEN")] Found }
        }),
        [
            "variants `Appeared` and `Met` have the same event type `SEEN`; give `Met` its own, `#[event(type = \"…\")]`",
            "event type `SEEN` is first given here",
            "variants `Appeared` and `Found` have the same event type `SEEN`; give `Found` its own, `#[event(type = \"…\")]`",
        ]
    );
}

#[test]
fn refuses_reserved_and_empty_event_types() {
    for name in ["__REPLAYED__", "__AGGREGATE_EXISTS__"] {
        assert_eq!(
            refusals(quote!(
                enum PokemonEvent {
                    #[event(type = #name)]
                    Appeared,
                }
            )),
            [format!("event type `{name}` is reserved for messages of castore itself; use another name")]
        );
    }
    assert_eq!(
        refusals(quote!(
            enum PokemonEvent {
                #[event(type = "")]
                LeveledUp,
            }
        )),
        ["the event type is empty; write a name, such as `type = \"LEVELED_UP\"`"]
    );
}

#[test]
fn refuses_unknown_options_and_values() {
    assert_eq!(
        refusals(quote!(
            #[event(renameall = "camelCase")]
            enum PokemonEvent {
                Appeared,
            }
        )),
        ["unknown option `renameall` of `#[event]`; did you mean `rename_all`?"]
    );
    assert_eq!(
        refusals(quote!(
            enum PokemonEvent {
                #[event(name = "APPEARED")]
                Appeared,
            }
        )),
        ["unknown option `name` of `#[event]`; the options are `type`, `from` and `other`"]
    );
    assert_eq!(
        refusals(quote!(
            #[event(type = "A")]
            enum PokemonEvent {
                #[event(rename_all = "lowercase")]
                Appeared,
            }
        )),
        [
            "option `type` of `#[event]` belongs on a variant; move it there",
            "option `rename_all` of `#[event]` belongs on the enum; move it there",
        ]
    );
    assert_eq!(
        refusals(quote!(
            #[event(rename_all = "SCREAMING_SNAKE")]
            enum PokemonEvent {
                Appeared,
            }
        )),
        ["unknown `rename_all` value `SCREAMING_SNAKE`; did you mean `SCREAMING_SNAKE_CASE`?"]
    );
    assert_eq!(
        refusals(quote!(
            #[event(rename_all = "yes")]
            enum PokemonEvent {
                Appeared,
            }
        )),
        ["unknown `rename_all` value `yes`; the values are `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, \
          `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` and `SCREAMING-KEBAB-CASE`"]
    );
    assert_eq!(
        refusals(quote!(
            #[event]
            enum PokemonEvent {
                Appeared {
                    #[event(type = "A")]
                    name: String,
                },
            }
        )),
        [
            "`#[event]` needs its options in parentheses; write `#[event(rename_all = \"SCREAMING_SNAKE_CASE\")]`",
            "`#[event]` belongs on the enum or on a variant; for a field, write `#[serde(…)]`",
        ]
    );
    assert_eq!(
        refusals(quote!(
            enum PokemonEvent {
                #[event(type = "A")]
                #[event(type = "B")]
                Appeared,
            }
        )),
        ["option `type` is given twice; remove one of them", "option `type` is first given here"]
    );
}

/// The attributes of the user's serde derive are not copied to the mirror, the hidden enum that castore generates.
#[test]
fn own_serde_derive_keeps_its_names() {
    let expansion = super::derive(quote! {
        #[event(own_serde = true)]
        #[serde(rename_all = "camelCase", tag = "kind", content = "data", rename_all_fields = "camelCase")]
        enum PokemonEvent {
            #[serde(rename = "appears", alias = "shows_up", rename_all = "lowercase")] Appeared { pet_name: String },
            #[serde(skip)] LeveledUp,
        }
    });
    assert_eq!(messages(&expansion), [""; 0]);
    let text = expansion.to_string().replace(' ', "");
    for absent in ["appears", "shows_up", "\"kind\"", "content", "serde(skip)"] {
        assert!(!text.contains(absent), "{absent} in {expansion}");
    }
    for present in ["rename_all_fields=\"camelCase\"", "rename=\"Appeared\",rename_all=\"lowercase\""] {
        assert!(text.contains(present), "{present} not in {expansion}");
    }
}

#[test]
fn own_serde_derive_has_known_attributes() {
    assert_eq!(
        refusals(quote! {
            #[event(own_serde = "yes")]
            enum PokemonEvent { Appeared }
        }),
        ["option `own_serde` takes `true` or `false`; write `own_serde = true`"]
    );
    let found = refusals(quote! {
        #[event(own_serde = true)]
        #[serde(tga = "kind")]
        enum PokemonEvent { #[serde(made_up)] Appeared }
    });
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn refuses_serde_attributes_that_would_do_nothing() {
    assert_eq!(
        refusals(quote! {
            #[serde(rename_all = "camelCase", tag = "type")]
            enum PokemonEvent {
                #[serde(rename = "A")] Appeared,
                #[serde(alias = "B")] Caught,
                #[serde(skip)] LeveledUp,
                #[serde(other)] Other,
            }
        }),
        [
            "serde's `rename_all` does not name event types; write `#[event(rename_all = …)]`, \
             or `#[event(own_serde = true)]` if the enum derives serde's traits for another purpose",
            "events are stored with their type beside the payload; remove serde's `tag`",
            "serde's `rename` does not name an event type; write `#[event(type = \"…\")]`",
            "serde's `alias` does not add a name to an event type; to read events that are stored with another name, write `#[event(from(\"…\"))]`",
            "every event type must be stored and read; remove serde's `skip`",
            "serde's `other` does not apply to event types; to read events of unknown types, write `#[event(other)]`",
        ]
    );
}

#[test]
fn refuses_serde_attributes_that_are_not_supported() {
    assert_eq!(
        refusals(quote! {
            #[serde(rename_all_filds = "camelCase", made_up, default)]
            #[cfg_attr(feature = "wire", serde(into = "Wire"))]
            enum PokemonEvent {
                #[serde(rename_al = "camelCase")] Appeared { #[serde(alais = "nick")] name: String },
                #[serde(expecting = "an event")] Caught(#[serde(getter = "get")] Caught),
            }
        }),
        [
            "unknown option `rename_all_filds` of `#[serde]` on an event enum; did you mean `rename_all_fields`?",
            "serde's `made_up` is not supported on an event enum; \
             the supported options are `rename_all_fields`, `deny_unknown_fields` and `crate`",
            "serde's `default` is not supported on an event enum; \
             the supported options are `rename_all_fields`, `deny_unknown_fields` and `crate`",
            "serde's `into` is not supported on an event enum; \
             the supported options are `rename_all_fields`, `deny_unknown_fields` and `crate`",
            "unknown option `rename_al` of `#[serde]` on a variant of an event enum; did you mean `rename_all`?",
            "unknown option `alais` of `#[serde]` on a field of an event; did you mean `alias`?",
            "serde's `expecting` is not supported on a variant of an event enum; the supported \
             options are `rename_all`, `with`, `serialize_with`, `deserialize_with`, `bound` and `borrow`",
            "serde's `getter` is not supported on a field of an event; the supported options are `rename`, \
             `alias`, `default`, `flatten`, `skip`, `skip_serializing`, `skip_deserializing`, `skip_serializing_if`, \
             `with`, `serialize_with`, `deserialize_with`, `borrow` and `bound`",
        ]
    );
}

#[test]
fn reports_all_mistakes_together() {
    assert_eq!(
        refusals(quote!(
            #[event(crate = castore)]
            enum PokemonEvent<T> {
                A(T, T),
                #[event(type = "A")]
                B = 2,
            }
        ))
        .len(),
        6
    );
}
