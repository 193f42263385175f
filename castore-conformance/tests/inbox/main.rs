//! Runs the kit against a reference inbox in memory, and against inboxes with deliberate faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod faulty;
mod in_memory;

use castore_conformance::inbox::{FreshInbox, InboxFactory};
use castore_conformance::storage::Capabilities;
use in_memory::{Fault, InMemoryInbox};

/// A factory of inboxes with or without a fault.
struct Factory(Option<Fault>);

#[castore_conformance::async_trait]
impl InboxFactory for Factory {
    async fn fresh(&self) -> FreshInbox {
        FreshInbox::new(InMemoryInbox::new(self.0))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full().without_nul_in_text().max_version(i64::MAX as u64)
    }
}

castore_conformance::inbox_conformance!(Factory(None));
