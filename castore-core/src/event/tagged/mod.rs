//! The conversion between serde's externally tagged enum, which the generated code uses, and Castore's pair of type and
//! payload.

mod payload_deserializer;
mod payload_probe;
mod payload_serializer;

pub(crate) use payload_deserializer::{Content, PayloadSeed, TaggedEvent};
pub(crate) use payload_probe::has_payload;
pub(crate) use payload_serializer::Payload;
