//! The parsed form of an event store and of its state. The event store is named after the type of the state.

use super::attr::StoreAttr;
use super::fields::{Field, read_fields};
use super::object::why_no_object;
use super::shape::shape;
use crate::describe::{Container, ContainerContent, Description};
use proc_macro2::Ident;
use syn::{Attribute, Generics, Item};

/// The parts of the item with `#[event_store]` that structs, enums and unions have in common.
pub(super) struct State<'a> {
    pub(super) ident: &'a Ident,
    pub(super) attrs: &'a [Attribute],
    pub(super) generics: &'a Generics,
}

impl<'a> State<'a> {
    /// Returns the parts of the item, or `None` if the item is not a struct, an enum or a union.
    pub(super) fn of(item: &'a Item) -> Option<Self> {
        match item {
            Item::Struct(item) => Some(Self { ident: &item.ident, attrs: &item.attrs, generics: &item.generics }),
            Item::Enum(item) => Some(Self { ident: &item.ident, attrs: &item.attrs, generics: &item.generics }),
            // A union is rejected. The impls are generated nevertheless, so that code that uses the union as a store
            // causes no further errors.
            Item::Union(item) => Some(Self { ident: &item.ident, attrs: &item.attrs, generics: &item.generics }),
            _ => None,
        }
    }
}

/// An event store, with its options and its state.
pub(super) struct EventStore<'a> {
    pub(super) attr: StoreAttr,
    pub(super) state: State<'a>,
    /// A hash that changes when the fields of the state change.
    pub(super) shape: u64,
    /// The description of the fields and of the types inside, or `None` for a union.
    pub(super) description: Option<Description>,
    /// Whether the state contains types whose shapes the compiler looks up.
    pub(super) has_nested_types: bool,
    /// The reason why the state is not an object in JSON, as far as its definition shows.
    pub(super) no_object: Option<String>,
    /// The JSON keys of the state, which are written beside the aggregate's id and version.
    pub(super) fields: Vec<Field<'a>>,
}

impl<'a> EventStore<'a> {
    pub(super) fn read(item: &'a Item, state: State<'a>, attr: StoreAttr) -> Self {
        let mut description = describe(item, &state);
        let has_nested_types = description.as_ref().is_some_and(Description::has_types);
        if let Some(description) = &mut description {
            attr.aggregate_id.iter().for_each(|ty| description.aggregate_id(ty));
            attr.metadata.iter().for_each(|ty| description.metadata(ty));
        }
        let (no_object, fields) = (why_no_object(item), read_fields(item));
        Self { attr, state, shape: shape(item), description, has_nested_types, no_object, fields }
    }
}

/// Describes the state. Returns `None` for a union, which was rejected.
fn describe(item: &Item, state: &State<'_>) -> Option<Description> {
    let content = match item {
        Item::Struct(item) => ContainerContent::Fields(&item.fields),
        Item::Enum(item) => ContainerContent::Variants(item.variants.iter().collect()),
        _ => return None,
    };
    Some(Description::of_container(&Container { ident: state.ident, attrs: state.attrs, content }))
}
