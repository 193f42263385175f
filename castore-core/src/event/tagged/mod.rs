//! The conversion between serde's externally tagged enum, which the generated code uses, and the pair of type and
//! payload in storage and messages.

mod payload_deserializer;
mod payload_probe;
mod payload_serializer;

pub(crate) use payload_deserializer::{Content, PayloadSeed, TaggedEvent};
pub(crate) use payload_probe::has_payload;
pub(crate) use payload_serializer::Payload;
