//! Tests of generated code in a module without a prelude, where `castore` has another name. Generated code must depend
//! neither on the prelude nor on the name.
#![no_implicit_prelude]

#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::cmp::PartialEq,
    ::serde::Serialize,
    ::serde::Deserialize,
    ::kasutoru::Event,
)]
#[event(crate = ::kasutoru, rename_all = "kebab-case")]
pub(super) enum DoorEvent {
    DoorOpened,
    NameGiven { name: ::std::string::String },
    Painted(::core::option::Option<::core::primitive::u32>),
}

#[derive(
    ::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::serde::Serialize, ::serde::Deserialize,
)]
#[::kasutoru::event_store(id = "DOORS", event = DoorEvent, crate = ::kasutoru)]
pub(super) struct Door {
    opened: ::core::primitive::u32,
}

impl ::kasutoru::Reducer for Door {
    fn reduce(
        door: ::core::option::Option<Self>,
        event: &::kasutoru::EventDetail<Self>,
    ) -> ::core::result::Result<Self, ::kasutoru::ReduceError> {
        let opened = match door {
            ::core::option::Option::Some(door) => door.opened,
            ::core::option::Option::None => 0,
        };
        let more = match event.payload {
            DoorEvent::DoorOpened => 1,
            DoorEvent::NameGiven { .. } | DoorEvent::Painted(_) => 0,
        };
        ::core::result::Result::Ok(Door { opened: opened + more })
    }
}

#[::kasutoru::command(id = "OPEN", crate = ::kasutoru)]
pub(super) async fn open(
    id: ::std::string::String,
    doors: &impl ::kasutoru::Store<Door>,
) -> ::core::result::Result<::core::primitive::u64, ::kasutoru::PushEventError> {
    let event = ::kasutoru::NewEvent::new(id, 1, DoorEvent::DoorOpened);
    match ::kasutoru::Store::push_event(doors, event).await {
        ::core::result::Result::Ok(pushed) => ::core::result::Result::Ok(pushed.event.version),
        ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
    }
}

#[::core::prelude::v1::test]
fn it_works() {
    ::tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(use_everything());
}

async fn use_everything() {
    use ::kasutoru::{EventStore, EventType};
    use ::std::assert_eq;

    let doors = EventStore::<Door>::new(::kasutoru::InMemoryEventStorageAdapter::new());
    let version = open(::std::borrow::ToOwned::to_owned("front"), &doors).await;
    assert_eq!(version.unwrap(), 1);
    assert_eq!((open::ID, open::RETRIES), ("OPEN", 10));
    let types: [&::core::primitive::str; 3] = ["door-opened", "name-given", "painted"];
    for (event_type, name) in ::core::iter::Iterator::zip(DoorEventType::ALL.iter(), types) {
        assert_eq!(event_type.as_str(), name);
    }
}
