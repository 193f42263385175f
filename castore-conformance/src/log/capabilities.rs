/// The optional capabilities of an event log. Start with [`full`](Self::full): each of the other methods
/// declares that a capability is missing, so that the kit does not test it.
#[derive(Debug, Clone)]
pub struct LogCapabilities {
    pub(crate) wakes: bool,
    pub(crate) wakes_across_handles: bool,
    pub(crate) tells_rewrites: bool,
}

impl LogCapabilities {
    /// Returns the capabilities of a log that supports all optional features.
    pub fn full() -> Self {
        Self { wakes: true, wakes_across_handles: true, tells_rewrites: true }
    }

    /// Declares that the log does not wake readers: they must poll the log.
    #[must_use]
    pub fn without_wake_ups(self) -> Self {
        Self { wakes: false, wakes_across_handles: false, ..self }
    }

    /// Declares that the log does not wake readers across handles: to see the pushes of other processes, readers must
    /// poll the log.
    #[must_use]
    pub fn without_wake_ups_across_handles(self) -> Self {
        Self { wakes_across_handles: false, ..self }
    }

    /// Declares that the storage does not count rewrites, which are events that a forced push has replaced.
    #[must_use]
    pub fn without_rewrites(self) -> Self {
        Self { tells_rewrites: false, ..self }
    }
}

impl Default for LogCapabilities {
    fn default() -> Self {
        Self::full()
    }
}
