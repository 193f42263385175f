//! Tests that generated items have the visibility and the `cfg` conditions of the annotated item.

use castore::prelude::*;

/// Items of each visibility, used from their scope.
mod outer {
    pub mod inner {
        use castore::prelude::*;

        #[derive(Debug, Clone, PartialEq, Event)]
        pub(in crate::macros::visibility) enum InPathEvent {
            Happened,
        }

        #[derive(Debug, Clone, PartialEq)]
        #[event_store(id = "IN_PATH", event = InPathEvent)]
        pub(in crate::macros::visibility) struct InPath;

        impl Reducer for InPath {
            fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self)
            }
        }

        #[derive(Debug, Clone, PartialEq, Event)]
        pub(super) enum SuperEvent {
            Happened,
        }

        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[event_store(id = "SUPER", event = SuperEvent)]
        pub(super) struct Supper {}

        impl Reducer for Supper {
            fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self {})
            }
        }

        message_channel! {
            pub(in crate::macros::visibility) type InPathBus = NotificationMessageBus<InPath>;
            pub(super) type SuperQueue = StateCarryingMessageQueue<Supper>;
            type PrivateQueue = NotificationMessageQueue<InPath>;
        }

        #[command(id = "IN_PATH")]
        pub(in crate::macros::visibility) async fn happen(
            store: &impl Store<InPath>,
        ) -> Result<(), castore::PushEventError> {
            store.push_event(NewEvent::new("a", 1, InPathEvent::Happened)).await?;
            Ok(())
        }

        pub fn private() -> &'static str {
            let _ = PrivateQueue::new();
            PrivateQueue::ID
        }
    }

    pub fn used_from_super() -> (&'static str, usize) {
        let store = EventStore::<inner::Supper>::without_adapter();
        let queue = inner::SuperQueue::new(inner::SuperQueueSources { supper: store });
        let _: Option<inner::SuperQueueMessage> = None;
        (queue.message_channel_id(), inner::SuperEventType::ALL.len())
    }

    use castore::prelude::*;
}

#[tokio::test]
async fn visibility_is_copied() {
    use outer::inner::{InPath, InPathBus, InPathBusMessage, InPathEvent, InPathEventType, happen};
    let bus = InPathBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    listener.on(Filter::all(), |message, _| async move {
        let InPathBusMessage::InPath(message) = &*message;
        assert_eq!(message.event.payload, InPathEvent::Happened);
        Ok(())
    });
    let store = EventStore::<InPath>::new(InMemoryEventStorageAdapter::new()).connect(bus);
    happen(&store).await.unwrap();
    listener.idle().await;
    assert_eq!((happen::ID, InPathEventType::Happened.as_str()), ("IN_PATH", "Happened"));
    assert_eq!(outer::used_from_super(), ("SUPER_QUEUE", 1));
    assert_eq!(outer::inner::private(), "PRIVATE_QUEUE");
}

/// None of these types is compiled, so nothing may be generated for them.
mod not_compiled {
    #[allow(unused_imports)]
    use castore::prelude::*;

    message_channel! {
        #[cfg(any())]
        pub type Nowhere = NotificationMessageBus<Missing>;
        #[cfg(any())]
        #[channel(order = "per_aggregate")]
        pub type NowhereState = StateCarryingMessageQueue<Missing, AlsoMissing>;
        #[cfg(not(any()))]
        pub type Somewhere = NotificationMessageQueue<super::Counted>;
    }

    #[cfg(any())]
    #[derive(Event)]
    pub enum NoEvent {
        Happened(Missing),
    }

    #[cfg(any())]
    #[event_store(id = "NONE", event = NoEvent)]
    pub struct NoStore;

    #[cfg(any())]
    #[channel(id = "NONE")]
    pub type NoChannel = NotificationMessageBus<NoStore>;

    #[cfg(any())]
    #[command(id = "NONE")]
    pub async fn no_command(store: &impl Store<NoStore>) -> Result<(), Missing> {}
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum CountedEvent {
    Happened,
    #[cfg(any())]
    Never(Missing),
    WithField {
        kept: u32,
        #[cfg(any())]
        dropped: Missing,
    },
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "COUNTED", event = CountedEvent)]
pub struct Counted {
    #[cfg(any())]
    never: Missing,
}

impl Reducer for Counted {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

#[test]
fn cfg_conditions_are_copied() {
    assert_eq!(not_compiled::Somewhere::ID, "SOMEWHERE");
    let names: Vec<&str> = CountedEventType::ALL.iter().map(|event_type| event_type.as_str()).collect();
    assert_eq!(names, ["Happened", "WithField"]);
    assert_eq!(CountedEvent::WithField { kept: 1 }.event_type(), CountedEventType::WithField);
}
