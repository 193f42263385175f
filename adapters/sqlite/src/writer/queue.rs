use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use castore_core::storage::StorageError;
use tokio::sync::Semaphore;

use super::job::{Job, Slot, Weight};
use super::task::Task;

/// The maximum number of unfinished pushes and tasks. Further pushes and tasks wait for a free slot.
const SLOTS: usize = 4096;

/// The maximum time that the writer waits for new pushes of callers that have just received their results. This time is
/// shorter than a flush.
const LINGER: Duration = Duration::from_micros(50);

/// The queue of the jobs (pushes) and tasks that wait for the writer.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    /// The length of `state.jobs`, readable without the lock.
    length: AtomicUsize,
    slots: Arc<Semaphore>,
}

#[derive(Debug)]
struct State {
    jobs: VecDeque<Job>,
    weight: Weight,
    tasks: VecDeque<Task>,
    /// Whether the next step executes a task, because the last step executed jobs.
    task_next: bool,
    /// Whether a checkpoint was requested and has not run yet.
    checkpoint: bool,
    open: bool,
    /// The number of leases on the connection. The writer's thread keeps the connection until all leases are released.
    leases: usize,
    /// Whether the writer's thread sleeps. The condition variable is notified only if this flag is set, because a
    /// notification costs a system call even if no thread waits.
    asleep: bool,
}

/// The next step of the writer's thread.
#[derive(Debug)]
pub(super) enum Next {
    Jobs,
    Task(Task),
    Checkpoint,
    /// The queue is empty and closed, and all leases are released.
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
        // A waiting future may be assigned a slot, and keeps the slot even if the future is never polled again.
        // Therefore this function waits only if no slot is free: `acquire` can return `Pending` although a slot is
        // free, because the task has used up its budget of the runtime.
        match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => Ok(slot),
            Err(_) => Arc::clone(&self.slots).acquire_owned().await.map_err(|_| StorageError::ShutDown),
        }
    }

    /// Adds a job, and wakes the writer's thread if `wake` is set. Without `wake`, the caller must execute the job or
    /// wake the thread. If no slot is free, the writer's thread is woken anyway, because callers that wait for a slot
    /// must not depend on callers that may never be polled again.
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

    /// Adds a task: a transaction that may store something other than events.
    pub(super) fn put_task(&self, task: Task) -> Result<(), StorageError> {
        let mut state = self.lock();
        if !state.open {
            return Err(StorageError::ShutDown);
        }
        state.tasks.push_back(task);
        self.wake(state);
        Ok(())
    }

    /// Puts jobs back at the front of the queue, from which they were taken.
    pub(super) fn put_back(&self, jobs: Vec<Job>) {
        let mut state = self.lock();
        for job in jobs.into_iter().rev() {
            state.weight = state.weight.plus(job.weight());
            state.jobs.push_front(job);
        }
        self.length.store(state.jobs.len(), Ordering::Release);
        self.wake(state);
    }

    /// Takes jobs up to the limit, and at least one if the queue is not empty.
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

    /// Takes all tasks.
    pub(super) fn take_tasks(&self) -> VecDeque<Task> {
        std::mem::take(&mut self.lock().tasks)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length.load(Ordering::Acquire) == 0
    }

    /// Returns the total weight of the waiting jobs.
    pub(super) fn weight(&self) -> Weight {
        self.lock().weight
    }

    /// Wakes the writer's thread if jobs wait.
    pub(super) fn wake_for_jobs(&self) {
        fence(Ordering::SeqCst);
        if !self.is_empty() {
            self.wake(self.lock());
        }
    }

    /// Requests a checkpoint from the writer's thread.
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

    /// Returns the next step of the writer's thread. Sleeps while there is nothing to do.
    ///
    /// `returning` is the number of callers that have just received their results and are likely to push again soon. A
    /// short wait for these callers merges their pushes into one transaction.
    pub(super) fn next(&self, returning: usize) -> Next {
        self.linger(returning);
        let mut state = self.lock();
        loop {
            // Jobs and tasks alternate, so that neither delays the other.
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
            // With a single caller, there are no other pushes that could share the transaction.
            return;
        }
        let start = Instant::now();
        let mut turns = 0u32;
        while self.length.load(Ordering::Acquire) < returning / 2 && start.elapsed() < LINGER {
            turns += 1;
            if turns < 16 {
                std::hint::spin_loop();
            } else {
                // Other threads may need this core, including those of the returning callers.
                std::thread::yield_now();
            }
        }
    }

    /// Rejects further jobs and tasks, and fails callers that wait for a slot. Queued jobs and tasks are still
    /// executed.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.open = false;
        self.slots.close();
        self.wake(state);
    }

    /// Registers a lease on the connection, until [`release`](Self::release).
    pub(super) fn lease(&self) {
        self.lock().leases += 1;
    }

    pub(super) fn release(&self) {
        let mut state = self.lock();
        state.leases -= 1;
        self.wake(state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use castore_core::storage::PushOptions;

    use super::*;

    #[tokio::test]
    async fn what_is_put_back_keeps_its_slot() {
        let queue = Queue::new();
        for _ in 0..3 {
            let (job, answer) = Job::new(Vec::new(), PushOptions::new(), queue.reserve().await.unwrap());
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
