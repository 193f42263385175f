use crate::aggregate::Aggregate;
use crate::event::EventDetail;
use crate::event_sourced::{EventSourced, ReduceError};

/// An aggregate to which events are being applied. Only the state passes through the reducer; the id is kept here.
pub struct Fold<S: EventSourced> {
    aggregate_id: Option<S::AggregateId>,
    version: u64,
    state: Option<S>,
}

impl<S: EventSourced> Fold<S> {
    /// Starts from the aggregate before the events.
    pub fn from_aggregate(before: Aggregate<S>) -> Self {
        Self { aggregate_id: Some(before.aggregate_id), version: before.version, state: Some(before.state) }
    }

    /// Applies one more event. After an error, the state is lost.
    pub fn add(&mut self, event: &EventDetail<S>) -> Result<(), ReduceError> {
        self.state = Some(S::__reduce(self.state.take(), event)?);
        self.version = event.version;
        if self.aggregate_id.is_none() {
            self.aggregate_id = Some(event.aggregate_id.clone());
        }
        Ok(())
    }

    /// Returns the aggregate, or `None` if no event was applied.
    pub fn into_aggregate(self) -> Option<Aggregate<S>> {
        Some(Aggregate { aggregate_id: self.aggregate_id?, version: self.version, state: self.state? })
    }
}

impl<S: EventSourced> Default for Fold<S> {
    fn default() -> Self {
        Self { aggregate_id: None, version: 0, state: None }
    }
}

/// Applies the events in order, starting from the aggregate before the first one, and returns the result.
pub fn fold<'a, S: EventSourced>(
    before: Option<Aggregate<S>>,
    events: impl IntoIterator<Item = &'a EventDetail<S>>,
) -> Result<Option<Aggregate<S>>, ReduceError> {
    let mut fold = before.map_or_else(Fold::default, Fold::from_aggregate);
    for event in events {
        fold.add(event)?;
    }
    Ok(fold.into_aggregate())
}
