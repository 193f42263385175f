//! Encoding of events that are stored again, which preserves undeclared fields.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::detail::EventDetail;
use super::encode::{encode, write};
use super::encode_error::EncodeEventError;
use super::round_trip::check_round_trip;
use super::stored_event::StoredEvent;
use crate::event_sourced::EventSourced;
use crate::json::{JsonError, JsonProblem, RawObject};
use crate::storage::RawEvent;

/// Encodes an event that was read as `stored` and may have been changed since. Unchanged parts are written as they are
/// stored.
///
/// A stored key counts as undeclared, and is kept, if the encoding of the event as it was read does not contain this
/// key. However, such a key may also be an alias of a declared field. In this case, the encoding contains the declared
/// key, and an event with both keys could not be read. Therefore the result is decoded again. If decoding does not
/// return the encoded event, the undeclared keys are tried one by one, and only keys that do not change the event are
/// kept.
pub fn encode_with_undeclared<S: EventSourced>(
    event: &EventDetail<S>,
    stored: &StoredEvent<S>,
) -> Result<RawEvent, EncodeEventError> {
    let now = encode(event)?;
    let read = write::<S>(stored)?;
    let raw = stored.raw();
    // If this is false, the type of the event was changed, or the stored type is retired and its payload has other
    // fields.
    let is_same_type = stored.event_type() == event.event_type() && has_shape_of_today(stored, &read);
    let merged = |kept: &dyn Fn(usize) -> bool| -> Result<(RawEvent, usize), JsonError> {
        let mut merge = Merge { candidates: 0, kept };
        let payload = if is_same_type {
            merge.part("payload", raw.payload.as_deref(), read.payload.as_deref(), now.payload.as_deref())?
        } else {
            now.payload.clone()
        };
        let metadata =
            merge.part("metadata", raw.metadata.as_deref(), read.metadata.as_deref(), now.metadata.as_deref())?;
        Ok((RawEvent { payload, metadata, ..now.clone() }, merge.candidates))
    };
    let (all, candidates) = merged(&|_| true)?;
    if check_round_trip(event, &all).is_ok() {
        return Ok(all);
    }
    let (mut kept, mut best) = (Vec::new(), merged(&|_| false)?.0);
    for candidate in 0..candidates {
        let (next, _) = merged(&|index| index == candidate || kept.contains(&index))?;
        if check_round_trip(event, &next).is_ok() {
            kept.push(candidate);
            best = next;
        }
    }
    // If even the merge without undeclared keys cannot be read, the problem is an unchanged part, for example a number
    // whose text is read inexactly. Nothing from the stored event is kept then.
    if check_round_trip(event, &best).is_err() { Ok(now) } else { Ok(best) }
}

/// Returns whether the stored payload has the shape of the current event type: the stored type is not retired, or only
/// its name is retired.
fn has_shape_of_today<S: EventSourced>(stored: &StoredEvent<S>, read: &RawEvent) -> bool {
    let raw = stored.raw();
    let renamed = || RawEvent { event_type: read.event_type.clone(), ..raw.clone() };
    raw.event_type == read.event_type || check_round_trip(stored, &renamed()).is_ok()
}

/// A merge of an event's stored JSON with the changes to the event. The changes are the differences between the
/// encoding of the event as it was read and the encoding of the changed event.
struct Merge<'a> {
    /// The number of undeclared keys that were found so far, which is the index of the next undeclared key.
    candidates: usize,
    /// A function that returns whether to keep the undeclared key with this index.
    kept: &'a dyn Fn(usize) -> bool,
}

impl Merge<'_> {
    fn part(
        &mut self,
        root: &'static str,
        stored: Option<&RawValue>,
        read: Option<&RawValue>,
        now: Option<&RawValue>,
    ) -> Result<Option<Box<RawValue>>, JsonError> {
        match (stored, read, now) {
            (Some(stored), Some(read), Some(now)) => {
                let failed = |error| JsonError { path: root.to_owned(), problem: JsonProblem::Serialize(error) };
                self.value(stored, read, now).map(Some).map_err(failed)
            }
            // Neither encoding has a payload or metadata, so the stored value was not changed.
            (stored, None, None) => Ok(stored.map(ToOwned::to_owned)),
            (_, _, now) => Ok(now.map(ToOwned::to_owned)),
        }
    }

    fn value(&mut self, stored: &RawValue, read: &RawValue, now: &RawValue) -> serde_json::Result<Box<RawValue>> {
        if read.get() == now.get() {
            return Ok(stored.to_owned());
        }
        if let (Some(stored), Some(read), Some(now)) =
            (RawObject::of(stored)?, RawObject::of(read)?, RawObject::of(now)?)
        {
            return self.object(&stored, &read, &now);
        }
        if let (Some(stored), Some(read), Some(now)) = (list(stored)?, list(read)?, list(now)?)
            && stored.len() == read.len()
            && read.len() == now.len()
        {
            let elements = stored.iter().zip(&read).zip(&now);
            let merged: Result<Vec<_>, _> =
                elements.map(|((stored, read), now)| self.value(stored, read, now)).collect();
            return to_raw_value(&merged?);
        }
        Ok(now.to_owned())
    }

    fn object(
        &mut self,
        stored: &RawObject<'_>,
        read: &RawObject<'_>,
        now: &RawObject<'_>,
    ) -> serde_json::Result<Box<RawValue>> {
        let mut merged = Vec::with_capacity(stored.0.len());
        for (key, now) in &now.0 {
            let value = match (stored.get(key), read.get(key)) {
                (Some(stored), Some(read)) => self.value(stored, read, now)?,
                _ => (*now).to_owned(),
            };
            merged.push((key.as_str(), value));
        }
        for (key, value) in &stored.0 {
            // A key that is missing in both encodings is undeclared. A key that is missing only in the encoding of the
            // changed event was removed by the change, so it is not kept.
            if read.get(key).is_none() && now.get(key).is_none() {
                if (self.kept)(self.candidates) {
                    merged.push((key, (*value).to_owned()));
                }
                self.candidates += 1;
            }
        }
        to_raw_value(&Entries(merged))
    }
}

/// Parses a list. Returns `None` if the value is not a list.
fn list(value: &RawValue) -> serde_json::Result<Option<Vec<&RawValue>>> {
    if value.get().starts_with('[') { serde_json::from_str(value.get()).map(Some) } else { Ok(None) }
}

struct Entries<'a>(Vec<(&'a str, Box<RawValue>)>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
