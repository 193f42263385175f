//! The parsed form of a subset of an event enum.

use super::attr::{self, SubsetAttr};
use crate::errors::Errors;
use crate::krate::Krate;
use proc_macro2::Ident;
use syn::{Data, DeriveInput, Path, Variant};

/// The enum with `#[derive(EventSubset)]`.
pub(super) struct Subset<'a> {
    pub(super) source: &'a DeriveInput,
    /// The path of the event enum.
    pub(super) of: Option<Path>,
    pub(super) names_of: bool,
    pub(super) krate: Krate,
    pub(super) variants: Vec<&'a Variant>,
}

impl<'a> Subset<'a> {
    pub(super) fn read(source: &'a DeriveInput, errors: &mut Errors) -> Self {
        let SubsetAttr { of, names_of, krate } = SubsetAttr::read(&source.attrs, errors);
        let variants: Vec<&Variant> = match &source.data {
            Data::Enum(data) => data.variants.iter().collect(),
            Data::Struct(_) | Data::Union(_) => Vec::new(),
        };
        for variant in &variants {
            attr::check_inside(&variant.attrs, errors);
            variant.fields.iter().for_each(|field| attr::check_inside(&field.attrs, errors));
        }
        Self { source, of, names_of, krate, variants }
    }

    pub(super) fn ident(&self) -> &'a Ident {
        &self.source.ident
    }
}
