/// What an event log can do beside what all must: everything, unless a method here waives it.
#[derive(Debug, Clone)]
pub struct LogCapabilities {
    pub(crate) wakes: bool,
    pub(crate) wakes_across_handles: bool,
    pub(crate) tells_rewrites: bool,
}

impl LogCapabilities {
    /// Everything.
    pub fn full() -> Self {
        Self { wakes: true, wakes_across_handles: true, tells_rewrites: true }
    }

    /// Nobody is woken up: readers poll.
    #[must_use]
    pub fn without_wake_ups(self) -> Self {
        Self { wakes: false, wakes_across_handles: false, ..self }
    }

    /// Only pushes through the same handle wake a reader up: what other processes push is seen by polling.
    #[must_use]
    pub fn without_wake_ups_across_handles(self) -> Self {
        Self { wakes_across_handles: false, ..self }
    }

    /// The storage cannot tell that events were replaced.
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
