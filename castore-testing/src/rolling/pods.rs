use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Journal, JournaledEvent, PodJournal};

/// A running instance of one version of the program.
#[async_trait]
pub trait Pod: Send + Sync + 'static {
    /// Pushes one event. `number` counts the pushes of this pod from 0.
    async fn push(&self, number: u64) -> JournaledEvent;

    /// Shuts down the consumers, the relay and the connections of the pod, as a deployment does when it replaces a pod.
    async fn stop(&self);
}

/// A rolling deployment of pods. All pods share a `World`, which contains the storage and the broker.
///
/// The deployment pushes events through each pod until the pod is stopped, so that pods are started and stopped under
/// load. Dropping the deployment ends the pushes, but does not shut down the pods.
#[must_use = "`finish` checks that no event was lost"]
pub struct Rolling<World> {
    world: World,
    journal: Journal,
    running: Vec<Running>,
    pause: Duration,
    patience: Duration,
}

/// A pod, with the task that pushes its events.
struct Running {
    name: String,
    pod: Arc<dyn Pod>,
    stop: watch::Sender<bool>,
    load: JoinHandle<()>,
}

impl Running {
    /// Ends the task after the current push. Must be called only once, because a completed `JoinHandle` must not be
    /// awaited again.
    async fn end_load(&mut self) {
        self.stop.send_replace(true);
        if let Err(error) = (&mut self.load).await {
            panic!("pod {} could not push: {error}", self.name);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.load.abort();
    }
}

impl<World: Clone> Rolling<World> {
    /// Creates a deployment without pods.
    pub fn new(world: World) -> Self {
        let (pause, patience) = (Duration::from_millis(5), Duration::from_secs(60));
        Self { world, journal: Journal::default(), running: Vec::new(), pause, patience }
    }

    /// Sets the time between two pushes of a pod. Defaults to 5 ms.
    pub fn pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Sets the time limit of each wait for pushes and deliveries. [`replace`](Self::replace), [`pushes`](Self::pushes)
    /// and [`finish`](Self::finish) panic when the limit is exceeded. Defaults to 60 s.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Starts the pod that `start` creates, and a task that pushes events through it.
    pub async fn start<P: Pod, Fut: Future<Output = P>>(
        &mut self,
        name: &str,
        start: impl FnOnce(World, PodJournal) -> Fut,
    ) {
        let journal = self.journal.of_pod(name);
        let pod: Arc<dyn Pod> = Arc::new(start(self.world.clone(), journal.clone()).await);
        let (stop, stopped) = watch::channel(false);
        let load = tokio::spawn(load(pod.clone(), journal, stopped, self.pause));
        self.running.push(Running { name: name.to_owned(), pod, stop, load });
    }

    /// Stops the pushes of a pod, and then the pod.
    ///
    /// # Panics
    /// If no pod of this name is running, or if the pod could not push an event.
    pub async fn stop(&mut self, name: &str) {
        let Some(at) = self.running.iter().position(|running| running.name == name) else {
            panic!("no pod {name} is running");
        };
        let mut running = self.running.remove(at);
        running.end_load().await;
        running.pod.stop().await;
    }

    /// Starts the pod `new`, and stops the pod `old` when the pod `new` has pushed an event.
    ///
    /// # Panics
    /// If the pod `new` pushes no event within the time limit ([`patience`](Self::patience)), if no pod `old` is
    /// running, or if the pod `old` could not push an event.
    pub async fn replace<P: Pod, Fut: Future<Output = P>>(
        &mut self,
        old: &str,
        new: &str,
        start: impl FnOnce(World, PodJournal) -> Fut,
    ) {
        self.start(new, start).await;
        self.until(&format!("pod {new} has pushed"), |journal| !journal.pushed_by(new).is_empty()).await;
        self.stop(old).await;
    }

    /// Waits until each running pod has pushed this number of further events.
    ///
    /// # Panics
    /// If the pods do not push these events within the time limit ([`patience`](Self::patience)).
    pub async fn pushes(&self, events: usize) {
        let now = |journal: &Journal| -> Vec<usize> {
            self.running.iter().map(|running| journal.pushed_by(&running.name).len()).collect()
        };
        let before = now(&self.journal);
        let enough = |journal: &Journal| now(journal).iter().zip(&before).all(|(now, before)| *now >= before + events);
        self.until(&format!("each pod has pushed {events} events"), enough).await;
    }

    /// Stops the pushes of all pods, waits until no event is [unhandled](Journal::unhandled), and stops the pods.
    ///
    /// # Panics
    /// If an event is still unhandled at the time limit ([`patience`](Self::patience)), or if a pod could not push an
    /// event.
    pub async fn finish(mut self) -> Journal {
        for running in &mut self.running {
            running.end_load().await;
        }
        self.until("each event is handled", |journal| journal.unhandled().is_empty()).await;
        for running in &self.running {
            running.pod.stop().await;
        }
        self.journal.clone()
    }

    /// Returns the record of the events.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    async fn until(&self, what: &str, wanted: impl FnMut(&Journal) -> bool) {
        if tokio::time::timeout(self.patience, self.journal.until(wanted)).await.is_err() {
            let unhandled = self.journal.unhandled();
            panic!(
                "timed out after {:?}, waiting until {what}; of {} events, {} were not handled: {unhandled:?}",
                self.patience,
                self.journal.pushed().len(),
                unhandled.len(),
            );
        }
    }
}

/// Pushes until the pod is stopped. A push that has begun is completed.
async fn load(pod: Arc<dyn Pod>, journal: PodJournal, mut stopped: watch::Receiver<bool>, pause: Duration) {
    for number in 0.. {
        journal.pushed(pod.push(number).await);
        let stop = stopped.wait_for(|stopped| *stopped);
        if tokio::time::timeout(pause, stop).await.is_ok() {
            return;
        }
    }
}

impl<World> fmt::Debug for Rolling<World> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pods: Vec<_> = self.running.iter().map(|running| &running.name).collect();
        formatter.debug_struct("Rolling").field("pods", &pods).field("journal", &self.journal).finish_non_exhaustive()
    }
}
