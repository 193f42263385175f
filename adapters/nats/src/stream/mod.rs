//! Creation and comparison of streams, and the check of the server version.

mod set_up;
mod version;

pub(crate) use set_up::{StreamOptions, StreamTopology, set_up_streams};
pub(crate) use version::check_version;
