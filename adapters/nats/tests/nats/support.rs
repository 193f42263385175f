//! Clients, and names that nobody else has.

use async_nats::Client;

/// Where the NATS server is.
pub(crate) fn url() -> String {
    std::env::var("CASTORE_TEST_NATS_URL").expect(
        "CASTORE_TEST_NATS_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    )
}

/// A connection of its own: tests that run at the same time have runtimes of their own.
pub(crate) async fn client() -> Client {
    async_nats::connect(url()).await.expect("a NATS server")
}

/// A prefix of subjects, and with it a stream, that no other test has.
pub(crate) fn prefix() -> String {
    format!("test-{}", uuid::Uuid::new_v4().simple())
}

/// Deletes streams when it is dropped, so that servers that are kept running do not fill up.
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
