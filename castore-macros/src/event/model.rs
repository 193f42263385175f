//! An event enum as the user wrote it.

use super::attr::{self, EnumAttr};
use crate::casing;
use crate::errors::Errors;
use crate::krate::Krate;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident};
use syn::{Attribute, Data, DeriveInput, Fields, Type};

/// The enum below `#[derive(Event)]`.
pub(super) struct EventEnum<'a> {
    pub(super) source: &'a DeriveInput,
    pub(super) krate: Krate,
    /// The name that the user gave to the enum of the event types.
    type_enum: Option<Ident>,
    /// Whether the enum derives serde's traits itself, for something other than events.
    pub(super) own_serde: bool,
    pub(super) variants: Vec<Variant<'a>>,
}

/// A variant: one event type.
pub(super) struct Variant<'a> {
    pub(super) source: &'a syn::Variant,
    /// The name of the event type, as stored.
    pub(super) event_type: String,
    /// The tokens with which the user set the event type.
    pub(super) event_type_tokens: TokenStream,
}

impl<'a> EventEnum<'a> {
    pub(super) fn read(source: &'a DeriveInput, errors: &mut Errors) -> Self {
        let EnumAttr { rename_all, type_enum, own_serde, krate } = EnumAttr::read(&source.attrs, errors);
        let mut variants = Vec::new();
        if let Data::Enum(data) = &source.data {
            for source in &data.variants {
                let given = attr::read_type(&source.attrs, errors);
                source.fields.iter().for_each(|field| attr::check_field(&field.attrs, errors));
                let name = casing::text(&source.ident);
                variants.push(match given {
                    Some(given) => {
                        Variant { source, event_type: given.value(), event_type_tokens: given.into_token_stream() }
                    }
                    None => Variant {
                        source,
                        event_type: rename_all.map(|casing| casing.of_variant(&name)).unwrap_or(name),
                        event_type_tokens: source.ident.to_token_stream(),
                    },
                });
            }
        }
        Self { source, krate, type_enum, own_serde, variants }
    }

    pub(super) fn ident(&self) -> &'a Ident {
        &self.source.ident
    }

    /// The enum of the event types.
    pub(super) fn type_ident(&self) -> Ident {
        let default = || format_ident!("{}Type", casing::text(self.ident()), span = self.ident().span());
        self.type_enum.clone().unwrap_or_else(default)
    }

    /// The hidden module of the enum of the event types.
    pub(super) fn type_module(&self) -> Ident {
        format_ident!("__{}_type", casing::snake_case(&casing::text(self.ident())), span = self.ident().span())
    }

    pub(super) fn attrs(&self) -> &'a [Attribute] {
        &self.source.attrs
    }
}

impl<'a> Variant<'a> {
    pub(super) fn ident(&self) -> &'a Ident {
        &self.source.ident
    }

    /// Returns a pattern for every value of the variant, to be put after its name.
    pub(super) fn rest_pattern(&self) -> TokenStream {
        match self.source.fields {
            Fields::Named(_) => quote::quote!({ .. }),
            Fields::Unnamed(_) => quote::quote!((..)),
            Fields::Unit => TokenStream::new(),
        }
    }

    /// Returns the types that serde serializes itself: those of fields without `with`, `skip` and the like.
    pub(super) fn serde_types(&self) -> impl Iterator<Item = &'a Type> {
        const BY_HAND: [&str; 3] = ["with", "serialize_with", "deserialize_with"];
        const SKIPPED: [&str; 3] = ["skip", "skip_serializing", "skip_deserializing"];
        let serde =
            |attrs: &[Attribute], names: &[&str]| crate::serde_attr::has(&crate::serde_attr::entries(attrs), names);
        let by_hand = serde(&self.source.attrs, &BY_HAND);
        let fields = self.source.fields.iter().filter(move |_| !by_hand);
        fields
            .filter(move |field| !serde(&field.attrs, &BY_HAND) && !serde(&field.attrs, &SKIPPED))
            .map(|field| &field.ty)
    }
}
