//! Property tests that compare two event stores in one storage with a map.

use std::collections::BTreeMap;

use castore::prelude::*;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{config, day, run};
use crate::messaging::counter::{Counter, CounterEvent};

#[derive(Debug, Clone, PartialEq, Event)]
enum TwinEvent {
    Counted(u64),
}

/// An event store whose aggregates have the same ids as the counters, to test that the storage separates the stores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TWINS", event = TwinEvent)]
struct Twin {
    sum: u64,
}

impl Reducer for Twin {
    fn reduce(twin: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let TwinEvent::Counted(value) = event.payload;
        Ok(Self { sum: twin.map_or(0, |twin| twin.sum) + value })
    }
}

/// An event that a test pushes to one of the two stores.
#[derive(Debug, Clone, Copy)]
struct Write {
    twin: bool,
    id: u8,
    version: u64,
    value: u64,
}

impl Write {
    fn key(&self) -> (bool, u8, u64) {
        (self.twin, self.id, self.version)
    }
}

#[derive(Debug, Clone)]
enum Operation {
    Push { write: Write, day: u8, force: bool },
    Group { writes: Vec<Write>, day: u8, force: bool },
    Read { id: u8, min: Option<u64>, max: Option<u64>, limit: Option<u64>, reverse: bool },
    Fold { id: u8, max: u64 },
}

