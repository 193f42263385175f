use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use castore_core::consumer::HandlerError;
use castore_sqlite::projection::SqliteReadModels;
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};
use tokio::time::sleep;

use super::support::{Counts, SOON, counts, options, parking, start, stored};
use crate::support::{grouped, place, push};

/// Returns a projection that fails, panics or is slow at random.
fn moody(seed: u64) -> Counts<1> {
    let random = Mutex::new(fastrand::Rng::with_seed(seed));
    Counts::failing(move |_| {
        let mood = random.lock().unwrap().u32(0..400);
        match mood {
            0 => Err(HandlerError::new("not today")),
            1 => std::panic::panic_any("in a bad mood"),
            2..=4 => {
                std::thread::sleep(Duration::from_millis(1));
                Ok(())
            }
            _ => Ok(()),
        }
    })
}

async fn run_and_drop(models: SqliteReadModels, log: SqliteEventStorageAdapter, done: Arc<AtomicBool>, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    while !done.load(Ordering::SeqCst) {
        let options = options().batch_size(random.usize(1..40)).attempts(100);
        let running = models.start(moody(random.u64(..)), log.clone(), options).await.unwrap();
        sleep(Duration::from_millis(random.u64(1..40))).await;
        if random.bool() {
            running.shutdown().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_counts_once_whatever_happens_to_the_runners() {
    for beside in [false, true] {
        let place = place();
        let log =
            SqliteEventStorageAdapter::builder(&place.path).synchronous(Synchronous::Normal).open().await.unwrap();
        let path = if beside { place.folder.path().join("read.db") } else { place.path.clone() };
        let models = SqliteReadModels::open(&path).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let mut runners = tokio::task::JoinSet::new();
        for seed in 0..3 {
            // Two of the runners read the log through another adapter, as another process does.
            let log = if seed == 0 { log.clone() } else { place.open().await };
            runners.spawn(run_and_drop(models.clone(), log, Arc::clone(&done), seed));
        }
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..4 {
            let log = log.clone();
            writers.spawn(async move {
                let mut last = 0;
                for version in 1..=150 {
                    let id = format!("{n}");
                    last = if version % 5 == 0 {
                        let group = vec![grouped(&log, &id, version), grouped(&log, &format!("{n}b"), version / 5)];
                        use castore_core::storage::EventStorageAdapter;
                        log.push_event_group(group, Default::default()).await.unwrap()[1].position.unwrap()
                    } else {
                        push(&log, &id, version).await.unwrap()
                    };
                    sleep(Duration::from_millis(5)).await;
                }
                last
            });
        }
        let last = writers.join_all().await.into_iter().max().unwrap();
        done.store(true, Ordering::SeqCst);
        runners.join_all().await;
        let running = start(&models, Counts::<1>::new(), &log).await;
        running.wait_for(last, SOON).await.unwrap();
        assert_eq!(counts(&path), stored(&place.path));
        assert_eq!(stored(&place.path).values().sum::<u64>(), 4 * (150 + 30));
        assert_eq!(models.parked("counts", 1).await.unwrap(), []);
        running.shutdown().await.unwrap();
    }
}

/// Returns a projection that rejects every third event of the aggregates 0 and 1 until `healed` is set.
fn poisoned(healed: &Arc<AtomicBool>) -> Counts<1> {
    let healed = Arc::clone(healed);
    Counts::failing(move |seen| {
        let is_poison = ["0", "1"].contains(&seen.aggregate.as_str()) && seen.version % 3 == 0;
        if is_poison && !healed.load(Ordering::SeqCst) { Err(HandlerError::park("poison")) } else { Ok(()) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn parked_aggregates_catch_up_while_others_write_and_retry() {
    let place = place();
    let log = place.open().await;
    let models = log.read_models().unwrap();
    let healed = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicBool::new(false));
    let refused = Arc::new(AtomicU32::new(0));
    let mut runners = tokio::task::JoinSet::new();
    for seed in 0..2 {
        let (models, log, healed, done) = (models.clone(), log.clone(), Arc::clone(&healed), Arc::clone(&done));
        let refused = Arc::clone(&refused);
        runners.spawn(async move {
            let mut random = fastrand::Rng::with_seed(seed);
            while !done.load(Ordering::SeqCst) {
                let options = parking().batch_size(random.usize(1..20));
                let running = models.start(poisoned(&healed), log.clone(), options).await.unwrap();
                for _ in 0..random.u32(1..10) {
                    sleep(Duration::from_millis(random.u64(1..10))).await;
                    let aggregate = random.u32(0..3).to_string();
                    let retried = running.retry_parked("STORE", &aggregate).await;
                    refused.fetch_add(u32::from(retried.is_err()), Ordering::SeqCst);
                }
            }
        });
    }
    let mut last = 0;
    for version in 1..=120 {
        for aggregate in ["0", "1", "2"] {
            last = push(&log, aggregate, version).await.unwrap();
        }
        sleep(Duration::from_millis(2)).await;
        if version == 60 {
            let begin = Instant::now();
            // Wait until retries have failed before healing.
            while refused.load(Ordering::SeqCst) <= 5 {
                assert!(begin.elapsed() < SOON, "{refused:?} retries were refused");
                sleep(Duration::from_millis(2)).await;
            }
            healed.store(true, Ordering::SeqCst);
        }
    }
    done.store(true, Ordering::SeqCst);
    runners.join_all().await;
    let running = models.start(poisoned(&healed), log.clone(), parking()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    for parked in models.parked("counts", 1).await.unwrap() {
        assert!(running.retry_parked("STORE", &parked.aggregate_id).await.unwrap());
    }
    assert_eq!(counts(&place.path), stored(&place.path));
    assert_eq!(counts(&place.path).values().sum::<u64>(), 360);
    assert_eq!(models.parked("counts", 1).await.unwrap(), []);
}
