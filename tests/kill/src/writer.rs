use std::sync::Arc;
use std::time::Duration;

use castore::EventSourced;
use castore::event::IntoAggregateId;
use castore::prelude::*;
use fastrand::Rng;

use crate::domain::{Counter, CounterEvent, Note, NoteEvent, aggregate_id};
use crate::folder::Lines;
use crate::{Arguments, Storage};

const TASKS: u64 = 4;
const COUNTERS: u64 = 12;
const NOTES: u64 = 4;
/// The average pause of a task between two pushes.
const PAUSE: Duration = Duration::from_millis(35);

struct Writer {
    counters: EventStore<Counter>,
    notes: EventStore<Note>,
    acknowledged: Arc<Lines>,
    conflicts: Arc<Lines>,
    rng: Rng,
    name: String,
}

/// Pushes events to a few aggregates that all writers share.
pub(crate) async fn write(arguments: &Arguments, storage: impl Storage) {
    let counters = EventStore::<Counter>::new(storage.clone());
    let notes = EventStore::<Note>::new(storage);
    let acknowledged = Arc::new(arguments.folder.append_to("acknowledged"));
    let conflicts = Arc::new(arguments.folder.append_to("conflicts"));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let mut writer = Writer {
            counters: counters.clone(),
            notes: notes.clone(),
            acknowledged: acknowledged.clone(),
            conflicts: conflicts.clone(),
            rng: Rng::with_seed(arguments.seed.wrapping_mul(TASKS).wrapping_add(task)),
            name: format!("{}-{}-{task}", arguments.name, arguments.seed),
        };
        tasks.spawn(async move {
            for turn in 0.. {
                writer.act(turn).await;
                tokio::time::sleep(PAUSE.mul_f64(writer.rng.f64() * 2.0)).await;
            }
        });
    }
    // A panic of a task ends the process, which the test notices.
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

impl Writer {
    async fn act(&mut self, turn: u64) {
        let counter = aggregate_id(self.rng.u64(..COUNTERS));
        match self.rng.u32(..100) {
            0..60 => {
                let counted = count(&Count { counter, by: self.rng.u64(1..10) }, &self.counters).await;
                self.note(counted);
            }
            60..80 => {
                let note = aggregate_id(self.rng.u64(..NOTES));
                let taken = Take { counter, note, group: format!("{}-{turn}", self.name) };
                let pushed = take_note(&taken, &self.counters, &self.notes).await;
                self.note(pushed);
            }
            80..90 => self.replace(&counter).await,
            _ => self.lose(&counter).await,
        }
    }

    /// Replaces a stored event with a forced push. The log does not deliver the event again.
    async fn replace(&mut self, counter: &str) {
        let events = self.counters.get_events(counter).await.unwrap();
        if events.is_empty() {
            return;
        }
        let mut event = events[self.rng.usize(..events.len())].clone();
        if let CounterEvent::Counted { revision, .. } = &mut event.payload {
            *revision += 1;
        }
        let replaced = self.counters.push_event(event.into()).force(true).await;
        self.note(replaced.map(|pushed| vec![key(&pushed)]));
    }

    /// Pushes a version that already exists.
    async fn lose(&mut self, counter: &str) {
        let events = self.counters.get_events(counter).await.unwrap();
        let Some(event) = events.last().cloned() else { return };
        match self.counters.push_event(event.into()).await {
            Err(PushEventError::EventAlreadyExists(_)) => self.conflicts.append("conflict"),
            other => panic!("the version is taken: {other:?}"),
        }
    }

    fn note(&self, pushed: Result<Vec<String>, PushEventError>) {
        match pushed {
            Ok(keys) => keys.into_iter().for_each(|key| self.acknowledged.append(key)),
            // Too many version conflicts with other writers.
            Err(PushEventError::EventAlreadyExists(_)) => self.conflicts.append("gave up"),
            Err(error) => panic!("{error:?}"),
        }
    }
}

struct Count {
    counter: String,
    by: u64,
}

#[command(id = "COUNT", retries = 10)]
async fn count(input: &Count, counters: &impl Store<Counter>) -> Result<Vec<String>, PushEventError> {
    let version = next_version(counters, input.counter.as_str()).await;
    let counted = CounterEvent::Counted { by: input.by, revision: 0 };
    let pushed = counters.push_event(NewEvent::new(input.counter.clone(), version, counted)).await?;
    Ok(vec![key(&pushed)])
}

struct Take {
    counter: String,
    note: String,
    group: String,
}

#[command(id = "TAKE_NOTE", retries = 10)]
async fn take_note(
    input: &Take,
    counters: &impl Store<Counter>,
    notes: &impl Store<Note>,
) -> Result<Vec<String>, PushEventError> {
    let Take { counter, note, group } = input;
    let counter_version = next_version(counters, counter.as_str()).await;
    let note_version = next_version(notes, note.as_str()).await;
    let noted = CounterEvent::Noted { note_id: note.clone(), group: group.clone() };
    let taken = NoteEvent::Taken { group: group.clone() };
    let (noted, taken) = push_event_group((
        counters.group_event(NewEvent::new(counter.clone(), counter_version, noted)),
        notes.group_event(NewEvent::new(note.clone(), note_version, taken)),
    ))
    .await?;
    Ok(vec![key(&noted), key(&taken)])
}

async fn next_version<S: EventSourced>(store: &impl Store<S>, id: impl IntoAggregateId<S::AggregateId>) -> u64 {
    store.get_aggregate(id).without_events().await.unwrap().map_or(0, |aggregate| aggregate.version) + 1
}

fn key<S: EventSourced<AggregateId = String>>(pushed: &PushedEvent<S>) -> String {
    format!("{} {} {}", S::EVENT_STORE_ID, pushed.event.aggregate_id, pushed.event.version)
}
