//! The parsed form of a message channel.

use super::attr::{ChannelAttr, Order};
use super::kind::Kind;
use crate::attrs;
use crate::casing;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::suggest;
use crate::text;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::{Attribute, GenericArgument, ItemType, Path, PathArguments, PathSegment, Type, TypePath};

/// A message channel, which is declared as an alias of a channel kind.
pub(super) struct Channel<'a> {
    pub(super) source: &'a ItemType,
    pub(super) attr: ChannelAttr,
    pub(super) kind: Kind,
    /// The path of the kind, as the user wrote it. `None` if the kind is unknown.
    pub(super) kind_path: Option<Path>,
    pub(super) sources: Vec<Source>,
}

/// An event store in the list of a channel.
pub(super) struct Source {
    pub(super) ty: Type,
    /// The last segment of the event store's path.
    pub(super) name: String,
    /// The variant of the message enum for this event store.
    pub(super) variant: Ident,
    /// The field for this event store in the sources of a state-carrying channel.
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
        let kind_path = read_kind_path(&source.ty);
        Self { source, attr, kind, kind_path, sources }
    }

    pub(super) fn ident(&self) -> &'a Ident {
        &self.source.ident
    }

    /// Returns the span for errors about the whole channel: the location of its name, with the hygiene of generated
    /// code.
    pub(super) fn span(&self) -> Span {
        Span::call_site().located_at(self.ident().span())
    }

    pub(super) fn name(&self) -> String {
        casing::text(self.ident())
    }

    pub(super) fn krate(&self) -> &Krate {
        &self.attr.krate
    }

    /// Returns whether one of the event stores has the name of the channel.
    pub(super) fn has_name_of_a_source(&self) -> bool {
        let name = self.name();
        self.sources.iter().any(|source| source.path() == name)
    }

    /// Returns the id of the channel.
    pub(super) fn id(&self) -> String {
        match &self.attr.id {
            Some(id) => id.value(),
            None => casing::screaming_snake_case(&self.name()),
        }
    }

    /// Returns the generated documentation, which follows the user's documentation.
    pub(super) fn docs(&self) -> Vec<String> {
        let has_docs = self.source.attrs.iter().any(|attr| attr.path().is_ident("doc"));
        let carries = suggest::list(self.sources.iter().map(|source| source.name.as_str()));
        let carries = if carries.is_empty() { "nothing".to_owned() } else { carries };
        let order = match self.attr.order {
            Order::Unordered => "none",
            Order::PerAggregate => "per aggregate",
        };
        let doc = format!(" {}. Carries {carries}. Order: {order}. Id: `{}`.", self.kind.description(), self.id());
        if has_docs { vec![String::new(), doc] } else { vec![doc] }
    }

    /// Returns the name of the channel's message enum.
    pub(super) fn message_ident(&self) -> Ident {
        let default = || format_ident!("{}Message", self.name(), span = self.ident().span());
        self.attr.message.clone().unwrap_or_else(default)
    }

    /// Returns the name of the struct for the sources of a state-carrying channel: the event stores from which the
    /// channel loads aggregates.
    pub(super) fn sources_ident(&self) -> Ident {
        format_ident!("{}Sources", self.name(), span = self.ident().span())
    }

    /// Returns the `#[cfg(…)]` attributes of the channel.
    pub(super) fn cfgs(&self) -> Vec<&'a Attribute> {
        attrs::cfgs(&self.source.attrs).collect()
    }

    /// Returns the user's attributes of the channel, except `#[channel(…)]`.
    pub(super) fn attrs(&self) -> impl Iterator<Item = &'a Attribute> {
        self.source.attrs.iter().filter(|attr| !attrs::is_ours(attr, "channel"))
    }
}

impl Source {
    fn read(ty: Type, errors: &mut Errors) -> Option<Self> {
        let Some(segment) = last_segment(&ty).filter(|segment| segment.ident != "Self") else {
            let written = text::compact(ty.to_token_stream());
            errors.on(&ty, format!("`{written}` is not an event store; list types with `#[event_store]`"));
            return None;
        };
        let name = casing::text(&segment.ident);
        if let Some(store) = store_of(&segment) {
            let written = text::compact(ty.to_token_stream());
            let store = text::compact(store.to_token_stream());
            errors.on(
                &ty,
                format!(
                    "`{written}` belongs to event store `{store}`, but is not the event store itself; list `{store}`"
                ),
            );
            return None;
        }
        let field = casing::ident(&casing::snake_case(&name), segment.ident.span());
        Some(Self { name, field, variant: segment.ident, ty })
    }

    /// Returns the type as the user wrote it.
    pub(super) fn path(&self) -> String {
        text::compact(self.ty.to_token_stream())
    }

    /// Returns the span for errors about the event store.
    pub(super) fn span(&self) -> Span {
        self.variant.span()
    }

    /// Returns `ident` with the span of this source. If two entries of the list turn out to be the same event store,
    /// because one of them is a type alias, the compiler then underlines both entries.
    pub(super) fn at(&self, ident: &Ident) -> Ident {
        let mut ident = ident.clone();
        ident.set_span(ident.span().located_at(self.span()));
        ident
    }

    /// Returns the alias through which generated code names the event store: `__AppBus_Pokemon`.
    pub(super) fn store(&self, channel: &Channel<'_>) -> Ident {
        let mut alias = format_ident!("__{}_{}", channel.name(), casing::text(&self.variant));
        alias.set_span(channel.ident().span().located_at(self.span()));
        alias
    }

    /// Returns `::castore::NotificationMessage<__AppBus_Pokemon>` with the span of the source.
    pub(super) fn message_type(&self, channel: &Channel<'_>) -> TokenStream {
        let (span, store) = (self.span(), self.store(channel));
        let (krate, message) = (channel.krate().at(span), channel.kind.message_ident(span));
        quote_spanned!(span=> #krate::#message<#store>)
    }

    /// Returns a documentation link to the event store, or only its name if its type is not a plain path.
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

/// Returns the path of a kind, without the event stores.
fn read_kind_path(ty: &Type) -> Option<Path> {
    let Type::Path(TypePath { qself: None, path, .. }) = ungrouped(ty) else { return None };
    let mut path = path.clone();
    let last = path.segments.last_mut().filter(|last| Kind::is_name(&last.ident))?;
    last.arguments = PathArguments::None;
    Some(path)
}

/// Returns the event store to which a type of this library belongs: `Pokemon` for `EventStore<Pokemon>`.
fn store_of(segment: &PathSegment) -> Option<&Type> {
    const TYPES: [&str; 9] = [
        "EventStore",
        "ConnectedEventStore",
        "Store",
        "Aggregate",
        "EventDetail",
        "NewEvent",
        "AggregateExistsMessage",
        "NotificationMessage",
        "StateCarryingMessage",
    ];
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let is_ours = TYPES.iter().any(|name| segment.ident == name);
    arguments.args.iter().filter(|_| is_ours).find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
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
            errors.on(other, format!("`{written}` is not an event store; list types with `#[event_store]`"));
            None
        }
    });
    sources.collect()
}

/// Removes the invisible groups around a type. A `macro_rules!` adds such a group when it passes a type on.
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
