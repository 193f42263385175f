use crate::aggregate::Aggregate;
use crate::event::EventDetail;
use crate::event_sourced::{EventSourced, ReduceError};

/// The intermediate result of applying events to an aggregate. The reducer only receives and returns the state; this
/// type keeps the id and the version.
pub struct Fold<S: EventSourced> {
    aggregate_id: Option<S::AggregateId>,
    version: u64,
    state: Option<S>,
}

impl<S: EventSourced> Fold<S> {
    /// Creates a fold that starts from an existing aggregate.
    pub fn from_aggregate(before: Aggregate<S>) -> Self {
        Self { aggregate_id: Some(before.aggregate_id), version: before.version, state: Some(before.state) }
    }

    /// Applies the next event. If the reducer returns an error, the state is lost, and the fold must not be used again.
    pub fn add(&mut self, event: &EventDetail<S>) -> Result<(), ReduceError> {
        self.state = Some(S::__reduce(self.state.take(), event)?);
        self.version = event.version;
        if self.aggregate_id.is_none() {
            self.aggregate_id = Some(event.aggregate_id.clone());
        }
        Ok(())
    }

    /// Returns the resulting aggregate, or `None` if the fold started without an aggregate and no event was applied.
    pub fn into_aggregate(self) -> Option<Aggregate<S>> {
        Some(Aggregate { aggregate_id: self.aggregate_id?, version: self.version, state: self.state? })
    }
}

impl<S: EventSourced> Default for Fold<S> {
    fn default() -> Self {
        Self { aggregate_id: None, version: 0, state: None }
    }
}

/// Applies `events` in order to the aggregate `before`, and returns the resulting aggregate. Returns `None` if `before`
/// is `None` and there are no events. Stops at the first error of the reducer.
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
