//! Clients and unique names.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::message::StreamMessage;
use castore_core::consumer::MessageContext;
use castore_core::message::ChannelMessage;

/// Returns the URL of the NATS server.
pub(crate) fn url() -> String {
    std::env::var("CASTORE_TEST_NATS_URL").expect(
        "CASTORE_TEST_NATS_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    )
}

/// Returns a new connection, because concurrent tests have different runtimes.
pub(crate) async fn client() -> Client {
    let patience = Duration::from_secs(60);
    let options = async_nats::ConnectOptions::new().connection_timeout(patience).request_timeout(Some(patience));
    options.connect(url()).await.expect("a NATS server")
}

/// Returns a subject prefix, and thereby a stream name, that no other test uses.
pub(crate) fn prefix() -> String {
    format!("test-{}", uuid::Uuid::new_v4().simple())
}

/// Deletes streams when dropped, so that long-running servers do not fill up.
pub(crate) struct Streams(pub(crate) String);

impl Drop for Streams {
    fn drop(&mut self) {
        let prefix = self.0.clone();
        // The runtime of the test may be ending.
        let deleted = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let jetstream = async_nats::jetstream::new(client().await);
                for stream in [prefix.clone(), format!("{prefix}_DEAD")] {
                    let _ = jetstream.delete_stream(stream).await;
                }
            });
        });
        let _ = deleted.join();
    }
}

/// Returns a client, and a guard that deletes the streams of a new prefix.
pub(crate) async fn fresh() -> (Client, Streams) {
    (client().await, Streams(prefix()))
}

/// Returns the messages in a stream, in order: subject, headers and body.
pub(crate) async fn stored(client: &Client, stream: &str) -> Vec<StreamMessage> {
    let jetstream = async_nats::jetstream::new(client.clone());
    let stream = jetstream.get_stream(stream).await.expect("the stream");
    let state = &stream.cached_info().state;
    let mut messages = Vec::new();
    if state.messages > 0 {
        for sequence in state.first_sequence..=state.last_sequence {
            // Acknowledged messages have been removed.
            messages.extend(stream.get_raw_message(sequence).await.ok());
        }
    }
    messages
}

pub(crate) fn header<'a>(message: &'a StreamMessage, name: &str) -> Option<&'a str> {
    message.headers.get(name).map(|value| value.as_str())
}

/// Waits until a condition is true.
pub(crate) async fn until(what: &str, wanted: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !wanted().await {
        assert!(tokio::time::Instant::now() < deadline, "not in 60 s: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The calls of a handler: aggregate, version and attempt.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Vec<(String, u64, u32)>>>);

impl Calls {
    pub(crate) fn note(&self, message: &impl ChannelMessage, context: MessageContext) {
        let message = message.as_message();
        let call = (message.aggregate_id(), message.version().unwrap_or_default(), context.attempt);
        self.0.lock().unwrap().push(call);
    }

    pub(crate) fn all(&self) -> Vec<(String, u64, u32)> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn versions(&self, aggregate_id: &str) -> Vec<u64> {
        self.all().into_iter().filter(|call| call.0 == aggregate_id).map(|call| call.1).collect()
    }

    pub(crate) async fn until(&self, calls: usize) {
        until(&format!("{calls} calls"), async || self.all().len() >= calls).await;
    }
}
