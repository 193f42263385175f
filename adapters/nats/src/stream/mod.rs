//! Streams, and the required version of the server.

mod set_up;
mod version;

pub(crate) use set_up::{StreamOptions, StreamTopology, set_up_streams};
pub(crate) use version::check_version;
