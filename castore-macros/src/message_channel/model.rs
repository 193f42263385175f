//! A message channel as the user wrote it.

use super::attr::ChannelAttr;
use super::kind::Kind;
use crate::attrs;
use crate::casing;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::text;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::{Attribute, GenericArgument, ItemType, PathArguments, PathSegment, Type};

/// An alias of a kind of message channel.
pub(super) struct Channel<'a> {
    pub(super) source: &'a ItemType,
    pub(super) attr: ChannelAttr,
    pub(super) kind: Kind,
    pub(super) sources: Vec<Source>,
}

/// An event store in the list of a channel.
pub(super) struct Source {
    pub(super) ty: Type,
    /// The last segment of its path.
    pub(super) name: String,
    /// Its variant of the message enum.
    pub(super) variant: Ident,
    /// Its field among the stores of a state-carrying channel.
    pub(super) field: Ident,
}

impl<'a> Channel<'a> {
    pub(super) fn read(source: &'a ItemType, attr: ChannelAttr, errors: &mut Errors) -> Self {
        let segment = last_segment(&source.ty);
        let kind = match &segment {
            Some(segment) => Kind::read(&segment.ident, errors),
            None => {
                errors.on(&source.ty, format!("expected a kind of message channel; write `{}`", super::EXAMPLE));
                Kind::FALLBACK
            }
        };
        let sources = segment.map(|segment| read_sources(&segment.arguments, errors)).unwrap_or_default();
        Self { source, attr, kind, sources }
    }

    pub(super) fn ident(&self) -> &'a Ident {
        &self.source.ident
    }

    /// Where errors about the channel as a whole belong: on its name, though resolved like all that is generated.
    pub(super) fn span(&self) -> Span {
        Span::call_site().located_at(self.ident().span())
    }

    pub(super) fn name(&self) -> String {
        casing::text(self.ident())
    }

    pub(super) fn krate(&self) -> &Krate {
        &self.attr.krate
    }

    /// The enum of the channel's messages.
    pub(super) fn message_ident(&self) -> Ident {
        let default = || format_ident!("{}Message", self.name(), span = self.ident().span());
        self.attr.message.clone().unwrap_or_else(default)
    }

    /// The event stores that a state-carrying channel loads aggregates from.
    pub(super) fn sources_ident(&self) -> Ident {
        format_ident!("{}Sources", self.name(), span = self.ident().span())
    }

    /// The conditions under which the channel exists.
    pub(super) fn cfgs(&self) -> Vec<&'a Attribute> {
        attrs::cfgs(&self.source.attrs).collect()
    }

    /// The user's attributes of the channel.
    pub(super) fn attrs(&self) -> impl Iterator<Item = &'a Attribute> {
        self.source.attrs.iter().filter(|attr| !attrs::is_ours(attr, "channel"))
    }
}

impl Source {
    fn read(ty: Type, errors: &mut Errors) -> Option<Self> {
        let Some(segment) = last_segment(&ty).filter(|segment| segment.ident != "Self") else {
            let written = text::compact(ty.to_token_stream());
            errors.on(&ty, format!("`{written}` is no event store; list types with `#[event_store]`"));
            return None;
        };
        let name = casing::text(&segment.ident);
        let field = casing::ident(&casing::snake_case(&name), segment.ident.span());
        Some(Self { name, field, variant: segment.ident, ty })
    }

    /// The type as the user wrote it.
    pub(super) fn path(&self) -> String {
        text::compact(self.ty.to_token_stream())
    }

    /// Where errors about the event store belong.
    pub(super) fn span(&self) -> Span {
        self.variant.span()
    }

    /// The same name, but underlined at the source: one that is listed twice, by an alias, is marked at both places.
    pub(super) fn at(&self, ident: &Ident) -> Ident {
        let mut ident = ident.clone();
        ident.set_span(ident.span().located_at(self.span()));
        ident
    }

    /// `::castore::NotificationMessage<Pokemon>`, all of it at the source: the same error in several generated items
    /// is then reported once.
    pub(super) fn message_type(&self, channel: &Channel<'_>) -> TokenStream {
        let (span, ty) = (self.span(), &self.ty);
        let (krate, message) = (channel.krate().at(span), channel.kind.message_ident(span));
        quote_spanned!(span=> #krate::#message<#ty>)
    }

    /// A link to the event store in the documentation.
    pub(super) fn doc_link(&self) -> String {
        let (name, path) = (&self.name, self.path());
        match &self.ty {
            Type::Path(ty) if ty.path.get_ident().is_some() => format!("[`{name}`]"),
            Type::Path(ty)
                if ty.qself.is_none() && ty.path.segments.iter().all(|segment| segment.arguments.is_empty()) =>
            {
                format!("[`{name}`]({path})")
            }
            _ => format!("`{name}`"),
        }
    }
}

fn read_sources(arguments: &PathArguments, errors: &mut Errors) -> Vec<Source> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return Vec::new() };
    let sources = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Source::read(ungrouped(ty).clone(), errors),
        GenericArgument::Lifetime(lifetime) => {
            errors.on(lifetime, format!("a message channel has no lifetimes; remove `{lifetime}`"));
            None
        }
        other => {
            let written = text::compact(other.to_token_stream());
            errors.on(other, format!("`{written}` is no event store; list types with `#[event_store]`"));
            None
        }
    });
    sources.collect()
}

/// A type that a `macro_rules!` passed on comes in invisible parentheses.
fn ungrouped(mut ty: &Type) -> &Type {
    while let Type::Group(group) = ty {
        ty = &group.elem;
    }
    ty
}

fn last_segment(ty: &Type) -> Option<PathSegment> {
    match ungrouped(ty) {
        Type::Path(ty) => ty.path.segments.last().cloned(),
        _ => None,
    }
}
