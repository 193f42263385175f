//! Tests of generated code in a module that redefines names that generated code may use.
#![allow(dead_code, unused_macros)]

mod core {}
mod std {}
mod alloc {}
mod castore {}
mod castore_runtime {}
mod serde {}
mod serde_json {}

struct Result;
struct Option;
struct String;
struct Vec;
struct Box;
struct Arc;
struct Some;
struct None;
struct Ok;
struct Err;
struct EventStore;
struct EventDetail;
struct NotificationMessage;
struct StateCarryingMessage;
struct AggregateExistsMessage;
struct NoMetadata;
struct Notification;
struct Bus;
struct Queue;
struct Unordered;
trait Send {}
trait Sync {}
trait Sized {}
trait Clone {}
trait Copy {}
trait Default {}
trait From {}
trait Into {}
trait Iterator {}
trait Debug {}
trait Display {}
trait FromStr {}
trait PartialEq {}
trait Eq {}
trait Hash {}
trait Fn {}
trait FnOnce {}
trait Serialize {}
trait Deserialize {}
trait Serializer {}
trait Event {}
trait EventType {}
trait EventSourced {}
trait Reducer {}
trait MessageChannel {}
trait Carries {}
trait Store {}
fn drop() {}

macro_rules! shadow {
    (@ $d:tt $($name:ident)+) => {$(
        macro_rules! $name {
            ($d($d token:tt)*) => { compile_error!("a macro of the user's") };
        }
    )+};
}
shadow!(@ $ matches unreachable panic write format vec);

#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::castore::Event)]
enum LampEvent {
    Lit,
    Dimmed { to: ::core::primitive::u8 },
    Moved(::std::string::String),
}

#[derive(::core::clone::Clone, ::castore::EventSubset)]
#[event_subset(of = LampEvent)]
enum DarkEvent {
    Dimmed { to: ::core::primitive::u8 },
    Moved(::std::string::String),
}

#[derive(::core::fmt::Debug, ::core::clone::Clone, ::serde::Serialize, ::serde::Deserialize)]
#[::castore::event_store(id = "LAMPS", event = LampEvent)]
struct Lamp {
    lit: ::core::primitive::bool,
}

impl ::castore::Reducer for Lamp {
    fn reduce(
        lamp: ::core::option::Option<Self>,
        event: &::castore::EventDetail<Self>,
    ) -> ::core::result::Result<Self, ::castore::ReduceError> {
        match (lamp, &event.payload) {
            (_, LampEvent::Lit) => ::core::result::Result::Ok(Lamp { lit: true }),
            (::core::option::Option::Some(lamp), _) => ::core::result::Result::Ok(lamp),
            (::core::option::Option::None, _) => ::core::result::Result::Err(event.unexpected()),
        }
    }
}

::castore::message_channel! {
    type LampBus = ::castore::channel::NotificationMessageBus<Lamp>;
    type LampQueue = ::castore::channel::StateCarryingMessageQueue<Lamp>;
    type LampExists = ::castore::channel::AggregateExistsMessageQueue<Lamp>;
}

async fn on_conflict(_: &::castore::store::EventAlreadyExists, _: ::core::primitive::u32, _: ::core::primitive::u32) {}

#[::castore::command(id = "LIGHT", on_event_already_exists = on_conflict)]
async fn light(
    id: ::std::string::String,
    lamps: &impl ::castore::Store<Lamp>,
) -> ::core::result::Result<(), ::castore::PushEventError> {
    ::castore::Store::push_event(lamps, ::castore::NewEvent::new(id, 1, LampEvent::Lit)).await?;
    ::core::result::Result::Ok(())
}

#[test]
fn generated_code_ignores_shadowing_names() {
    use ::castore::{EventType as _, InMemoryEventStorageAdapter, MessageChannel as _, Store as _};
    let runtime = ::tokio::runtime::Builder::new_current_thread().build().unwrap();
    let lamps = ::castore::EventStore::<Lamp>::new(InMemoryEventStorageAdapter::new());
    let (bus, queue) = (LampBus::new(), LampQueue::new(LampQueueSources { lamp: lamps.clone() }));
    ::castore::InMemoryMessageBusAdapter::attach_to(&bus);
    ::castore::InMemoryMessageQueueAdapter::attach_to(&queue);
    let connected = lamps.connect(bus).connect(queue);
    runtime.block_on(light(::std::string::String::from("desk"), &connected)).unwrap();
    let event = runtime.block_on(async { lamps.get_events("desk").await }).unwrap().remove(0);
    assert_eq!(event.payload, LampEvent::Lit);
    assert_eq!(LampEventType::ALL.len(), 3);
    assert_eq!(LampExists::ID, "LAMP_EXISTS");
}
