//! Whether the events of an event store may lack metadata.

use std::fmt::Debug;

use super::EventSourced;

/// Whether new events of an event store may lack metadata: [`OptionalMetadata`] or [`RequiredMetadata`]. The option
/// `metadata` of `#[event_store]` determines the rule.
///
/// The rule applies to new events only. Events without metadata that are already stored can be read and rewritten in
/// both cases.
pub trait MetadataRule: AcceptsMetadata<<Self as MetadataRule>::Given> + Debug + 'static {
    /// The second parameter of [`NewEvent`](crate::event::NewEvent) for an event that has got its metadata, or that was
    /// read from a storage.
    type Given: Debug + 'static;

    /// Whether a new event must have metadata.
    const REQUIRED: bool;
}

/// New events may lack metadata. This is the rule of event stores with `metadata = …`, and of those without metadata.
#[derive(Debug)]
pub enum OptionalMetadata {}

/// New events must have metadata. This is the rule of event stores with `metadata(required) = …`.
#[derive(Debug)]
pub enum RequiredMetadata {}

/// The parameter of a [`NewEvent`](crate::event::NewEvent) that may lack metadata. An event has this parameter from its
/// creation on. If metadata is optional, the event keeps this parameter, even if it gets metadata.
#[derive(Debug)]
pub enum MaybeMetadata {}

/// The parameter of a [`NewEvent`](crate::event::NewEvent) that has metadata, as an event store with
/// `metadata(required) = …` demands. Events that were read from a storage also have this parameter: if such an event is
/// pushed again, it keeps the metadata that it was stored with, if any.
#[derive(Debug)]
pub enum WithMetadata {}

/// The parameter of an event of `S` that has got its metadata.
#[doc(hidden)]
pub type GivenMetadata<S> = <<S as EventSourced>::MetadataRule as MetadataRule>::Given;

/// A rule that accepts events with the parameter `M`.
#[doc(hidden)]
pub trait AcceptsMetadata<M> {}

impl<M> AcceptsMetadata<M> for OptionalMetadata {}
impl AcceptsMetadata<WithMetadata> for RequiredMetadata {}

impl MetadataRule for OptionalMetadata {
    type Given = MaybeMetadata;

    const REQUIRED: bool = false;
}

impl MetadataRule for RequiredMetadata {
    type Given = WithMetadata;

    const REQUIRED: bool = true;
}
