//! Descriptions: the events, states and channels of a program as data, for lock files, schemas and graphs.
//!
//! The macros print one text per type, and a reader turns it into the types of this module when a description is
//! requested. Structured constants would cost compile time in every build, although most builds never read them.

mod described;
mod program;
mod shape;
mod shape_text;
mod std_shapes;
mod type_ref;

#[doc(hidden)]
pub use described::{Described, Probe, Unprobed};
pub use program::{
    ChannelDescription, ConsumerDescription, EventDescription, ProgramDescription, ReadModelDescription,
    RelayDescription, RetiredDescription, StoreDescription,
};
pub use shape::{Content, Field, JsonShape, Shape, Tagging, TypeName, Variant};
#[doc(hidden)]
pub use shape_text::state_shape;
pub use type_ref::{Lazy, TypeRef};
