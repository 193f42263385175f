use std::error::Error;

use castore_runtime::channel::PublishError;

/// Why one event was not published.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// It will fail again, however often it is tried: its aggregate is parked.
    Permanent(String),
    /// Everything else: it is tried again, and nothing is parked.
    Transient(String),
}

impl Failure {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Permanent(text) | Self::Transient(text) => text,
        }
    }
}

/// What became of a call of the adapter.
#[derive(Debug)]
pub(crate) enum Call {
    /// These were not published, by their place in the call; all others were.
    Published(Vec<(usize, Failure)>),
    /// Nothing is known to be published.
    Failed(String),
    /// There was no answer in time: some may be published, from the first on. Fewer may be faster.
    TimedOut(String),
    /// One of them cannot be written, and it is not known which: each must be published by itself.
    OneByOne(String),
}

impl Call {
    pub(crate) fn of(result: Result<(), PublishError>, messages: usize) -> Self {
        match result {
            Ok(()) => Self::Published(Vec::new()),
            Err(PublishError::Rejected { rejected, .. }) => {
                // An adapter that miscounts cannot say what was published.
                if rejected.is_empty() {
                    return Self::Failed(format!("the adapter refused some of {messages} messages, but named none"));
                }
                if let Some(stray) = rejected.iter().find(|refused| refused.index >= messages) {
                    return Self::Failed(format!("the adapter refused message {} of {messages}", stray.index));
                }
                let failures = rejected.into_iter().map(|refused| {
                    let text = chain(&*refused.reason);
                    let failure = if refused.permanent { Failure::Permanent(text) } else { Failure::Transient(text) };
                    (refused.index, failure)
                });
                Self::Published(failures.collect())
            }
            Err(error @ PublishError::Serialize(_)) if messages == 1 => {
                Self::Published(vec![(0, Failure::Permanent(error.to_string()))])
            }
            Err(error @ PublishError::Serialize(_)) => Self::OneByOne(error.to_string()),
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}

/// An error with those of its sources that its own text does not have already.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use castore_runtime::channel::RejectedMessage;

    use super::*;

    fn refused(indexes: &[usize]) -> Call {
        let refused = |index: &usize| RejectedMessage { index: *index, permanent: true, reason: "no".into() };
        let rejected = indexes.iter().map(refused).collect();
        Call::of(Err(PublishError::Rejected { published: 3, rejected }), 3)
    }

    #[test]
    fn a_refusal_that_does_not_say_of_what_publishes_nothing() {
        for indexes in [&[][..], &[3], &[0, 7]] {
            let call = refused(indexes);
            assert!(matches!(call, Call::Failed(_)), "{call:?}");
        }
        let call = refused(&[1]);
        assert!(matches!(&call, Call::Published(failures) if failures.len() == 1 && failures[0].0 == 1), "{call:?}");
    }
}
