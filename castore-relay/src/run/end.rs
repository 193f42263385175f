use crate::error::RelayError;

/// The reason why a term ends. A term is the time for which a relay holds one lease.
pub(super) enum End {
    /// The relay was asked to shut down.
    Shutdown,
    /// Another process holds the lease, or may hold it.
    Lost(&'static str),
    /// The relay cannot continue.
    Stopped(RelayError),
    /// User code panicked outside of the calls that handle panics.
    Panicked(String),
}
