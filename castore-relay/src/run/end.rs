use crate::error::RelayError;

/// The reason why a term ends.
pub(super) enum End {
    /// The relay is shut down.
    Shutdown,
    /// Another process has the lease, or may have it.
    Lost(&'static str),
    /// The relay cannot continue.
    Stopped(RelayError),
    /// User code panicked where no panic is handled.
    Panicked(String),
}
