//! The shape of a state: a hash that changes when the fields of the state change.

use crate::attrs;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Fields, Item, Visibility};

/// Returns a hash of the state's name, serde attributes and fields. For each field, the hash covers the name, the type,
/// the position and the serde attributes. Documentation, visibility and other attributes are ignored. `item` contains
/// only fields that are part of the build.
///
/// The hash does not cover the definitions of the field types, because the macro sees only this item. At run time,
/// `state_shape` adds the shapes of the field types that derive `Shape`. A change inside any other type goes
/// undetected: increase `reducer_version` in that case.
pub(super) fn shape(item: &Item) -> u64 {
    let mut item = item.clone();
    match &mut item {
        Item::Struct(item) => {
            keep_serde(&mut item.attrs);
            item.vis = Visibility::Inherited;
            keep_fields(&mut item.fields);
        }
        Item::Enum(item) => {
            keep_serde(&mut item.attrs);
            item.vis = Visibility::Inherited;
            for variant in &mut item.variants {
                keep_serde(&mut variant.attrs);
                keep_fields(&mut variant.fields);
            }
        }
        _ => {}
    }
    let mut hash = Fnv::new();
    hash.tokens(item.into_token_stream());
    hash.0
}

fn keep_fields(fields: &mut Fields) {
    for field in fields {
        keep_serde(&mut field.attrs);
        field.vis = Visibility::Inherited;
    }
}

fn keep_serde(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| attrs::is_ours(attribute, "serde"));
}

/// An FNV-1a hasher. The hash is stored with snapshots, so it must not depend on the compiler version.
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

    /// Hashes each token separately, because the text of a whole stream depends on the compiler version.
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
                // A trailing comma does not change the shape.
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
        // The hash is stored with snapshots, so it must never change for the same fields.
        assert_eq!(plain, 13_763_377_324_011_261_193);
    }
}
