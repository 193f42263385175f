//! Descriptions: the events, states and channels of a program as data, for lock files, schemas and graphs.
//!
//! The macros generate one text per type. When a description is requested, a parser converts these texts into the types
//! of this module. Structured constants instead of texts would cost compile time in every build, although most builds
//! never need a description.

mod described;
#[cfg(feature = "schemars")]
mod json_schema;
mod probe;
mod program;
mod shape;
mod shape_text;
mod std_shapes;
mod type_ref;

#[doc(hidden)]
pub use described::{Described, Probe, Unprobed};
#[cfg(feature = "schemars")]
#[doc(hidden)]
pub use json_schema::{SchemaProbe, WithoutSchema};
pub use program::{
    ChannelDescription, ConsumerDescription, EventDescription, ProgramDescription, ReadModelDescription,
    RelayDescription, RetiredDescription, StoreDescription,
};
pub use shape::{Content, Field, JsonShape, Shape, Tagging, TypeName, Variant};
#[doc(hidden)]
pub use shape_text::state_shape;
pub use type_ref::{Lazy, TypeRef};
