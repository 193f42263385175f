//! The description of a whole struct or enum.

use super::Description;
use super::fields::FieldRules;
use crate::casing::{self, Casing};
use crate::generics::without_self;
use crate::serde_attr::{self, Name};
use proc_macro2::Ident;
use syn::{Attribute, Fields, Meta, Type};

/// The parts of a type that its description shows.
pub(crate) struct Container<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attrs: &'a [Attribute],
    pub(crate) content: ContainerContent<'a>,
}

pub(crate) enum ContainerContent<'a> {
    Fields(&'a Fields),
    Variants(Vec<&'a syn::Variant>),
}

impl Description {
    /// Describes a struct or an enum, with the names that serde uses.
    pub(crate) fn of_container(container: &Container<'_>) -> Self {
        let entries = serde_attr::entries(container.attrs);
        let name = casing::text(container.ident);
        let with_self = |ty: &Type| without_self(ty, container.ident);
        // With `into`, serde serializes another type in place of this one.
        if let Some(into) = Name::find(&entries, "into").serialize {
            let mut description = Self::new(name, "newtype");
            if let Ok(ty) = into.parse::<Type>() {
                description.type_line('=', &ty);
            }
            return description;
        }
        match &container.content {
            ContainerContent::Fields(fields) => {
                let is_transparent = serde_attr::has(&entries, &["transparent"]);
                let kind = match fields {
                    Fields::Named(named) if is_transparent && named.named.len() == 1 => "newtype",
                    Fields::Named(_) => "struct",
                    Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => "newtype",
                    Fields::Unnamed(_) => "tuple",
                    Fields::Unit => "unit",
                };
                let mut description = Self::new(name, kind);
                match (fields, kind) {
                    (Fields::Named(named), "newtype") => {
                        named.named.iter().for_each(|field| description.type_line('=', &with_self(&field.ty)));
                    }
                    _ => description.fields(fields, &FieldRules::of(&entries, "rename_all"), with_self),
                }
                description
            }
            ContainerContent::Variants(variants) => {
                let mut description = Self::new(name, &enum_kind(&entries));
                let renames = Name::find(&entries, "rename_all").serialize;
                let casing = renames.and_then(|name| Casing::from_name(&name.value()));
                for variant in variants {
                    let own = serde_attr::entries(&variant.attrs);
                    if serde_attr::has(&own, &["skip"]) {
                        continue;
                    }
                    let ident = casing::text(&variant.ident);
                    let name = match (Name::find(&own, "rename").serialize, casing) {
                        (Some(rename), _) => rename.value(),
                        (None, Some(casing)) => casing.of_variant(&ident),
                        (None, None) => ident,
                    };
                    let rules = FieldRules::of_variant(&variant.attrs, &entries);
                    description.variant(&name, variant, &rules, with_self);
                }
                description
            }
        }
    }
}

fn enum_kind(entries: &[Meta]) -> String {
    let value = |key| Name::find(entries, key).serialize.map(|text| text.value().replace(char::is_control, ""));
    match (value("tag"), value("content")) {
        _ if serde_attr::has(entries, &["untagged"]) => "untagged".to_owned(),
        (Some(tag), Some(content)) => format!("enum\t{tag}\t{content}"),
        (Some(tag), None) => format!("enum\t{tag}"),
        (None, _) => "enum".to_owned(),
    }
}