fn write() -> impl Strategy<Value = Write> {
    (any::<bool>(), 0u8..3, 1u64..5, 0u64..100).prop_map(|(twin, id, version, value)| Write {
        twin,
        id,
        version,
        value,
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    let version = || proptest::option::of(0u64..6);
    prop_oneof![
        4 => (write(), 0u8..4, prop::bool::weighted(0.2))
            .prop_map(|(write, day, force)| Operation::Push { write, day, force }),
        2 => (prop::collection::vec(write(), 1..4), 0u8..4, prop::bool::weighted(0.2))
            .prop_map(|(writes, day, force)| Operation::Group { writes, day, force }),
        2 => (0u8..3, version(), version(), version(), any::<bool>())
            .prop_map(|(id, min, max, limit, reverse)| Operation::Read { id, min, max, limit, reverse }),
        1 => (0u8..3, 0u64..6).prop_map(|(id, max)| Operation::Fold { id, max }),
    ]
}

/// The expected content of the storage: the value and the day of each event, by store, id and version.
type Model = BTreeMap<(bool, u8, u64), (u64, u8)>;

struct Stores {
    counters: EventStore<Counter>,
    twins: EventStore<Twin>,
    model: Model,
}

fn id(id: u8) -> String {
    format!("id{id}")
}

impl Stores {
    fn counter_event(write: Write, at: u8) -> NewEvent<Counter> {
        NewEvent::new(id(write.id), write.version, CounterEvent::Counted(write.value)).timestamp(day(at))
    }

    fn twin_event(write: Write, at: u8) -> NewEvent<Twin> {
        NewEvent::new(id(write.id), write.version, TwinEvent::Counted(write.value)).timestamp(day(at))
    }

    /// Returns the first write that conflicts with a stored event or an earlier write, according to the model.
    fn conflict(&self, writes: &[Write], force: bool) -> Option<(bool, u8, u64)> {
        let taken = |at: usize, write: &Write| {
            self.model.contains_key(&write.key()) || writes[..at].iter().any(|other| other.key() == write.key())
        };
        let mut writes_at = writes.iter().enumerate().filter(|_| !force);
        writes_at.find(|(at, write)| taken(*at, write)).map(|(_, write)| write.key())
    }

    fn check(&mut self, outcome: Result<(), PushEventError>, writes: &[Write], at: u8, force: bool) {
        match (outcome, self.conflict(writes, force)) {
            (Ok(()), None) => {
                for write in writes {
                    self.model.insert(write.key(), (write.value, at));
                }
            }
            (Err(PushEventError::EventAlreadyExists(lost)), Some((twin, number, version))) => {
                let store = if twin { "TWINS" } else { "COUNTERS" };
                assert_eq!(
                    (lost.event_store_id.as_str(), lost.aggregate_id, lost.version),
                    (store, id(number), version)
                );
            }
            (outcome, conflict) => panic!("{outcome:?} where the model says {conflict:?}"),
        }
    }

    async fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Push { write, day, force } => {
                let outcome = if write.twin {
                    self.twins.push_event(Self::twin_event(write, day)).force(force).allow_gap(true).await.map(drop)
                } else {
                    self.counters
                        .push_event(Self::counter_event(write, day))
                        .force(force)
                        .allow_gap(true)
                        .await
                        .map(drop)
                };
                self.check(outcome, &[write], day, force);
            }
            Operation::Group { writes, day, force } => {
                // The type of a group depends on its events: a `Vec` for one store, a tuple for both.
                let outcome = match writes.as_slice() {
                    [a, b] if a.twin != b.twin && a.twin => {
                        let group = (
                            self.twins.group_event(Self::twin_event(*a, day)),
                            self.counters.group_event(Self::counter_event(*b, day)),
                        );
                        push_event_group(group).force(force).allow_gap(true).await.map(drop)
                    }
                    [a, b] if a.twin != b.twin => {
                        let group = (
                            self.counters.group_event(Self::counter_event(*a, day)),
                            self.twins.group_event(Self::twin_event(*b, day)),
                        );
                        push_event_group(group).force(force).allow_gap(true).await.map(drop)
                    }
                    _ => {
                        let writes: Vec<_> = writes.iter().map(|write| Write { twin: false, ..*write }).collect();
                        let group: Vec<_> = writes
                            .iter()
                            .map(|write| self.counters.group_event(Self::counter_event(*write, day)))
                            .collect();
                        let outcome = push_event_group(group).force(force).allow_gap(true).await.map(drop);
                        return self.check(outcome, &writes, day, force);
                    }
                };
                self.check(outcome, &writes, day, force);
            }
            Operation::Read { id: number, min, max, limit, reverse } => {
                let mut request = self.counters.get_events(id(number)).reverse(reverse);
                if let Some(min) = min {
                    request = request.min_version(min);
                }
                if let Some(max) = max {
                    request = request.max_version(max);
                }
                if let Some(limit) = limit {
                    request = request.limit(limit);
                }
                let read: Vec<(u64, u64, Timestamp)> = request
                    .await
                    .unwrap()
                    .into_iter()
                    .map(|event| {
                        let CounterEvent::Counted(value) = event.payload;
                        (event.version, value, event.timestamp)
                    })
                    .collect();
                let mut wanted: Vec<_> = self
                    .model
                    .iter()
                    .filter(|((twin, other, version), _)| {
                        !twin
                            && *other == number
                            && min.is_none_or(|min| *version >= min)
                            && max.is_none_or(|max| *version <= max)
                    })
                    .map(|((_, _, version), (value, at))| (*version, *value, day(*at)))
                    .collect();
                if reverse {
                    wanted.reverse();
                }
                wanted.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
                assert_eq!(read, wanted);
            }
            Operation::Fold { id: number, max } => {
                let folded = self.twins.get_aggregate(id(number)).max_version(max).await.unwrap();
                let events: Vec<_> = self.model.range((true, number, 0)..=(true, number, max)).collect();
                let sum = events.iter().map(|(_, (value, _))| value).sum();
                let wanted = events.last().map(|((_, _, version), _)| (*version, sum));
                assert_eq!(folded.aggregate.map(|twin| (twin.version, twin.sum)), wanted);
                assert_eq!(folded.events.len(), events.len());
            }
        }
    }

    async fn check_lists(&self) {
        let listed = self.counters.list_aggregate_ids().await.unwrap().aggregate_ids;
        let listed: Vec<_> =
            listed.into_iter().map(|listed| (listed.initial_event_timestamp, listed.aggregate_id)).collect();
        let mut wanted: Vec<_> = self
            .model
            .iter()
            .filter(|((twin, _, version), _)| !twin && *version == 1)
            .map(|((_, number, _), (_, at))| (day(*at), id(*number)))
            .collect();
        wanted.sort();
        assert_eq!(listed, wanted);
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn stores_behave_like_a_map(operations in prop::collection::vec(operation(), 1..40)) {
        run(async {
            let storage = InMemoryEventStorageAdapter::new();
            let (counters, twins) = (EventStore::new(storage.clone()), EventStore::new(storage));
            let mut stores = Stores { counters, twins, model: Model::new() };
            for operation in operations {
                stores.run(operation).await;
            }
            stores.check_lists().await;
        });
    }
}
