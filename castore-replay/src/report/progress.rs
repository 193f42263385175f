/// The progress of a pour. See the `on_progress` methods of the pours.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PourProgress<R> {
    /// The number of messages that this run has published, or would have published in a dry run.
    pub poured_count: u64,
    /// The point to resume from if the run ends here: after the last published message.
    pub resume_point: R,
}

type Callback<R> = dyn FnMut(&PourProgress<R>) + Send;

/// The optional progress callback of a pour.
pub(crate) struct OnProgress<R>(Option<Box<Callback<R>>>);

impl<R> OnProgress<R> {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn call(callback: impl FnMut(&PourProgress<R>) + Send + 'static) -> Self {
        Self(Some(Box::new(callback)))
    }

    /// Calls the callback, if there is one. The resume point is created only for a callback.
    pub(crate) fn report(&mut self, poured_count: u64, resume_point: impl FnOnce() -> R) {
        if let Some(callback) = &mut self.0 {
            callback(&PourProgress { poured_count, resume_point: resume_point() });
        }
    }
}
