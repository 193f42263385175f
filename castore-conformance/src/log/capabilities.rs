/// The capabilities of an event log beyond the required ones. Each method waives one of them.
#[derive(Debug, Clone)]
pub struct LogCapabilities {
    pub(crate) wakes: bool,
    pub(crate) wakes_across_handles: bool,
    pub(crate) tells_rewrites: bool,
}

impl LogCapabilities {
    /// Returns the capabilities of a log that supports everything.
    pub fn full() -> Self {
        Self { wakes: true, wakes_across_handles: true, tells_rewrites: true }
    }

    /// Waives wake-ups: readers poll.
    #[must_use]
    pub fn without_wake_ups(self) -> Self {
        Self { wakes: false, wakes_across_handles: false, ..self }
    }

    /// Waives wake-ups across handles: readers see the pushes of other processes by polling.
    #[must_use]
    pub fn without_wake_ups_across_handles(self) -> Self {
        Self { wakes_across_handles: false, ..self }
    }

    /// Waives rewrite counts: the storage does not count replaced events.
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
