use castore_core::event::{EncodeEventError, EventDetail, decode, encode};
use castore_core::event_sourced::EventSourced;
use castore_core::storage::RawEvent;
use serde_json::Value;
use serde_json::value::RawValue;

use super::ForgetError;

type Apply = dyn Fn(&RawEvent) -> Result<Option<RawEvent>, ForgetError> + Send + Sync;

/// A rule that replaces the personal data in the events of one event store. The type of the event store is erased, so
/// that one list can contain the rules of several event stores.
pub(crate) struct Rule {
    pub(crate) event_store_id: &'static str,
    apply: Box<Apply>,
}

impl Rule {
    pub(crate) fn new<S: EventSourced>(replace: impl Fn(&mut EventDetail<S>) + Send + Sync + 'static) -> Self {
        Self { event_store_id: S::EVENT_STORE_ID, apply: Box::new(move |raw| apply(raw, &replace)) }
    }

    /// Returns the event to store instead of `event`, or `None` if the event does not change.
    ///
    /// # Errors
    /// [`ForgetError::Decode`], [`ForgetError::Encode`] or [`ForgetError::ChangedIdentity`].
    pub(super) fn apply(&self, event: &RawEvent) -> Result<Option<RawEvent>, ForgetError> {
        (self.apply)(event)
    }
}

fn apply<S: EventSourced>(
    raw: &RawEvent,
    replace: &impl Fn(&mut EventDetail<S>),
) -> Result<Option<RawEvent>, ForgetError> {
    let encode_error = |source: EncodeEventError| ForgetError::Encode {
        event_store_id: S::EVENT_STORE_ID.to_owned(),
        aggregate_id: raw.aggregate_id.clone(),
        version: raw.version,
        source: Box::new(source),
    };
    let before = decode::<S>(raw.as_ref()).map_err(|error| ForgetError::Decode(Box::new(error)))?;
    let mut after = before.clone();
    replace(&mut after);
    let read = encode(&before).map_err(encode_error)?;
    let now = encode(&after).map_err(encode_error)?;
    if (&now.aggregate_id, now.version, now.timestamp) != (&raw.aggregate_id, raw.version, raw.timestamp) {
        return Err(ForgetError::ChangedIdentity {
            event_store_id: S::EVENT_STORE_ID.to_owned(),
            aggregate_id: raw.aggregate_id.clone(),
            version: raw.version,
        });
    }
    // The first comparison detects each change by the rule, because it compares the JSON texts. The second comparison
    // detects stored fields that the types do not declare. The rule does not see these fields, and they may be personal
    // data. Therefore an event with such fields is stored without them.
    let is_changed = (&read.event_type, text(&read.payload), text(&read.metadata))
        != (&now.event_type, text(&now.payload), text(&now.metadata));
    let has_undeclared = (json(&raw.payload), json(&raw.metadata)) != (json(&now.payload), json(&now.metadata));
    Ok((is_changed || has_undeclared).then_some(now))
}

fn text(part: &Option<Box<RawValue>>) -> Option<&str> {
    part.as_deref().map(RawValue::get)
}

fn json(part: &Option<Box<RawValue>>) -> Option<Value> {
    text(part).and_then(|text| serde_json::from_str(text).ok())
}
