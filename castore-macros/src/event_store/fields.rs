//! The JSON keys of a serialized state, as far as its definition and its serde attributes show them.

use crate::casing::{self, Casing};
use crate::serde_attr::{self, Name};
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Fields, Item, LitStr, Meta};

/// A JSON key of the state, which is written beside the aggregate's id and version.
pub(super) struct Field<'a> {
    pub(super) origin: Origin<'a>,
    /// The key that serde writes, and the key that serde reads.
    pub(super) keys: [String; 2],
    /// The tokens with which the user named the key. An error about the key underlines them.
    pub(super) tokens: TokenStream,
}

/// The source of a key.
pub(super) enum Origin<'a> {
    Field(&'a syn::Ident),
    Variant(&'a syn::Ident),
    /// The key for the name of the variant: serde's `tag`.
    Tag,
    /// The key for the content of the variant: serde's `content`.
    Content,
}

pub(super) fn read_fields(item: &Item) -> Vec<Field<'_>> {
    match item {
        Item::Struct(item) => {
            let container = serde_attr::entries(&item.attrs);
            fields(&item.fields, &container, "rename_all").into_iter().chain(of_container(&container)).collect()
        }
        Item::Enum(item) => {
            let container = serde_attr::entries(&item.attrs);
            let inlined =
                serde_attr::has(&container, &["tag", "untagged"]) && !serde_attr::has(&container, &["content"]);
            // With other representations, the fields of a variant are nested one level deeper.
            let variants = item.variants.iter().filter(|_| inlined);
            let fields = variants.flat_map(|variant| {
                let own = serde_attr::entries(&variant.attrs);
                if serde_attr::has(&own, &["rename_all"]) {
                    fields(&variant.fields, &own, "rename_all")
                } else {
                    fields(&variant.fields, &container, "rename_all_fields")
                }
            });
            let is_external = !serde_attr::has(&container, &["tag", "untagged"]);
            let variants = item.variants.iter().filter(|_| is_external);
            let names = variants.filter_map(|variant| read_variant(variant, &container));
            fields.chain(names).chain(of_container(&container)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the keys that serde adds for `tag = "…"` and `content = "…"`.
fn of_container<'a>(container: &[Meta]) -> impl Iterator<Item = Field<'a>> {
    let key = |name, origin| {
        let key = Name::find(container, name).serialize?;
        Some(Field { origin, keys: [key.value(), key.value()], tokens: key.into_token_stream() })
    };
    [key("tag", Origin::Tag), key("content", Origin::Content)].into_iter().flatten()
}

/// Returns the key of an externally tagged variant, which is the name of the variant.
fn read_variant<'a>(variant: &'a syn::Variant, container: &[Meta]) -> Option<Field<'a>> {
    let entries = serde_attr::entries(&variant.attrs);
    if serde_attr::has(&entries, &["skip", "untagged"]) {
        return None;
    }
    let name = casing::text(&variant.ident);
    let (rename, rename_all) = (Name::find(&entries, "rename"), Name::find(container, "rename_all"));
    let of_variant = |rename: &Option<LitStr>, rename_all: &Option<LitStr>| {
        key(&name, rename, rename_all, |casing| casing.of_variant(&name))
    };
    Some(Field {
        origin: Origin::Variant(&variant.ident),
        keys: [
            of_variant(&rename.serialize, &rename_all.serialize),
            of_variant(&rename.deserialize, &rename_all.deserialize),
        ],
        tokens: tokens(rename, &variant.ident),
    })
}

fn key(
    name: &str,
    rename: &Option<LitStr>,
    rename_all: &Option<LitStr>,
    cased: impl FnOnce(Casing) -> String,
) -> String {
    match (rename, rename_all) {
        (Some(rename), _) => rename.value(),
        (None, Some(rename_all)) => Casing::from_name(&rename_all.value()).map_or_else(|| name.to_owned(), cased),
        (None, None) => name.to_owned(),
    }
}

/// Returns the tokens with which the user named the key.
fn tokens(rename: Name, ident: &syn::Ident) -> TokenStream {
    let rename = rename.serialize.or(rename.deserialize);
    rename.map_or_else(|| ident.to_token_stream(), |name| name.into_token_stream())
}

fn fields<'a>(fields: &'a Fields, container: &[Meta], rename_all: &str) -> Vec<Field<'a>> {
    let rename_all = Name::find(container, rename_all);
    fields.iter().filter_map(|field| read_field(field.ident.as_ref()?, &field.attrs, &rename_all)).collect()
}

fn read_field<'a>(ident: &'a syn::Ident, attrs: &[Attribute], rename_all: &Name) -> Option<Field<'a>> {
    let entries = serde_attr::entries(attrs);
    let is_skipped = |direction| serde_attr::has(&entries, &["skip", direction]);
    // A flattened field adds the keys of its type, which the macro cannot see.
    if (is_skipped("skip_serializing") && is_skipped("skip_deserializing")) || serde_attr::has(&entries, &["flatten"]) {
        return None;
    }
    let name = casing::text(ident);
    let rename = Name::find(&entries, "rename");
    let of_field = |rename: &Option<LitStr>, rename_all: &Option<LitStr>| {
        key(&name, rename, rename_all, |casing| casing.of_field(&name))
    };
    Some(Field {
        origin: Origin::Field(ident),
        keys: [
            of_field(&rename.serialize, &rename_all.serialize),
            of_field(&rename.deserialize, &rename_all.deserialize),
        ],
        tokens: tokens(rename, ident),
    })
}
