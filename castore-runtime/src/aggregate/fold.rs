use crate::{Aggregate, EventDetail, EventSourced, ReduceError};

/// The aggregate after one more event.
pub(crate) fn next<S: EventSourced>(
    before: Option<Aggregate<S>>,
    event: &EventDetail<S>,
) -> Result<Aggregate<S>, ReduceError> {
    // The id is moved along where there is one: cloning it for every event would cost as much as many a reducer.
    let (aggregate_id, state) = match before {
        Some(before) => (before.aggregate_id, Some(before.state)),
        None => (event.aggregate_id.clone(), None),
    };
    Ok(Aggregate { aggregate_id, version: event.version, state: S::__reduce(state, event)? })
}

/// The aggregate after all these events, from what it was before them.
pub(crate) fn fold<'a, S: EventSourced>(
    before: Option<Aggregate<S>>,
    events: impl IntoIterator<Item = &'a EventDetail<S>>,
) -> Result<Option<Aggregate<S>>, ReduceError> {
    events.into_iter().try_fold(before, |before, event| next(before, event).map(Some))
}
