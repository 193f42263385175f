//! The shape of a state: a number that changes when its fields do.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Field, Item};

use crate::attrs;

/// The hash of the state's name and of all that its definition says of its fields: their names, types, order and serde
/// attributes. Docs, visibility and other attributes make no difference.
///
/// Only this one item is seen: a change inside the type of a field is not. That is what `reducer_version` is for.
pub(super) fn shape(item: &Item) -> u64 {
    let mut item = item.clone();
    match &mut item {
        Item::Struct(item) => {
            keep_serde(&mut item.attrs);
            item.vis = syn::Visibility::Inherited;
            item.fields.iter_mut().for_each(keep_field);
        }
        Item::Enum(item) => {
            keep_serde(&mut item.attrs);
            item.vis = syn::Visibility::Inherited;
            for variant in &mut item.variants {
                keep_serde(&mut variant.attrs);
                variant.fields.iter_mut().for_each(keep_field);
            }
        }
        _ => {}
    }
    let mut hash = Fnv::new();
    hash.tokens(item.into_token_stream());
    hash.0
}

fn keep_field(field: &mut Field) {
    keep_serde(&mut field.attrs);
    field.vis = syn::Visibility::Inherited;
}

fn keep_serde(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| attrs::is_ours(attribute, "serde"));
}

/// FNV-1a, the same with every compiler: the number is stored with snapshots.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Token by token: how a stream is printed as a whole depends on the compiler.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    self.bytes(open.as_bytes());
                    self.tokens(group.stream());
                    self.bytes(close.as_bytes());
                }
                // A comma before the end is style.
                TokenTree::Punct(punct) if punct.as_char() == ',' && tokens.peek().is_none() => {}
                token => {
                    self.bytes(token.to_string().as_bytes());
                    self.bytes(b" ");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shape;
    use syn::parse_quote;

    #[test]
    fn sees_fields_and_how_serde_writes_them() {
        let of = |item| shape(&item);
        let pokemon = of(parse_quote!(
            struct Pokemon {
                name: String,
                level: u32,
            }
        ));
        for other in [
            parse_quote!(
                struct Pokemon {
                    name: String,
                }
            ),
            parse_quote!(
                struct Pokemon {
                    name: String,
                    level: u64,
                }
            ),
            parse_quote!(
                struct Pokemon {
                    level: u32,
                    name: String,
                }
            ),
            parse_quote!(
                struct Pokemon {
                    name: String,
                    #[serde(rename = "l")]
                    level: u32,
                }
            ),
            parse_quote!(
                #[serde(rename_all = "camelCase")]
                struct Pokemon {
                    name: String,
                    level: u32,
                }
            ),
            parse_quote!(
                enum Pokemon {
                    A { name: String, level: u32 },
                }
            ),
        ] {
            assert_ne!(of(other), pokemon);
        }
    }

    #[test]
    fn does_not_see_what_serde_does_not() {
        let plain = shape(&parse_quote!(
            struct Pokemon {
                name: String,
                tags: Vec<(u8, String)>,
            }
        ));
        let dressed = shape(&parse_quote!(
            /// A pokemon.
            #[derive(Debug, Serialize)]
            #[allow(dead_code)]
            pub struct Pokemon {
                /// Its name.
                pub name: String,
                pub(crate) tags: Vec<(u8, String)>,
            }
        ));
        assert_eq!(plain, dressed);
        // Stored with snapshots: it must never change for the same fields.
        assert_eq!(plain, 13_763_377_324_011_261_193);
    }
}
