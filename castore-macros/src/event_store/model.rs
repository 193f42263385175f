//! The state of an aggregate, and the event store that it names.

use super::attr::StoreAttr;
use super::fields::{Field, read_fields};
use super::object::why_no_object;
use super::shape::{Shape, shape};
use crate::attrs;
use crate::errors::Errors;
use crate::item_kind;
use proc_macro2::Ident;
use syn::{Attribute, Generics, Item};

/// The item below `#[event_store]`.
pub(super) struct EventStore<'a> {
    pub(super) attr: StoreAttr,
    pub(super) ident: &'a Ident,
    pub(super) attrs: &'a [Attribute],
    pub(super) generics: &'a Generics,
    /// Changes when the fields do.
    pub(super) shape: Shape,
    /// Why the state is no object in JSON, as far as its definition tells.
    pub(super) no_object: Option<String>,
    /// Whatever is written beside the aggregate's id and version.
    pub(super) fields: Vec<Field<'a>>,
}

impl<'a> EventStore<'a> {
    /// `None` if the item is no type that could be a state, which is reported.
    pub(super) fn read(item: &'a Item, attr: StoreAttr, errors: &mut Errors) -> Option<Self> {
        if !matches!(item, Item::Struct(_) | Item::Enum(_)) {
            let (kind, tokens) = item_kind::describe(item);
            errors.on(
                tokens,
                format!("`#[event_store]` belongs on the struct or enum that is an aggregate's state, not on {kind}"),
            );
        }
        let (ident, attrs, generics) = match item {
            Item::Struct(item) => (&item.ident, &item.attrs, &item.generics),
            Item::Enum(item) => (&item.ident, &item.attrs, &item.generics),
            // Refused, but a type: with the impls, what uses it as a store adds no errors.
            Item::Union(item) => (&item.ident, &item.attrs, &item.generics),
            _ => return None,
        };
        Some(Self {
            attr,
            ident,
            attrs,
            generics,
            shape: shape(item),
            no_object: why_no_object(item),
            fields: read_fields(item),
        })
    }

    /// The `#[event_store]` attributes below the one that is being expanded.
    pub(super) fn attributes_given_again(&self) -> impl Iterator<Item = &'a Attribute> {
        self.attrs.iter().filter(|attr| attrs::is_ours(attr, "event_store"))
    }

    pub(super) fn is_given_again(&self) -> bool {
        self.attributes_given_again().next().is_some()
    }
}
