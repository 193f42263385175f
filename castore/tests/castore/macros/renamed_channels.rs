//! Tests of message channels where `castore` has another name. The module has a prelude, because the attributes that
//! customize compiler errors in generated code need one.

use super::renamed::{Door, open};
use ::kasutoru::channel::{
    AggregateExistsMessageBus, NotificationMessageBus, NotificationMessageQueue, StateCarryingMessageQueue,
};

::kasutoru::message_channel! {
    #[channel(crate = ::kasutoru)]
    type DoorBus = NotificationMessageBus<Door>;
    #[channel(crate = ::kasutoru, order = "per_aggregate")]
    type DoorQueue = StateCarryingMessageQueue<Door>;
    #[channel(crate = ::kasutoru)]
    type DoorExists = AggregateExistsMessageBus<Door>;
}

#[::kasutoru::channel(crate = ::kasutoru, id = "ALONE")]
type Alone = NotificationMessageQueue<Door>;

#[tokio::test]
async fn it_works() {
    use ::kasutoru::{EventStore, InMemoryMessageBusAdapter, InMemoryMessageQueueAdapter, MessageChannel, Store};

    let doors = EventStore::<Door>::new(::kasutoru::InMemoryEventStorageAdapter::new());
    let (bus, alone) = (DoorBus::new(), Alone::new());
    let queue = DoorQueue::new(DoorQueueSources { door: doors.clone() });
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let opened = crate::support::Log::new();
    let log = opened.clone();
    listener.on(::kasutoru::consumer::Filter::store::<Door>(), move |message, _| {
        log.add(message.event.version);
        async { Ok(()) }
    });
    InMemoryMessageQueueAdapter::attach_to(&alone);
    InMemoryMessageQueueAdapter::attach_to(&queue);
    let connected = doors.connect(bus).connect(alone).connect(queue);
    open("front".to_owned(), &connected).await.unwrap();
    listener.idle().await;
    assert_eq!(opened.entries(), [1]);
    assert_eq!((DoorBus::ID, Alone::ID, DoorExists::ID), ("DOOR_BUS", "ALONE", "DOOR_EXISTS"));
}
