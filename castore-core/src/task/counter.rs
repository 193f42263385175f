use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// A counter of running tasks, with a method that waits until all tasks have ended. All clones share one count.
#[derive(Debug, Clone, Default)]
pub struct TaskCounter(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    running: AtomicUsize,
    ended: Notify,
}

/// A guard that counts as a running task until it is dropped. [`TaskCounter::begin`] creates one.
#[derive(Debug)]
#[must_use = "the task counts as ended when this is dropped"]
pub struct CountedTask(Arc<Shared>);

impl TaskCounter {
    /// Counts a task as running until the returned guard is dropped.
    pub fn begin(&self) -> CountedTask {
        self.0.running.fetch_add(1, Ordering::SeqCst);
        CountedTask(self.0.clone())
    }

    /// Wraps a future so that it counts as a running task, from this call until the future completes or is dropped.
    pub fn track<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let task = self.begin();
        async move {
            // The future must be dropped before the task counts as ended. If the block is never polled, it drops its
            // captured variables in the order of their first use here. Once it is polled, it drops the awaited future
            // before its local variables.
            let (future, _task) = (future, task);
            future.await
        }
    }

    /// Returns the number of running tasks.
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }

    /// Waits until no task is running, including tasks that begin during the wait.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped.
    pub async fn ended(&self) {
        loop {
            let mut ended = pin!(self.0.ended.notified());
            // The waiter is registered before the counter is read, so that the end of a task in between is not missed.
            ended.as_mut().enable();
            if self.running() == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for CountedTask {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.ended.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicBool;
    use std::task::Poll;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_tasks_are_waited_for() {
        let counter = TaskCounter::default();
        counter.ended().await;
        for seconds in 1..=3 {
            tokio::spawn(counter.track(tokio::time::sleep(Duration::from_secs(seconds))));
        }
        let first = counter.begin();
        assert_eq!(counter.running(), 4);
        drop(first);
        let started = tokio::time::Instant::now();
        counter.ended().await;
        assert_eq!(started.elapsed().as_secs(), 3);
        assert_eq!(counter.running(), 0);
    }

    #[tokio::test]
    async fn a_task_is_dropped_before_it_counts_as_ended() {
        struct Slow(Arc<AtomicBool>);
        impl Drop for Slow {
            fn drop(&mut self) {
                std::thread::sleep(Duration::from_millis(20));
                self.0.store(true, Ordering::SeqCst);
            }
        }
        // The order must be the same for a future that is dropped before it completes and for one that was never
        // polled.
        for polled in [true, false] {
            let (counter, dropped) = (TaskCounter::default(), Arc::new(AtomicBool::new(false)));
            let slow = Slow(dropped.clone());
            let mut task = Box::pin(counter.track(async move {
                let _slow = slow;
                std::future::pending::<()>().await;
            }));
            if polled {
                let pending = poll_fn(|context| Poll::Ready(task.as_mut().poll(context).is_pending())).await;
                assert!(pending);
            }
            std::thread::spawn(move || drop(task));
            counter.ended().await;
            assert!(dropped.load(Ordering::SeqCst), "polled: {polled}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_end_is_missed() {
        for _ in 0..2_000 {
            let counter = TaskCounter::default();
            let task = counter.begin();
            let ended = tokio::spawn(async move { drop(task) });
            tokio::time::timeout(Duration::from_secs(10), counter.ended()).await.unwrap();
            ended.await.unwrap();
        }
    }
}
