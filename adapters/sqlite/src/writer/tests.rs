use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use castore_core::storage::{PushOptions, PushReceipt, RawEvent, StorageError};
use castore_core::time::Timestamp;
use rusqlite::Connection;
use rusqlite::hooks::{AuthContext, Authorization};
use tempfile::TempDir;
use tokio::sync::oneshot::error::TryRecvError;

use super::{Task, Write, Writer, run};
use crate::schema;

/// A writer without its thread, and another connection to its file.
struct Setup {
    writer: Arc<Writer>,
    other: Connection,
    _folder: TempDir,
}

fn setup() -> Setup {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let mut connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    schema::migrate(&mut connection).unwrap();
    let writer = Arc::new(Writer::new(connection, None, Duration::from_secs(20), true));
    Setup { writer, other: Connection::open(path).unwrap(), _folder: folder }
}

fn write() -> Vec<Write> {
    vec![Write {
        event_store_id: "STORE".into(),
        event: RawEvent {
            aggregate_id: "a".to_owned(),
            version: 1,
            event_type: "HAPPENED".into(),
            timestamp: Timestamp::from_unix_millis(0).unwrap(),
            payload: None,
            metadata: None,
        },
    }]
}

type Outcome = Result<Vec<PushReceipt>, StorageError>;

/// Pushes on a separate thread.
fn push(writer: &Arc<Writer>) -> Receiver<Outcome> {
    let (reply, answer) = channel();
    let writer = Arc::clone(writer);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = reply.send(runtime.block_on(writer.write(write(), PushOptions::new())));
    });
    answer
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        thread::yield_now();
    }
}

/// Blocks the connection at its next statement until a value is sent.
fn stop_at_next_statement(writer: &Writer) -> (Receiver<()>, Sender<()>) {
    let (arrive, arrived) = channel();
    let (go_on, wait) = channel();
    let mut stopped = false;
    let stop = move |_: AuthContext<'_>| {
        if !std::mem::replace(&mut stopped, true) {
            arrive.send(()).unwrap();
            wait.recv().unwrap();
        }
        Authorization::Allow
    };
    let guard = writer.connection.lock().unwrap_or_else(PoisonError::into_inner);
    guard.as_ref().unwrap().connection.authorizer(Some(stop)).unwrap();
    (arrived, go_on)
}

/// In this test, the writer is closed after a caller has taken its push from the queue, and before the caller finds the
/// file locked.
#[test]
fn a_push_that_is_put_back_after_the_end_is_stored() {
    let Setup { writer, other, _folder } = setup();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (arrived, go_on) = stop_at_next_statement(&writer);
    let answer = push(&writer);
    arrived.recv().unwrap();
    writer.close();
    let ended = thread::spawn({
        let writer = Arc::clone(&writer);
        move || run(&writer)
    });
    eventually("the thread does not end", || writer.waiting.load(Ordering::Relaxed) > 0);
    go_on.send(()).unwrap();
    // If the thread had a bug, it would end within this time without storing the push.
    thread::sleep(Duration::from_millis(50));
    other.execute_batch("ROLLBACK").unwrap();
    let outcome = answer.recv_timeout(Duration::from_secs(20)).expect("the push waits forever");
    assert_eq!(outcome.unwrap().len(), 1);
    ended.join().unwrap();
}

/// A dropped push must not stay in the queue until another caller pushes.
#[test]
fn a_push_that_is_dropped_leaves_the_queue() {
    let Setup { writer, other: _, _folder } = setup();
    let thread = thread::spawn({
        let writer = Arc::clone(&writer);
        move || run(&writer)
    });
    // After this pause, the thread sleeps and must be woken.
    thread::sleep(Duration::from_millis(50));
    let mut pushing = Box::pin(writer.write(write(), PushOptions::new()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(pushing.as_mut().poll(&mut context).is_pending());
    assert!(!writer.queue.is_empty());
    drop(pushing);
    eventually("the push still waits", || writer.queue.is_empty());
    writer.close();
    thread.join().unwrap();
}

/// After a panic of the writer's thread, no thread is left to execute the waiting tasks, so they must fail.
#[test]
fn no_caller_waits_after_a_panic_of_the_thread() {
    let Setup { writer, other: _, _folder } = setup();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let Poll::Ready(Ok(slot)) = Box::pin(writer.queue.reserve()).as_mut().poll(&mut context) else { panic!("no slot") };
    // A panic in the work of the caller is caught, so this test panics in `committed`, which is work of the writer.
    let bug = |_: &()| panic!("a bug");
    let (task, mut under_way) = Task::new(|_| Ok::<_, StorageError>(()), bug, slot);
    writer.queue.put_task(task).unwrap();
    let mut queued = Box::pin(writer.transact(|_| Ok(())));
    assert!(queued.as_mut().poll(&mut context).is_pending());
    let thread = thread::spawn({
        let writer = Arc::clone(&writer);
        move || run(&writer)
    });
    assert!(thread.join().is_err());
    // The caller reports an unknown outcome.
    assert!(matches!(under_way.try_recv(), Err(TryRecvError::Closed)));
    let outcome = queued.as_mut().poll(&mut context);
    assert!(matches!(outcome, Poll::Ready(Err(StorageError::ShutDown))), "{outcome:?}");
    let outcome = Box::pin(writer.transact(|_| Ok(()))).as_mut().poll(&mut context);
    assert!(matches!(outcome, Poll::Ready(Err(StorageError::ShutDown))), "{outcome:?}");
}

/// A writer of another process polls for the lock of the file. The writer under test always has work, and each of its
/// transactions takes a while, as with a slow disk, so the file is unlocked only for moments.
#[test]
fn a_busy_writer_leaves_the_file_free_for_another_one() {
    const TURNS: usize = 20;
    let Setup { writer, mut other, _folder } = setup();
    crate::busy_handler::install(&mut other).unwrap();
    let thread = thread::spawn({
        let writer = Arc::clone(&writer);
        move || run(&writer)
    });
    let transactions = Arc::new(AtomicUsize::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let busy = thread::spawn({
        let (writer, transactions, over) = (Arc::clone(&writer), Arc::clone(&transactions), Arc::clone(&over));
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                while !over.load(Ordering::SeqCst) {
                    let transactions = Arc::clone(&transactions);
                    // Several transactions run at a time, so that a job is always waiting.
                    let slow = || {
                        let transactions = Arc::clone(&transactions);
                        writer.transact(move |_| {
                            thread::sleep(Duration::from_millis(5));
                            transactions.fetch_add(1, Ordering::SeqCst);
                            Ok(())
                        })
                    };
                    let (one, two, three) = tokio::join!(slow(), slow(), slow());
                    one.and(two).and(three).unwrap();
                }
            });
        }
    });
    eventually("the writer is busy", || transactions.load(Ordering::SeqCst) > 3);
    let before = transactions.load(Ordering::SeqCst);
    for _ in 0..TURNS {
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        // The busy writer finds the file locked by this connection.
        thread::sleep(Duration::from_millis(5));
        other.execute_batch("COMMIT").unwrap();
        // The busy writer has locked the file again.
        let now = transactions.load(Ordering::SeqCst);
        eventually("the writer goes on", || transactions.load(Ordering::SeqCst) > now);
    }
    let beside = transactions.load(Ordering::SeqCst) - before;
    over.store(true, Ordering::SeqCst);
    busy.join().unwrap();
    writer.close();
    thread.join().unwrap();
    println!("{beside} transactions of the busy writer beside {TURNS} of the other one");
    assert!(beside <= 10 * TURNS, "{beside} transactions of the busy writer beside {TURNS} of the other one");
}
