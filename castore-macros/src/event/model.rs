//! The parsed form of an event enum.

use super::attr::{self, EnumAttr, VariantAttr};
use super::evolution::check::OTHER_TYPE;
use super::evolution::retired_type::RetiredType;
use crate::casing::{self, Casing};
use crate::errors::Errors;
use crate::krate::Krate;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident};
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Type};

/// The enum with `#[derive(Event)]`.
pub(super) struct EventEnum<'a> {
    pub(super) source: &'a DeriveInput,
    pub(super) krate: Krate,
    /// The name that the user gave to the enum of the event types, or `None` for the default name.
    type_enum: Option<Ident>,
    /// Whether the enum also derives serde's traits, for a purpose other than events.
    pub(super) own_serde: bool,
    /// The retired event types (old names of stored events) whose events may become any variant.
    pub(super) from: Vec<RetiredType>,
    pub(super) variants: Vec<Variant<'a>>,
}

/// A variant of the enum, which is one event type.
pub(super) struct Variant<'a> {
    pub(super) source: &'a syn::Variant,
    /// The name of the event type, as stored.
    pub(super) event_type: String,
    /// The tokens that determine the event type: the value of the option `type`, or else the name of the variant.
    pub(super) event_type_tokens: TokenStream,
    /// The option `type`, if it was given.
    pub(super) given_type: Option<LitStr>,
    /// The retired event types (old names of stored events) that are read as this variant.
    pub(super) from: Vec<RetiredType>,
    /// The option `other`, if the variant stands for all undeclared event types.
    pub(super) other: Option<Ident>,
}

impl<'a> EventEnum<'a> {
    pub(super) fn read(source: &'a DeriveInput, errors: &mut Errors) -> Self {
        let EnumAttr { rename_all, type_enum, own_serde, from, krate } = EnumAttr::read(&source.attrs, errors);
        let mut variants = Vec::new();
        if let Data::Enum(data) = &source.data {
            for source in &data.variants {
                source.fields.iter().for_each(|field| attr::check_field(&field.attrs, errors));
                variants.push(Variant::read(source, rename_all, errors));
            }
        }
        Self { source, krate, type_enum, own_serde, from, variants }
    }

    pub(super) fn ident(&self) -> &'a Ident {
        &self.source.ident
    }

    /// Returns the name of the enum of the event types.
    pub(super) fn type_ident(&self) -> Ident {
        let default = || format_ident!("{}Type", casing::text(self.ident()), span = self.ident().span());
        self.type_enum.clone().unwrap_or_else(default)
    }

    /// Returns the name of the hidden module that contains the enum of the event types.
    pub(super) fn type_module(&self) -> Ident {
        format_ident!("__{}_type", casing::snake_case(&casing::text(self.ident())), span = self.ident().span())
    }

    /// Returns the variants with an event type of their own: all variants without the option `other`.
    pub(super) fn declared(&self) -> impl Iterator<Item = &Variant<'a>> {
        self.variants.iter().filter(|variant| variant.other.is_none())
    }

    /// Returns the variant that stands for all undeclared event types.
    pub(super) fn other(&self) -> Option<&Variant<'a>> {
        self.variants.iter().find(|variant| variant.other.is_some())
    }

    /// Returns the retired event types. Each event type is returned with the variant that its events are read as, or
    /// with `None` if they may become any variant.
    pub(super) fn retired(&self) -> impl Iterator<Item = (Option<&Variant<'a>>, &RetiredType)> {
        let of_variants =
            self.variants.iter().flat_map(|variant| variant.from.iter().map(move |from| (Some(variant), from)));
        of_variants.chain(self.from.iter().map(|from| (None, from)))
    }

    pub(super) fn attrs(&self) -> &'a [Attribute] {
        &self.source.attrs
    }
}

impl<'a> Variant<'a> {
    fn read(source: &'a syn::Variant, rename_all: Option<Casing>, errors: &mut Errors) -> Self {
        let VariantAttr { event_type: given_type, from, other } = VariantAttr::read(&source.attrs, errors);
        let name = casing::text(&source.ident);
        let event_type = match (&other, &given_type) {
            (Some(_), _) => OTHER_TYPE.to_owned(),
            (None, Some(given)) => given.value(),
            (None, None) => rename_all.map(|casing| casing.of_variant(&name)).unwrap_or(name),
        };
        let event_type_tokens =
            given_type.as_ref().map_or_else(|| source.ident.to_token_stream(), |given| given.to_token_stream());
        Self { source, event_type, event_type_tokens, given_type, from, other }
    }

    pub(super) fn ident(&self) -> &'a Ident {
        &self.source.ident
    }

    /// Returns the pattern that follows the name of the variant and matches every value.
    pub(super) fn rest_pattern(&self) -> TokenStream {
        match self.source.fields {
            Fields::Named(_) => quote::quote!({ .. }),
            Fields::Unnamed(_) => quote::quote!((..)),
            Fields::Unit => TokenStream::new(),
        }
    }

    /// Returns the types that serde itself serializes: the types of fields without `with`, `skip` and similar options.
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
