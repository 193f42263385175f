/// How far a pour is. See `on_progress` of the pours.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PourProgress<R> {
    /// How many messages this run has published.
    pub poured_count: u64,
    /// Where to resume if the run ends here: after the message that was published last.
    pub resume_point: R,
}

type Callback<R> = dyn FnMut(&PourProgress<R>) + Send;

/// The callback, if there is one.
pub(crate) struct OnProgress<R>(Option<Box<Callback<R>>>);

impl<R> OnProgress<R> {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn call(callback: impl FnMut(&PourProgress<R>) + Send + 'static) -> Self {
        Self(Some(Box::new(callback)))
    }

    /// Tells it; the resume point is only made if there is somebody to tell.
    pub(crate) fn report(&mut self, poured_count: u64, resume_point: impl FnOnce() -> R) {
        if let Some(callback) = &mut self.0 {
            callback(&PourProgress { poured_count, resume_point: resume_point() });
        }
    }
}
