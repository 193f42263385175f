//! Kills writers and relays, pauses relays for longer than their lease, rejects messages temporarily and makes the
//! broker temporarily unavailable. Every stored event must be published, in order, with a bounded number of duplicates.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use castore::relay::{AcquireLease, LeaseOutcome, RelayAdmin};
use castore_kill_tests::{Arguments, BATCH, Folder, LEASE, POISONED, Place, RELAY, Role, Sent, Storage};

use crate::fleet::Fleet;
use crate::places::{PostgresWorld, SqliteWorld, killed_writers_are_done};
use crate::seed::seed;
use crate::stored::{Key, PushReceipt};
use crate::until;

const WRITERS: u64 = 2;
const RELAYS: u64 = 2;

#[tokio::test]
async fn sqlite() {
    let world = SqliteWorld::new().await;
    Voyage::new("relays::sqlite", world.storage.clone(), &world.folder, &world.place).go().await;
}

#[tokio::test]
async fn postgres() {
    let world = PostgresWorld::new().await;
    Voyage::new("relays::postgres", world.storage.clone(), &world.folder, &world.place).go().await;
}

struct Voyage<S> {
    test: &'static str,
    storage: S,
    admin: RelayAdmin,
    place: Place,
    folder: Folder,
    fleet: Fleet,
}

impl<S: Storage> Voyage<S> {
    fn new(test: &'static str, storage: S, folder: &Folder, place: &Place) -> Self {
        let seed = seed(test);
        folder.switch("poisoned", true);
        let mut fleet = Fleet::new(seed);
        let mut launch = |role: Role, number: u64| {
            let (place, folder) = (place.clone(), folder.clone());
            fleet.launch(Arguments { role, name: format!("{role}-{number}"), place, folder, seed: seed * 10 + number });
        };
        (0..WRITERS).for_each(|number| launch(Role::Writer, number));
        (0..RELAYS).for_each(|number| launch(Role::Relay, number));
        let admin = RelayAdmin::new(RELAY, storage.clone());
        Self { test, storage, admin, place: place.clone(), folder: folder.clone(), fleet }
    }

    async fn go(mut self) {
        let poisoned = POISONED.map(str::to_owned).into();
        // The broker rejects an event of two aggregates, which are then parked. No other aggregate is parked.
        self.sail(Duration::from_secs(3), &poisoned, |_| true).await;
        self.sail(Duration::ZERO, &poisoned, |voyage| voyage.parked == poisoned).await;
        self.folder.switch("poisoned", false);
        self.sail(Duration::from_secs(1), &poisoned, |voyage| voyage.parked.is_empty()).await;
        // The broker is unavailable, and no aggregate is parked.
        let none = BTreeSet::new();
        self.folder.switch("outage", true);
        self.sail(Duration::from_secs(2), &none, |voyage| voyage.calls_in_outage > 3).await;
        self.folder.switch("outage", false);
        self.sail(Duration::from_secs(2), &none, |sight| {
            sight.reader_kills >= 6 && sight.superseded >= 1 && sight.acknowledged > 300
        })
        .await;
        self.fleet.calm();
        until("who was paused sees that another leads", async || {
            self.fleet.check();
            self.fleet.is_blind().then(|| "not all do".to_owned())
        })
        .await;
        self.fleet.end(Role::Writer);
        killed_writers_are_done(&self.place, Role::Writer).await;
        let stored = PushReceipt::read(&self.storage).await;
        self.drain(&stored).await;
        self.fleet.end(Role::Relay);
        self.check(&stored).await;
    }

