//! The shape of a state: a number that changes when its fields do.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, Item, Meta, Token};

use crate::attrs;

/// The shape of a state. Parts under a `#[cfg(…)]` count only in builds in which the condition holds. The macro does
/// not know the conditions, so the compiler adds these parts.
pub(super) struct Shape {
    /// The hash of all parts without a condition.
    pub(super) base: u64,
    /// The parts with conditions.
    pub(super) conditional: Vec<Conditional>,
}

/// The contribution of a conditional part of the state.
pub(super) struct Conditional {
    /// The condition: the tokens in the parentheses of `cfg`.
    pub(super) condition: TokenStream,
    pub(super) hash: u64,
}

/// Returns the hash of the state's name and its fields: their names, types, order and serde attributes. Docs,
/// visibility and other attributes are ignored.
///
/// The macro sees only this one item. A change inside the type of a field goes undetected: increase `reducer_version`
/// in that case.
pub(super) fn shape(item: &Item) -> Shape {
    let mut item = item.clone();
    let mut conditional = Vec::new();
    match &mut item {
        Item::Struct(item) => {
            keep_serde(&mut item.attrs, "", &mut conditional);
            item.vis = syn::Visibility::Inherited;
            keep_fields(&mut item.fields, "", &mut conditional);
        }
        Item::Enum(item) => {
            keep_serde(&mut item.attrs, "", &mut conditional);
            item.vis = syn::Visibility::Inherited;
            let variants = std::mem::take(&mut item.variants);
            for (index, mut variant) in variants.into_iter().enumerate() {
                let place = format!("{index} {}", variant.ident);
                let conditions = conditions(&variant.attrs);
                keep_serde(&mut variant.attrs, &place, &mut conditional);
                keep_fields(&mut variant.fields, &place, &mut conditional);
                keep(variant, &place, conditions, &mut conditional, |variant| item.variants.push(variant));
            }
        }
        _ => {}
    }
    let mut hash = Fnv::new();
    hash.tokens(item.into_token_stream());
    Shape { base: hash.0, conditional }
}

fn keep_fields(fields: &mut Fields, place: &str, conditional: &mut Vec<Conditional>) {
    let all = match fields {
        Fields::Named(fields) => &mut fields.named,
        Fields::Unnamed(fields) => &mut fields.unnamed,
        Fields::Unit => return,
    };
    for (index, mut field) in std::mem::take(all).into_iter().enumerate() {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = format!("{place}.{index} {name}");
        let conditions = conditions(&field.attrs);
        keep_serde(&mut field.attrs, &place, conditional);
        field.vis = syn::Visibility::Inherited;
        keep(field, &place, conditions, conditional, |field| all.push(field));
    }
}

/// Keeps a part without conditions, and moves any other part to `conditional`. `place` becomes part of the hash,
/// because equal parts in different places must count as different.
fn keep<T: ToTokens>(
    part: T,
    place: &str,
    conditions: Vec<TokenStream>,
    conditional: &mut Vec<Conditional>,
    keep: impl FnOnce(T),
) {
    if conditions.is_empty() {
        return keep(part);
    }
    conditional.push(Conditional::new(quote!(all(#(#conditions),*)), place, part.into_token_stream()));
}

impl Conditional {
    fn new(condition: TokenStream, place: &str, tokens: TokenStream) -> Self {
        let mut hash = Fnv::new();
        hash.bytes(place.as_bytes());
        hash.tokens(tokens);
        Self { condition, hash: hash.0 }
    }
}

/// Returns the conditions of all `#[cfg(…)]` attributes.
fn conditions(attributes: &[Attribute]) -> Vec<TokenStream> {
    let lists = attrs::cfgs(attributes).filter_map(|attribute| attribute.meta.require_list().ok());
    lists.map(|list| list.tokens.clone()).collect()
}

/// Keeps serde's attributes. Those inside a `#[cfg_attr(…)]` are conditional.
fn keep_serde(attributes: &mut Vec<Attribute>, place: &str, conditional: &mut Vec<Conditional>) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg_attr")) {
        let parts = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
        let mut parts = parts.into_iter();
        let Some(condition) = parts.next() else { continue };
        for meta in parts.filter(|meta| meta.path().is_ident("serde")) {
            conditional.push(Conditional::new(condition.to_token_stream(), place, meta.into_token_stream()));
        }
    }
    attributes.retain(|attribute| attrs::is_ours(attribute, "serde"));
}

/// FNV-1a, which is independent of the compiler version: the number is stored with snapshots.
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

    /// Hashes each token separately: how a whole stream is printed depends on the compiler.
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
        let of = |item| shape(&item).base;
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
        let plain = shape_of_all_builds(parse_quote!(
            struct Pokemon {
                name: String,
                tags: Vec<(u8, String)>,
            }
        ));
        let dressed = shape_of_all_builds(parse_quote!(
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

    fn shape_of_all_builds(item: syn::Item) -> u64 {
        let shape = shape(&item);
        assert!(shape.conditional.is_empty());
        shape.base
    }

    #[test]
    fn conditional_parts_count_where_their_condition_holds() {
        let with = shape(&parse_quote!(
            struct Pokemon {
                name: String,
                #[cfg(feature = "levels")]
                #[cfg(unix)]
                level: u32,
                #[cfg_attr(feature = "short", serde(rename = "t"))]
                tags: Vec<String>,
            }
        ));
        let without = shape(&parse_quote!(
            struct Pokemon {
                name: String,
                tags: Vec<String>,
            }
        ));
        assert_eq!(with.base, without.base);
        let conditions: Vec<_> = with.conditional.iter().map(|part| part.condition.to_string()).collect();
        assert_eq!(conditions, ["all (feature = \"levels\" , unix)", "feature = \"short\""]);

        let variants = shape(&parse_quote!(
            enum Pokemon {
                #[cfg(feature = "wild")]
                Wild {
                    level: u32,
                },
                #[cfg(feature = "wild")]
                Tame {
                    level: u32,
                },
                Lost,
            }
        ));
        let [wild, tame] = &variants.conditional[..] else { unreachable!("two variants are conditional") };
        assert_ne!(wild.hash, tame.hash);
    }
}
