use std::error::Error;
use std::fmt;

use castore_core::channel::PublishError;
use castore_core::event_store::EventStoreError;

/// The error of a pour that stopped before its end. The error contains the result for the part that was poured, with
/// the resume point. `P` is the type of this result.
#[derive(Debug)]
pub struct PourError<P> {
    poured: Box<P>,
    failure: Box<PourFailure>,
}

impl<P> PourError<P> {
    pub(crate) fn new(poured: P, failure: PourFailure) -> Self {
        Self { poured: Box::new(poured), failure: Box::new(failure) }
    }

    /// Returns the result for the part that was poured and scanned before the pour stopped.
    pub fn poured(&self) -> &P {
        &self.poured
    }

    /// Returns the result for the part that was poured and scanned before the pour stopped.
    pub fn into_poured(self) -> P {
        *self.poured
    }

    /// Returns the reason why the pour stopped.
    pub fn failure(&self) -> &PourFailure {
        &self.failure
    }

    pub(crate) fn map<Q>(self, map: impl FnOnce(P) -> Q) -> PourError<Q> {
        PourError { poured: Box::new(map(*self.poured)), failure: self.failure }
    }
}

impl<P> fmt::Display for PourError<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the pour stopped: {}", self.failure)
    }
}

impl<P: fmt::Debug> Error for PourError<P> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // `Display` contains the text of the failure, so `source` returns the failure's source.
        self.failure.source()
    }
}

/// The reason why a pour stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PourFailure {
    /// An event store could not be read, or its reducer failed.
    #[error(transparent)]
    Read(EventStoreError),
    /// A message could not be published, or the outcome is unknown (see the source). A pour that resumes publishes the
    /// message again.
    #[error("could not publish {} of {event_store_id} aggregate {aggregate_id}", what(.version))]
    Publish {
        /// The id of the event store of the message.
        event_store_id: &'static str,
        /// The id of the aggregate of the message.
        aggregate_id: String,
        /// The version of the message's event, if the message contains an event.
        version: Option<u64>,
        /// The error of the channel.
        source: PublishError,
    },
    /// The resume point belongs to a replay of other event stores or of another aggregate. Nothing was poured.
    #[error("the resume point belongs to a replay of {found}, but this is a replay of {expected}")]
    ForeignResumePoint {
        /// The source of this pour: an aggregate, or event stores in their order.
        expected: String,
        /// The source of the pour that the resume point belongs to.
        found: String,
    },
}

fn what(version: &Option<u64>) -> String {
    version.map_or_else(|| "a message".to_owned(), |version| format!("version {version}"))
}

impl From<EventStoreError> for PourFailure {
    fn from(error: EventStoreError) -> Self {
        Self::Read(error)
    }
}
