use crate::aggregate::Aggregate;
use crate::event::EventDetail;
use crate::event_sourced::{EventSourced, ReduceError};

/// An aggregate on its way through its events. The id stays where it is: only the state goes through the reducer.
pub struct Fold<S: EventSourced> {
    aggregate_id: Option<S::AggregateId>,
    version: u64,
    state: Option<S>,
}

impl<S: EventSourced> Fold<S> {
    /// From what the aggregate was before the events.
    pub fn from_aggregate(before: Aggregate<S>) -> Self {
        Self { aggregate_id: Some(before.aggregate_id), version: before.version, state: Some(before.state) }
    }

    /// One more event. After an error there is no state any more.
    pub fn add(&mut self, event: &EventDetail<S>) -> Result<(), ReduceError> {
        self.state = Some(S::__reduce(self.state.take(), event)?);
        self.version = event.version;
        if self.aggregate_id.is_none() {
            self.aggregate_id = Some(event.aggregate_id.clone());
        }
        Ok(())
    }

    /// The aggregate, if there were any events.
    pub fn into_aggregate(self) -> Option<Aggregate<S>> {
        Some(Aggregate { aggregate_id: self.aggregate_id?, version: self.version, state: self.state? })
    }
}

impl<S: EventSourced> Default for Fold<S> {
    fn default() -> Self {
        Self { aggregate_id: None, version: 0, state: None }
    }
}

/// The aggregate after all these events, from what it was before them.
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
