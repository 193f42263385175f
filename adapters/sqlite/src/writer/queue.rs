use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use castore_core::storage::StorageError;
use tokio::sync::Semaphore;

use super::job::{Job, Slot, Weight};
use super::task::Task;

/// How many pushes may wait or be under way. Further ones wait outside, holding nothing but themselves.
const SLOTS: usize = 4096;

/// How long the writer waits for callers that it has just answered. A flush takes longer.
const LINGER: Duration = Duration::from_micros(50);

/// The pushes that wait for a transaction.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    /// `state.jobs.len()`, to look at without a lock.
    length: AtomicUsize,
    slots: Arc<Semaphore>,
}

#[derive(Debug)]
struct State {
    jobs: VecDeque<Job>,
    weight: Weight,
    tasks: VecDeque<Task>,
    /// Jobs were done last, so that it is the turn of a task.
    task_next: bool,
    /// The log is long and nobody has moved it into the database file yet.
    checkpoint: bool,
    open: bool,
    /// How many others may still use the connection, which the writer's thread keeps until then.
    leases: usize,
    /// The writer's thread sleeps. (To notify a condition variable that nobody waits for is a system call too.)
    asleep: bool,
}

/// What the writer's thread is to do.
#[derive(Debug)]
pub(super) enum Next {
    Jobs,
    Task(Task),
    Checkpoint,
    /// Nothing is left, and nothing will come.
    End,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                weight: Weight::default(),
                tasks: VecDeque::new(),
                task_next: false,
                checkpoint: false,
                open: true,
                leases: 0,
                asleep: false,
            }),
            work: Condvar::new(),
            length: AtomicUsize::new(0),
            slots: Arc::new(Semaphore::new(SLOTS)),
        }
    }

    /// Waits for a free slot.
    pub(super) async fn reserve(&self) -> Result<Slot, StorageError> {
        // A future that waits may be given a slot and keep it without being polled. So nobody waits who need not, be it
        // only because the runtime wants the task to make a pause.
        match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => Ok(slot),
            Err(_) => Arc::clone(&self.slots).acquire_owned().await.map_err(|_| StorageError::ShutDown),
        }
    }

    /// Adds a job; without `wake`, the caller sees to it that somebody does it, unless there is no free slot any more:
    /// then whoever waits for one must not depend on callers that may never be polled again.
    pub(super) fn put(&self, job: Job, wake: bool) -> Result<(), StorageError> {
        let mut state = self.lock();
        if !state.open {
            return Err(StorageError::ShutDown);
        }
        state.weight = state.weight.plus(job.weight());
        state.jobs.push_back(job);
        self.length.store(state.jobs.len(), Ordering::Release);
        if wake || self.slots.available_permits() == 0 {
            self.wake(state);
        }
        Ok(())
    }

    /// Adds a transaction of another kind, for the writer's thread.
    pub(super) fn put_task(&self, task: Task) -> Result<(), StorageError> {
        let mut state = self.lock();
        if !state.open {
            return Err(StorageError::ShutDown);
        }
        state.tasks.push_back(task);
        self.wake(state);
        Ok(())
    }

    /// Puts back at the front what was taken.
    pub(super) fn put_back(&self, jobs: Vec<Job>) {
        let mut state = self.lock();
        for job in jobs.into_iter().rev() {
            state.weight = state.weight.plus(job.weight());
            state.jobs.push_front(job);
        }
        self.length.store(state.jobs.len(), Ordering::Release);
        self.wake(state);
    }

    /// Takes jobs until they reach the limit: at least one, if there is one.
    pub(super) fn take(&self, limit: Weight) -> Vec<Job> {
        let mut state = self.lock();
        let jobs: Vec<Job> = if state.weight.within(limit) {
            state.weight = Weight::default();
            state.jobs.drain(..).collect()
        } else {
            let mut taken = Weight::default();
            let mut jobs = Vec::new();
            while let Some(job) = state.jobs.front() {
                let weight = job.weight();
                if !jobs.is_empty() && !taken.plus(weight).within(limit) {
                    break;
                }
                taken = taken.plus(weight);
                jobs.extend(state.jobs.pop_front());
            }
            state.weight = state.weight.minus(taken);
            jobs
        };
        self.length.store(state.jobs.len(), Ordering::Release);
        jobs
    }

    /// Takes all transactions of another kind.
    pub(super) fn take_tasks(&self) -> VecDeque<Task> {
        std::mem::take(&mut self.lock().tasks)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length.load(Ordering::Acquire) == 0
    }

    /// What waits, in all.
    pub(super) fn weight(&self) -> Weight {
        self.lock().weight
    }

    /// Wakes the writer's thread if there is work.
    pub(super) fn wake_for_jobs(&self) {
        fence(Ordering::SeqCst);
        if !self.is_empty() {
            self.wake(self.lock());
        }
    }

    /// Asks the writer's thread for a checkpoint.
    pub(super) fn wake_for_checkpoint(&self) {
        let mut state = self.lock();
        state.checkpoint = true;
        self.wake(state);
    }

    fn wake(&self, mut state: MutexGuard<'_, State>) {
        if state.asleep {
            state.asleep = false;
            drop(state);
            self.work.notify_one();
        }
    }

    /// What is next for the writer's thread; sleeps while there is nothing.
    ///
    /// `returning` callers were just answered and are likely to come again soon: waiting for them for a moment makes
    /// one transaction of what would be two.
    pub(super) fn next(&self, returning: usize) -> Next {
        self.linger(returning);
        let mut state = self.lock();
        loop {
            // In turn, so that neither keeps the other waiting.
            if (state.task_next || state.jobs.is_empty())
                && let Some(task) = state.tasks.pop_front()
            {
                state.task_next = false;
                return Next::Task(task);
            }
            if !state.jobs.is_empty() {
                state.task_next = true;
                return Next::Jobs;
            }
            if std::mem::take(&mut state.checkpoint) {
                return Next::Checkpoint;
            }
            if !state.open && state.leases == 0 {
                return Next::End;
            }
            state.asleep = true;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.asleep = false;
        }
    }

    fn linger(&self, returning: usize) {
        if returning < 2 {
            // A caller that is alone has nobody to share with.
            return;
        }
        let start = Instant::now();
        let mut turns = 0u32;
        while self.length.load(Ordering::Acquire) < returning / 2 && start.elapsed() < LINGER {
            turns += 1;
            if turns < 16 {
                std::hint::spin_loop();
            } else {
                // Others may need this core, not least the callers we wait for.
                std::thread::yield_now();
            }
        }
    }

    /// Takes no more jobs. Those that wait will still be done.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.open = false;
        self.slots.close();
        self.wake(state);
    }

    /// Somebody else uses the connection until [`release`](Self::release).
    pub(super) fn lease(&self) {
        self.lock().leases += 1;
    }

    pub(super) fn release(&self) {
        let mut state = self.lock();
        state.leases -= 1;
        self.wake(state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_put_back_keeps_its_slot() {
        let queue = Queue::new();
        for _ in 0..3 {
            let (job, answer) = Job::new(Vec::new(), false, queue.reserve().await.unwrap());
            queue.put(job, false).unwrap();
            queue.put_back(queue.take(Weight::default()));
            assert_eq!(queue.slots.available_permits(), SLOTS - 1);
            for job in queue.take(Weight::default()) {
                job.answer(Ok(Vec::new()));
            }
            answer.await.unwrap().unwrap();
            assert_eq!(queue.slots.available_permits(), SLOTS);
        }
    }
}
