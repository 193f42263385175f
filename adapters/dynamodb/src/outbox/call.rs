use std::error::Error;

use castore_runtime::channel::PublishError;

/// Why one event was not published.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// It will fail again, however often it is tried.
    Permanent(String),
    /// Everything else.
    Transient(String),
}

/// What became of a call of the adapter.
#[derive(Debug)]
pub(crate) enum Call {
    /// These were not published, by their place in the call; all others were.
    Published(Vec<(usize, Failure)>),
    /// Nothing is known to be published.
    Failed(String),
    /// One of them cannot be written, and it is not known which: each must be published by itself.
    OneByOne,
}

impl Call {
    pub(super) fn of(result: Result<(), PublishError>, messages: usize) -> Self {
        match result {
            Ok(()) => Self::Published(Vec::new()),
            Err(PublishError::Rejected { rejected, .. }) => {
                // An adapter that miscounts cannot say what was published.
                if let Some(stray) = rejected.iter().find(|refused| refused.index >= messages) {
                    return Self::Failed(format!("the adapter refused message {} of {messages}", stray.index));
                }
                let failure = |permanent: bool, text| {
                    if permanent { Failure::Permanent(text) } else { Failure::Transient(text) }
                };
                let failures = rejected
                    .into_iter()
                    .map(|refused| (refused.index, failure(refused.permanent, chain(&*refused.reason))));
                Self::Published(failures.collect())
            }
            Err(error @ PublishError::Serialize(_)) if messages == 1 => {
                Self::Published(vec![(0, Failure::Permanent(error.to_string()))])
            }
            Err(PublishError::Serialize(_)) => Self::OneByOne,
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}

/// An error with those of its sources that its own text does not have already.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for source in std::iter::successors(error.source(), |&error| error.source()) {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
    }
    text
}
