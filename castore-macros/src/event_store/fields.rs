//! The keys that a state serialises to, as far as its attributes tell.

use crate::casing::{self, Casing};
use crate::serde_attr::{self, Name};
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Fields, Item, LitStr, Meta};

/// A key beside the aggregate's id and version.
pub(super) struct Field<'a> {
    /// The field's name; `None` for serde's tag.
    pub(super) ident: Option<&'a syn::Ident>,
    /// The keys that it is written and read with.
    pub(super) keys: [String; 2],
    /// What the user named the key with.
    pub(super) tokens: TokenStream,
}

pub(super) fn read_fields(item: &Item) -> Vec<Field<'_>> {
    match item {
        Item::Struct(item) => {
            let container = serde_attr::entries(&item.attrs);
            fields(&item.fields, &container, "rename_all").into_iter().chain(tag(&container)).collect()
        }
        Item::Enum(item) => {
            let container = serde_attr::entries(&item.attrs);
            let inlined =
                serde_attr::has(&container, &["tag", "untagged"]) && !serde_attr::has(&container, &["content"]);
            // Otherwise the fields of a variant stand one level deeper.
            let variants = item.variants.iter().filter(|_| inlined);
            let fields = variants.flat_map(|variant| {
                let own = serde_attr::entries(&variant.attrs);
                if serde_attr::has(&own, &["rename_all"]) {
                    fields(&variant.fields, &own, "rename_all")
                } else {
                    fields(&variant.fields, &container, "rename_all_fields")
                }
            });
            fields.chain(tag(&container)).collect()
        }
        _ => Vec::new(),
    }
}

/// The field that serde adds for `tag = "…"`.
fn tag<'a>(container: &[Meta]) -> Option<Field<'a>> {
    let tag = Name::find(container, "tag").serialize?;
    Some(Field { ident: None, keys: [tag.value(), tag.value()], tokens: tag.into_token_stream() })
}

fn fields<'a>(fields: &'a Fields, container: &[Meta], rename_all: &str) -> Vec<Field<'a>> {
    let rename_all = Name::find(container, rename_all);
    fields.iter().filter_map(|field| read_field(field.ident.as_ref()?, &field.attrs, &rename_all)).collect()
}

fn read_field<'a>(ident: &'a syn::Ident, attrs: &[Attribute], rename_all: &Name) -> Option<Field<'a>> {
    let entries = serde_attr::entries(attrs);
    let is_skipped = |direction| serde_attr::has(&entries, &["skip", direction]);
    // A flattened field adds its own keys, which its type knows alone.
    if (is_skipped("skip_serializing") && is_skipped("skip_deserializing")) || serde_attr::has(&entries, &["flatten"]) {
        return None;
    }
    let name = casing::text(ident);
    let rename = Name::find(&entries, "rename");
    let key = |rename: &Option<LitStr>, rename_all: &Option<LitStr>| match (rename, rename_all) {
        (Some(rename), _) => rename.value(),
        (None, Some(rename_all)) => {
            Casing::from_name(&rename_all.value()).map_or_else(|| name.clone(), |casing| casing.of_field(&name))
        }
        (None, None) => name.clone(),
    };
    Some(Field {
        ident: Some(ident),
        keys: [key(&rename.serialize, &rename_all.serialize), key(&rename.deserialize, &rename_all.deserialize)],
        tokens: rename
            .serialize
            .or(rename.deserialize)
            .map_or_else(|| ident.to_token_stream(), |name| name.into_token_stream()),
    })
}
