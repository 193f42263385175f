//! The published messages: notifications of about 200 bytes.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use castore::prelude::*;

pub(crate) type Failure = Box<dyn std::error::Error>;

#[derive(Debug, Clone, PartialEq, Event)]
pub(crate) enum ParcelEvent {
    Weighed { grams: u32, note: String },
}

#[derive(Debug, Clone)]
#[event_store(id = "PARCELS", event = ParcelEvent)]
pub(crate) struct Parcel;

impl Reducer for Parcel {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

message_channel! {
    pub(crate) type ParcelQueue = NotificationMessageQueue<Parcel>;
    pub(crate) type ParcelBus = NotificationMessageBus<Parcel>;
    #[channel(order = "per_aggregate")]
    pub(crate) type OrderedParcelQueue = NotificationMessageQueue<Parcel>;
}

/// Returns `count` messages, which belong to `aggregates` aggregates in turn. Each run uses new aggregates, because
/// brokers drop duplicates.
pub(crate) fn messages(count: u64, aggregates: u64) -> Result<Vec<NotificationMessage<Parcel>>, Failure> {
    let run = uuid::Uuid::new_v4().simple().to_string();
    (0..count)
        .map(|number| {
            let payload = ParcelEvent::Weighed { grams: number as u32, note: "handle with care".to_owned() };
            let event = EventDetail::new(
                format!("{run}-{}", number % aggregates),
                number / aggregates + 1,
                "2024-01-01T00:00:00.000Z".parse()?,
                payload,
            );
            Ok(NotificationMessage { event })
        })
        .collect()
}

/// Serializes a message for a raw client in the same way as the library does.
pub(crate) fn json_of(message: &NotificationMessage<Parcel>) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

/// Counts messages, and waits until all have arrived.
#[derive(Clone)]
pub(crate) struct Counter {
    count: Arc<AtomicU64>,
    all: u64,
    done: Arc<tokio::sync::Notify>,
}

impl Counter {
    pub(crate) fn to(all: u64) -> Self {
        Self { count: Arc::default(), all, done: Arc::default() }
    }

    pub(crate) fn add(&self) {
        if self.count.fetch_add(1, Ordering::AcqRel) + 1 == self.all {
            self.done.notify_one();
        }
    }

    pub(crate) async fn wait(&self) {
        self.done.notified().await;
    }
}

pub(crate) fn variable(name: &str) -> Result<String, Failure> {
    env::var(name).map_err(|_| format!("{name} is not set: see the first lines of benches/brokers/bench.rs").into())
}

pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Settings of a client of the AWS emulator, with a separate account.
pub(crate) struct Emulator {
    pub(crate) endpoint: String,
    pub(crate) account: String,
}

impl Emulator {
    pub(crate) fn new() -> Result<Self, Failure> {
        let account = format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
        Ok(Self { endpoint: variable("CASTORE_TEST_AWS_ENDPOINT_URL")?, account })
    }
}

/// Measures the time of `operations` operations. Returns an error if the work fails.
pub(crate) fn measured<E: Into<Failure>>(
    runtime: &tokio::runtime::Runtime,
    operations: u64,
    work: impl Future<Output = Result<(), E>>,
) -> Result<(u64, Duration), Failure> {
    let start = Instant::now();
    runtime.block_on(work).map_err(Into::into)?;
    Ok((operations, start.elapsed()))
}
