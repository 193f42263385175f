use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore::PublishError;
use castore::channel::{
    AdapterFor, MessageChannelAdapter, PerAggregate, PublishMessageOptions, RejectedMessage, Topology,
};
use castore::message::StoredMessage;

use crate::domain::{AppBusMessage, POISONED, POISONED_VERSION};
use crate::folder::Lines;
use crate::{Arguments, Folder, Line};

/// The time that it takes to publish one message.
const PACE: Duration = Duration::from_millis(1);

/// A broker that stores its messages in a file: accepted messages stay there, even if the process is killed.
pub(crate) struct Broker {
    lines: Lines,
    folder: Folder,
    name: String,
    /// Whether a call that rejects a message holds back the later messages of the same aggregate.
    holds_back: bool,
    /// Whether a call blocks its thread while it publishes. A timeout cannot interrupt such a call, so a call that
    /// began before a pause of the process continues after the pause.
    blocks: bool,
}

/// A message that the broker has accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    /// The name of the process that published the message.
    pub by: String,
    /// The id of the event store.
    pub store: String,
    /// The id of the aggregate.
    pub aggregate: String,
    /// The version of the event.
    pub version: u64,
}

impl Sent {
    /// Parses a line of the broker's file. Returns `None` if the line is not a message.
    pub fn of(line: &Line) -> Option<Self> {
        let [what, by, store, aggregate, version] = line.as_slice() else { return None };
        (what == "sent").then(|| Self {
            by: by.clone(),
            store: store.clone(),
            aggregate: aggregate.clone(),
            version: version.parse().unwrap(),
        })
    }
}

/// A guard that records when a call is dropped before its end. The relay may repeat such a call.
struct Call<'a>(Option<&'a Broker>);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if let Some(broker) = self.0 {
            broker.lines.append(format!("broken-off {}", broker.name));
        }
    }
}

impl Broker {
    pub(crate) fn new(arguments: &Arguments) -> Arc<Self> {
        let mut rng = fastrand::Rng::with_seed(arguments.seed);
        Arc::new(Self {
            lines: arguments.folder.append_to("broker"),
            folder: arguments.folder.clone(),
            name: arguments.name.clone(),
            holds_back: rng.bool(),
            blocks: rng.bool(),
        })
    }

    /// Records that the relay has noticed the loss of its lease.
    pub(crate) fn note_lost_lease(&self) {
        self.lines.append(format!("lost-lease {}", self.name));
    }

    fn is_poison(&self, notification: &StoredMessage<AppBusMessage>) -> bool {
        notification.event.version == POISONED_VERSION
            && &*notification.event_store_id == "COUNTERS"
            && POISONED.contains(&notification.event.aggregate_id.as_str())
            && self.folder.is_on("poisoned")
    }

    async fn take(&self, notifications: Vec<StoredMessage<AppBusMessage>>) -> Result<(), PublishError> {
        let mut call = Call(Some(self));
        let total = notifications.len();
        let mut rejected = Vec::new();
        let mut held: Vec<(Arc<str>, String)> = Vec::new();
        for (index, notification) in notifications.into_iter().enumerate() {
            if self.folder.is_on("outage") {
                self.lines.append(format!("outage {}", self.name));
                call.0 = None;
                return Err(PublishError::Broker("the broker is unavailable".into()));
            }
            if self.blocks {
                std::thread::sleep(PACE);
            } else {
                tokio::time::sleep(PACE).await;
            }
            let event = &notification.event;
            let aggregate = (notification.event_store_id.clone(), event.aggregate_id.clone());
            let permanent = if self.holds_back && held.contains(&aggregate) {
                false
            } else if self.is_poison(&notification) {
                self.lines.append(format!("refused {}", self.name));
                true
            } else {
                let (store, id, version) = (&notification.event_store_id, &event.aggregate_id, event.version);
                self.lines.append(format!("sent {} {store} {id} {version}", self.name));
                continue;
            };
            held.push(aggregate);
            rejected.push(RejectedMessage::new(index, permanent, "refused"));
        }
        call.0 = None;
        if rejected.is_empty() { Ok(()) } else { Err(PublishError::Rejected { total, rejected }) }
    }
}

/// The channel adapter that publishes to a [`Broker`].
#[derive(Debug, Clone)]
pub(crate) struct Attached(pub(crate) Arc<Broker>);

#[async_trait]
impl MessageChannelAdapter<AppBusMessage> for Attached {
    async fn publish_message(&self, _: AppBusMessage, _: PublishMessageOptions) -> Result<(), PublishError> {
        panic!("a relay publishes notifications as they are stored");
    }

    async fn publish_stored_messages(
        &self,
        notifications: Vec<StoredMessage<AppBusMessage>>,
        _: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.0.take(notifications).await
    }

    fn preserves_order_on_rejection(&self) -> bool {
        self.0.holds_back
    }
}

impl<T: Topology> AdapterFor<T> for Attached {
    type Order = PerAggregate;
}
impl fmt::Debug for Broker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Broker").field("name", &self.name).finish_non_exhaustive()
    }
}
