use castore_core::aggregate::{Aggregate, fold};
use castore_core::context::EventContext;
use castore_core::event::{EventDetail, NewEvent, encode, encode_with_undeclared};
use castore_core::event_sourced::{EventSourced, MetadataRule as _};
use castore_core::storage::{PushReceipt, RawEvent, StorageError};
use castore_core::time::Timestamp;

use super::safe_integers::unsafe_integer;
use crate::event_store::unconnected::Settings;
use crate::event_store::{PushEventError, PushedEvent, UnsafeIntegerError};

/// An event that has passed all checks that do not need the storage.
pub(super) struct Prepared<S: EventSourced> {
    event: EventDetail<S>,
    next_aggregate: Option<Aggregate<S>>,
}

impl<S: EventSourced> Prepared<S> {
    /// Checks an event. Returns the complete event and its encoded form for the storage.
    pub(super) fn new(new: NewEvent<S>, timestamp: Timestamp) -> Result<(Self, RawEvent), PushEventError> {
        let lacked_metadata = new.__lacked_metadata();
        let NewEvent { aggregate_id, version, payload, metadata, prev_aggregate, context, __stored: read, .. } = new;
        // `u64::MAX` is rejected, because no version can follow it: see `Aggregate::next_event`.
        if version == 0 || version == u64::MAX {
            let aggregate_id = aggregate_id.to_string();
            return Err(PushEventError::InvalidVersion { event_store_id: S::EVENT_STORE_ID, aggregate_id, version });
        }
        if S::MetadataRule::REQUIRED && metadata.is_none() && !lacked_metadata {
            let aggregate_id = aggregate_id.to_string();
            return Err(PushEventError::MissingMetadata { event_store_id: S::EVENT_STORE_ID, aggregate_id, version });
        }
        let mut event = EventDetail::<S>::new(aggregate_id, version, timestamp, payload);
        event.metadata = metadata;
        event.context = context.unwrap_or_else(EventContext::current);
        let event = event.__stored();
        let next_aggregate = match prev_aggregate {
            // The next aggregate has the id and the version of the event, even if they do not match the previous
            // aggregate.
            Some(before) => {
                let aggregate_id = event.aggregate_id.clone();
                let before = Aggregate { aggregate_id, version: before.version, state: before.state };
                fold(Some(before), [&event])?
            }
            None if version == 1 => fold(None, [&event])?,
            None => None,
        };
        let encoded = match read {
            Some(read) => encode_with_undeclared(&event, &read),
            None => encode(&event),
        };
        match encoded {
            Ok(raw) => Ok((Self { event, next_aggregate }, raw)),
            Err(source) => Err(PushEventError::Encode {
                event_store_id: S::EVENT_STORE_ID,
                aggregate_id: event.aggregate_id.to_string(),
                version,
                source: Box::new(source),
            }),
        }
    }

    /// Rejects an event with an unsafe integer, if the store is configured to do so.
    pub(super) fn check_integers(&self, raw: &RawEvent, settings: &Settings<S>) -> Result<(), PushEventError> {
        let found = settings.refuses_unsafe_integers().then(|| unsafe_integer(raw)).flatten();
        match found {
            None => Ok(()),
            Some(field) => Err(PushEventError::UnsafeInteger(Box::new(UnsafeIntegerError {
                event_store_id: S::EVENT_STORE_ID,
                aggregate_id: self.event.aggregate_id.to_string(),
                version: self.event.version,
                field,
            }))),
        }
    }

    pub(super) fn stored(self, stored: PushReceipt) -> PushedEvent<S> {
        PushedEvent { event: self.event, next_aggregate: self.next_aggregate, position: stored.position }
    }

    /// Converts an error of the storage into the error of the push. A conflict and a version gap already identify an
    /// event. All other errors get the store, aggregate id and version of this event.
    pub(super) fn error(&self, source: StorageError) -> PushEventError {
        match source {
            StorageError::EventAlreadyExists(conflict) => PushEventError::EventAlreadyExists(conflict),
            StorageError::VersionGap(gap) => PushEventError::VersionGap(gap),
            source => PushEventError::Storage {
                event_store_id: S::EVENT_STORE_ID,
                aggregate_id: self.event.aggregate_id.to_string(),
                version: self.event.version,
                source: Box::new(source),
            },
        }
    }
}