    /// Interrupts the processes for at least `time`, and until the condition `is_over` holds. Only the aggregates in
    /// `may_be_parked` may be parked in the meantime.
    async fn sail(&mut self, time: Duration, may_be_parked: &BTreeSet<String>, is_over: impl Fn(&Sight) -> bool) {
        let begun = Instant::now();
        let mut next_sight = begun;
        loop {
            let leader = self.admin.checkpoint().await.unwrap().and_then(|checkpoint| checkpoint.owner);
            self.fleet.trouble(leader.as_deref(), begun.elapsed().saturating_sub(time));
            if Instant::now() >= next_sight {
                let sight = self.look().await;
                assert!(sight.parked.is_subset(may_be_parked), "parked: {:?}", sight.parked);
                if begun.elapsed() >= time && is_over(&sight) {
                    return;
                }
                assert!(begun.elapsed() < time + crate::PATIENCE, "{}: never so: {sight:?}", self.test);
                next_sight = Instant::now() + Duration::from_millis(100);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn look(&self) -> Sight {
        let parked = self.admin.parked().await.unwrap();
        Sight {
            parked: parked.into_iter().map(|parked| parked.aggregate_id).collect(),
            calls_in_outage: self.count("outage"),
            reader_kills: self.fleet.reader_kills,
            superseded: self.fleet.superseded,
            acknowledged: self.folder.lines("acknowledged").len(),
        }
    }

    fn count(&self, what: &str) -> usize {
        self.folder.lines("broker").iter().filter(|line| line[0] == what).count()
    }

    fn sent(&self) -> Vec<Sent> {
        self.folder.lines("broker").iter().filter_map(Sent::of).collect()
    }

    /// Waits until all events are published.
    async fn drain(&mut self, stored: &PushReceipt) {
        let begun = Instant::now();
        until("all is published, and nothing parked", async || {
            self.fleet.check();
            let sent: BTreeSet<Key> = self.sent().into_iter().map(key).collect();
            let missing: Vec<_> = stored.keys.difference(&sent).collect();
            let parked = self.look().await.parked;
            (!missing.is_empty() || !parked.is_empty())
                .then(|| format!("{} are missing, the first: {:?}; parked: {parked:?}", missing.len(), missing.first()))
        })
        .await;
        println!("{}: drained in {:?}", self.test, begun.elapsed());
    }

    async fn check(&self, stored: &PushReceipt) {
        let acknowledged: BTreeSet<Key> = self.folder.lines("acknowledged").iter().map(acknowledged_key).collect();
        let lost: Vec<_> = acknowledged.difference(&stored.keys).collect();
        assert!(lost.is_empty(), "acknowledged, but not stored: {lost:?}");
        assert!(stored.groups.values().all(|events| *events == 2), "parts of groups: {:?}", stored.groups);

        let sent = self.sent();
        let mut first: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut known: BTreeSet<Key> = BTreeSet::new();
        let mut duplicates = 0;
        for message in &sent {
            if !known.insert(key(message.clone())) {
                duplicates += 1;
                continue;
            }
            let last = first.entry((message.store.clone(), message.aggregate.clone())).or_default();
            assert_eq!(message.version, *last + 1, "the first delivery of {message:?} is out of order");
            *last = message.version;
        }
        let phantoms: Vec<_> = known.difference(&stored.keys).collect();
        assert!(phantoms.is_empty(), "published, but not stored: {phantoms:?}");

        let (kills, pauses) = (self.fleet.kills, self.fleet.pauses);
        let takeovers = self.token().await - 1;
        let [broken_off, lost] = ["broken-off", "lost-lease"].map(|what| self.count(what));
        println!(
            "{}: {} events, {} groups, {} replaced; {kills} kills ({} of relays), {pauses} pauses ({} of leaders who were superseded), {takeovers} \
             takeovers, {lost} leases lost alive, {broken_off} calls broken off, {} refusals, {} calls in the outage, \
             {} conflicts; {duplicates} duplicates",
            self.test,
            stored.keys.len(),
            stored.groups.len(),
            stored.replaced,
            self.fleet.reader_kills,
            self.fleet.superseded,
            self.count("refused"),
            self.count("outage"),
            self.folder.lines("conflicts").len(),
        );
        // Each takeover, and each loss of a lease that a running relay noticed, may duplicate one batch. A call without
        // a response is repeated.
        let bound = BATCH * (takeovers + lost + broken_off);
        assert!(duplicates <= bound, "{duplicates} duplicates, which is more than {bound}");
        // The load was large enough.
        assert!(stored.keys.len() > 200 && stored.groups.len() > 20 && stored.replaced > 0);
        assert!(takeovers >= 2);
        assert!(self.count("refused") >= 2 && self.count("outage") > 3 && !self.folder.lines("conflicts").is_empty());
    }

    /// Returns how often relays have acquired the lease.
    async fn token(&self) -> usize {
        let log_id = self.storage.log_id().await.unwrap();
        let token = std::cell::Cell::new(0);
        until("the lease runs out", async || {
            let request = AcquireLease { relay: RELAY, owner: "the test", lasts: LEASE, log_id: &log_id, first: 0 };
            match self.storage.acquire(request).await.unwrap() {
                LeaseOutcome::Lease { lease, .. } => {
                    // The test itself has acquired one of the leases.
                    token.set(lease.token - 1);
                    None
                }
                LeaseOutcome::HeldByOther { owner, .. } => Some(format!("{owner} has it")),
            }
        })
        .await;
        usize::try_from(token.get()).unwrap()
    }
}

/// The state that the test observes.
#[derive(Debug)]
struct Sight {
    parked: BTreeSet<String>,
    calls_in_outage: usize,
    reader_kills: usize,
    superseded: usize,
    acknowledged: usize,
}

fn key(sent: Sent) -> Key {
    (sent.store, sent.aggregate, sent.version)
}

fn acknowledged_key(line: &castore_kill_tests::Line) -> Key {
    (line[0].clone(), line[1].clone(), line[2].parse().unwrap())
}
