//! An in-memory inbox that runs one transaction at a time.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::inbox::{HandlerTransaction, InboxDatabase, KitInboxError, TransactionEnd, effect};
use castore_core::inbox::{AgeUnit, InboxError, InboxRules, NameRules};
use castore_core::message::AnyMessage;
use tokio::sync::Mutex;

const RULES: InboxRules = InboxRules {
    engine: "memory",
    names: NameRules { max_bytes: None, reserved_prefix: None },
    nul_in_text: false,
    age_unit: AgeUnit::Milliseconds,
    longest_age: i64::MAX / 2,
};

/// A deliberate fault of an inbox.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    AlwaysFirst,
    NeverFirst,
    RecordedBeforeCommit,
    RecordedAfterCommit,
    EffectWithoutCommit,
    StoreIgnored,
    AggregateIgnored,
    VersionIgnored,
    ConsumerIgnored,
    ConsumerLowercased,
    IdsTrimmed,
    IdsCut,
    IdsJoined,
    NoVersionIsVersion1,
    KindCounts,
    VersionsAsFloats,
    VersionsWrap,
    ErrorShowsId,
    CheckThenInsert,
    ForgetsOneMore,
    ForgetsNothing,
    ForgetsAllConsumers,
    AgeOverflows,
    AgeInSeconds,
    HandledAgainIsNewer,
    NoTableIsEmpty,
    TableIsReplaced,
}

use Fault::*;

/// The key of a row: consumer, event store, aggregate, version, and a further column that some faults use.
type Row = (String, String, String, i64, String);

#[derive(Debug, Default, Clone)]
struct State {
    /// The rows, and their ages in milliseconds.
    table: Option<BTreeMap<Row, i64>>,
    effects: Vec<String>,
}

pub(crate) struct InMemoryInbox {
    fault: Option<Fault>,
    state: Mutex<State>,
}

fn missing() -> KitInboxError {
    InboxError::MissingTable { table: "inbox".to_owned() }
}

impl InMemoryInbox {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self { fault, state: Mutex::default() }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn row(&self, consumer: &str, message: &dyn AnyMessage) -> Result<Row, KitInboxError> {
        if self.is(VersionsWrap) && message.version().is_some_and(|version| version > i64::MAX as u64) {
            return Ok((String::new(), String::new(), String::new(), 0, String::new()));
        }
        let key = RULES.key(consumer, message).map_err(|error| match error {
            InboxError::Unsupported { engine, what } if self.is(ErrorShowsId) => {
                InboxError::Unsupported { engine, what: format!("{what}: {}", message.aggregate_id()) }
            }
            error => error,
        })?;
        let mut row =
            (key.consumer.to_owned(), key.event_store_id.to_owned(), key.aggregate_id, key.version, String::new());
        match self.fault {
            Some(StoreIgnored) => row.1.clear(),
            Some(AggregateIgnored) => row.2.clear(),
            Some(VersionIgnored) => row.3 = 0,
            Some(ConsumerIgnored) => row.0.clear(),
            Some(ConsumerLowercased) => row.0.make_ascii_lowercase(),
            Some(IdsTrimmed) => row.2 = row.2.trim_end().to_owned(),
            Some(IdsCut) => row.2 = row.2.chars().take(255).collect(),
            Some(IdsJoined) => (row.1, row.2) = (String::new(), format!("{}#{}", row.1, row.2)),
            Some(NoVersionIsVersion1) => row.3 = row.3.max(1),
            Some(KindCounts) => row.4 = message.event_type().unwrap_or("none").to_owned(),
            Some(VersionsAsFloats) => row.3 = row.3 as f64 as i64,
            _ => {}
        }
        Ok(row)
    }
}

#[async_trait]
impl InboxDatabase for InMemoryInbox {
    async fn create_table(&self) {
        let mut state = self.state.lock().await;
        if state.table.is_none() || self.is(TableIsReplaced) {
            state.table = Some(BTreeMap::new());
        }
    }

    async fn handle(&self, transaction: HandlerTransaction) -> Result<Vec<bool>, KitInboxError> {
        let mut state = self.state.lock().await;
        let before = state.clone();
        let mut answers = Vec::new();
        for message in &transaction.messages {
            let row = self.row(&transaction.consumer, &**message);
            if state.table.is_none() && self.is(NoTableIsEmpty) {
                state.table = Some(BTreeMap::new());
            }
            if self.is(CheckThenInsert)
                && !state.table.as_ref().is_some_and(|table| matches!(&row, Ok(row) if table.contains_key(row)))
            {
                // The pause gives other transactions time to read the table before this transaction writes to it.
                drop(state);
                tokio::time::sleep(Duration::from_millis(2)).await;
                state = self.state.lock().await;
                state.table.get_or_insert_default().remove(row.as_ref().unwrap());
            }
            let recorded = row.and_then(|row| {
                let table = state.table.as_mut().ok_or_else(missing)?;
                let known = if self.is(RecordedAfterCommit) {
                    before.table.as_ref().is_some_and(|before| before.contains_key(&row))
                } else {
                    table.contains_key(&row)
                };
                if !known || self.is(HandledAgainIsNewer) {
                    table.insert(row, 0);
                }
                Ok(!known)
            });
            match recorded {
                Ok(first) => answers.push((first || self.is(AlwaysFirst)) && !self.is(NeverFirst)),
                Err(error) => {
                    *state = before;
                    return Err(error);
                }
            }
            if answers.last() == Some(&true) {
                state.effects.push(effect(&**message));
            }
        }
        if transaction.end == TransactionEnd::Rollback {
            let after = std::mem::replace(&mut *state, before);
            match self.fault {
                Some(RecordedBeforeCommit) => state.table = after.table,
                Some(EffectWithoutCommit) => state.effects = after.effects,
                _ => {}
            }
        }
        Ok(answers)
    }

    async fn effects(&self) -> Vec<String> {
        self.state.lock().await.effects.clone()
    }

    async fn forget_older_than(&self, consumer: &str, age: Duration) -> Result<u64, KitInboxError> {
        RULES.check_consumer::<io::Error>(consumer)?;
        let mut state = self.state.lock().await;
        if self.is(NoTableIsEmpty) {
            state.table.get_or_insert_default();
        }
        let table = state.table.as_mut().ok_or_else(missing)?;
        let age = match self.fault {
            Some(AgeOverflows) => age.as_millis() as i64,
            Some(AgeInSeconds) => i64::try_from(age.as_secs()).unwrap_or(i64::MAX),
            Some(ForgetsOneMore) => RULES.age(age) - 24 * 60 * 60 * 1000,
            Some(ForgetsNothing) => i64::MAX,
            _ => RULES.age(age),
        };
        let before = table.len();
        table.retain(|row, old| (row.0 != consumer && !self.is(ForgetsAllConsumers)) || *old <= age);
        Ok((before - table.len()) as u64)
    }

    async fn make_older(&self, age: Duration) {
        let mut state = self.state.lock().await;
        state.table.iter_mut().flat_map(BTreeMap::values_mut).for_each(|old| *old += age.as_millis() as i64);
    }
}
