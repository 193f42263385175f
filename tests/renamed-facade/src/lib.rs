//! An event store, its channels and a command in a crate that depends on castore as `kasutoru` and has no prelude:
//! generated code must not depend on these names.
#![no_implicit_prelude]

/// An event of a door.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::std::cmp::PartialEq, ::kasutoru::Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE", crate = ::kasutoru)]
pub enum DoorEvent {
    /// The door was built.
    Built {
        /// The name of the person who may enter.
        name: ::std::string::String,
    },
    /// The door was opened.
    Opened(u32),
    /// The door was closed.
    Closed,
}

/// The events for a porter.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::kasutoru::EventSubset)]
#[event_subset(of = DoorEvent, crate = ::kasutoru)]
pub enum PorterEvent {
    /// The door was built.
    Built {
        /// The name of the person who may enter.
        name: ::std::string::String,
    },
    /// The door was opened.
    Opened(u32),
}

/// A door.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::std::cmp::PartialEq)]
#[::kasutoru::event_store(id = "DOORS", event = DoorEvent, crate = ::kasutoru)]
pub struct Door {
    /// The number of times that the door was opened.
    pub opened: u32,
}

impl ::kasutoru::Reducer for Door {
    fn reduce(
        door: ::std::option::Option<Self>,
        event: &::kasutoru::EventDetail<Self>,
    ) -> ::std::result::Result<Self, ::kasutoru::ReduceError> {
        let opened = match door {
            ::std::option::Option::Some(door) => door.opened,
            ::std::option::Option::None => 0,
        };
        ::std::result::Result::Ok(match &event.payload {
            DoorEvent::Opened(times) => Door { opened: opened + times },
            DoorEvent::Built { .. } | DoorEvent::Closed => Door { opened },
        })
    }
}

::kasutoru::message_channel! {
    /// Notifications of all events of doors.
    #[channel(crate = ::kasutoru)]
    pub type DoorBus = ::kasutoru::channel::NotificationMessageBus<Door>;
}

/// A queue with the ids of all doors.
#[::kasutoru::channel(order = "per_aggregate", crate = ::kasutoru)]
pub type DoorQueue = ::kasutoru::channel::AggregateExistsMessageQueue<Door>;

/// Opens a door.
///
/// # Errors
/// Returns an error if the event is not stored.
#[::kasutoru::command(id = "OPEN_DOOR", retries = 1, crate = ::kasutoru)]
pub async fn open_door(
    door: &str,
    version: u64,
    doors: &impl ::kasutoru::Store<Door>,
) -> ::std::result::Result<u64, ::kasutoru::PushEventError> {
    let event = ::kasutoru::NewEvent::new(door, version, DoorEvent::Opened(1));
    let pushed = ::kasutoru::Store::push_event(doors, event).await?;
    ::std::result::Result::Ok(pushed.event.version)
}

#[cfg(test)]
mod tests {
    use ::std::prelude::rust_2024::*;
    use ::std::{assert_eq, vec};

    use super::*;
    use ::kasutoru::testing::RecordingMessageChannelAdapter;
    use ::kasutoru::{EventStore, EventType, InMemoryEventStorageAdapter, NewEvent, Store};

    #[::tokio::test(crate = "::tokio")]
    async fn works_under_another_name() {
        let door_bus = DoorBus::new();
        let recorded = RecordingMessageChannelAdapter::attach_to(&door_bus);
        let doors = EventStore::<Door>::new(InMemoryEventStorageAdapter::new()).connect(door_bus);
        let built = DoorEvent::Built { name: "everybody".into() };
        let pushed = doors.push_event(NewEvent::new("front", 1, built)).await;
        assert_eq!(pushed.ok().and_then(|pushed| pushed.next_aggregate).map(|door| door.opened), Some(0));
        assert_eq!(open_door("front", 2, &doors).await.ok(), Some(2));
        assert_eq!(open_door::ID, "OPEN_DOOR");
        let types: Vec<_> = recorded
            .messages()
            .iter()
            .map(|recorded| match &recorded.message {
                DoorBusMessage::Door(message) => message.event.event_type(),
            })
            .collect();
        assert_eq!(types, vec![DoorEventType::Built, DoorEventType::Opened]);
        assert_eq!(DoorEventType::Opened.as_str(), "OPENED");
    }
}
