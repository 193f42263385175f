use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use castore_core::log::EventLog;

use super::{Counts, SOON, expect_counts, options};
use crate::support::{Schema, push};

const RUNS_FOR: Duration = Duration::from_secs(5);

/// The maximum duration of the test. On a slow machine, the test runs until enough has happened.
const AT_MOST: Duration = Duration::from_secs(60);

fn aggregate(number: u64) -> String {
    format!("aaaaaaaa-aaaa-4aaa-8aaa-{number:012}")
}

/// Two runners execute one projection. At random, their connections are closed and their tasks are aborted, while
/// writers push.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_event_counts_once_whatever_is_killed() {
    let schema = Schema::new().await;
    let writer = schema.adapter().await;
    let began = Instant::now();
    let until = began + RUNS_FOR;
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..6 {
        let writer = writer.clone();
        writers.spawn(async move {
            let mut version = 0;
            while Instant::now() < until || version <= 60 {
                version += 1;
                push(&writer, &aggregate(number), version).await.unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
    }
    let restarts = Arc::new(AtomicU64::new(0));
    let mut runners = Vec::new();
    for number in 0..2_u64 {
        let adapter = schema.open(schema.builder().application_name(format!("victim {}", schema.name))).await;
        let (done, restarts) = (Arc::clone(&done), Arc::clone(&restarts));
        runners.push(tokio::spawn(async move {
            let mut round = number;
            while !done.load(Ordering::SeqCst) {
                // Starting may fail on a connection that is being closed.
                let started = adapter.read_models().start(Counts::<1>::default(), adapter.clone(), options()).await;
                round += 1;
                if let Ok(running) = started {
                    tokio::time::sleep(Duration::from_millis(20 + round * 37 % 160)).await;
                    restarts.fetch_add(1, Ordering::SeqCst);
                    drop(running);
                }
            }
        }));
    }
    let mut killed = 0;
    while Instant::now() < until
        || (began.elapsed() < AT_MOST && (killed <= 20 || restarts.load(Ordering::SeqCst) <= 3))
    {
        killed += schema
            .value::<i64>(&format!(
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
                 WHERE application_name = 'victim {}' ORDER BY random() LIMIT 1) victims",
                schema.name
            ))
            .await;
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    for runner in runners {
        runner.await.unwrap();
    }
    let running = writer.read_models().start(Counts::<1>::default(), writer.clone(), options()).await.unwrap();
    running.wait_for(writer.end().await.unwrap().last_position, 6 * SOON).await.unwrap();
    let count = expect_counts(&schema, "counts").await;
    running.shutdown().await.unwrap();
    let restarts = restarts.load(Ordering::SeqCst);
    println!("{count} events, {killed} connections ended, {restarts} runners aborted");
    assert!(count > 300 && killed > 20 && restarts > 3, "{count} events, {killed} kills, {restarts} restarts");
}

/// Two concurrent runners of one projection apply each event once.
#[tokio::test]
async fn two_runners_do_not_disturb_each_other() {
    let schema = Schema::new().await;
    let writer = schema.adapter().await;
    // One connection is enough, because no task holds one while it waits for another.
    let other = schema.open(schema.builder().pool_size(1).acquire_timeout(std::time::Duration::from_secs(3))).await;
    let two = other.read_models().start(Counts::<1>::default(), other.clone(), options()).await.unwrap();
    let one = writer.read_models().start(Counts::<1>::default(), writer.clone(), options()).await.unwrap();
    let mut last = 0;
    for version in 1..=200 {
        for number in 0..2 {
            last = push(&writer, &aggregate(number), version).await.unwrap();
        }
    }
    one.wait_for(last, SOON).await.unwrap();
    two.wait_for(last, SOON).await.unwrap();
    assert_eq!(expect_counts(&schema, "counts").await, 400);
    let status = one.status().await.unwrap();
    assert_eq!((status.position, status.lag, status.live, status.parked), (last, 0, true, 0));
    one.shutdown().await.unwrap();
    two.shutdown().await.unwrap();
}
