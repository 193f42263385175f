//! Tests of a relay whose log is replaced while the relay runs.

use castore_relay::{Relay, RelayRole, RelayStart};

use crate::support::*;

/// The number of pages of the log. Each page has three events.
const PAGES: u64 = 5;

/// Runs a relay until it is idle or has stopped. Before the read with the number `replaced_at`, the log of the relay is
/// replaced. Returns the names of the published events, whether the relay has stopped, and the number of reads.
async fn run(replaced_at: usize) -> (String, bool, usize) {
    let (first, second) = (World::new(), World::new());
    first.count("a", 1..=PAGES * 3).await;
    second.count("b", 1..=PAGES * 3).await;
    let log = ReplacedLog::new(&first.storage, &second.storage, replaced_at);
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let relay = Relay::builder(bus)
        .publish(&first.counters)
        .batch_size(3)
        .start_with(log.clone(), first.storage.clone(), RelayStart::Beginning)
        .await
        .unwrap();
    let mut status = relay.status_changes();
    let stopped = status.wait_for(|status| status.role == RelayRole::Stopped || status.position == Some(PAGES * 3));
    let is_stopped = stopped.await.unwrap().role == RelayRole::Stopped;
    if is_stopped {
        let error = relay.wait_for(PAGES * 3, LONG).await.unwrap_err().to_string();
        assert!(error.contains("no longer contains that event"), "{error}");
    }
    (broker.names(), is_stopped, log.reads())
}

/// The log may be replaced between any two reads: before a page is read ahead, between that read and its check, or
/// while a page is published.
#[tokio::test(start_paused = true)]
async fn no_event_of_another_log_is_published() {
    let (all, is_stopped, reads) = run(usize::MAX).await;
    assert_eq!(all, (1..=PAGES * 3).map(|version| format!("a{version}")).collect::<Vec<_>>().join(" "));
    assert!(!is_stopped);
    // The first read is left out, because a relay that has published nothing accepts any log.
    for replaced_at in 2..=reads {
        let (published, is_stopped, _) = run(replaced_at).await;
        assert!(is_stopped, "replaced before read {replaced_at}: {published}");
        assert!(all.starts_with(&published), "replaced before read {replaced_at}: {published}");
    }
}

/// Each page requires one read and one check that the log is still the same.
#[tokio::test(start_paused = true)]
async fn each_page_is_checked_once() {
    let (_, _, reads) = run(usize::MAX).await;
    // The first page needs no check, because no event was read before it.
    assert_eq!(reads as u64, 2 * PAGES - 1);
}
