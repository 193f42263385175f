//! The state of an aggregate, which also names the event store.

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
    /// A number that changes when the fields do.
    pub(super) shape: Shape,
    /// The reason why the state is not an object in JSON, as far as its definition shows.
    pub(super) no_object: Option<String>,
    /// The keys that are written beside the aggregate's id and version.
    pub(super) fields: Vec<Field<'a>>,
}

impl<'a> EventStore<'a> {
    /// Returns `None` and reports an error if the item cannot be a state.
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
            // This type is rejected. The impls are generated nevertheless, so that its uses as a store cause no further
            // errors.
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
