/// Everything that happens in the game.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
pub struct AppBus(::castore::__private::ChannelCore<AppBusMessage>);
impl AppBus {
    /// Creates the message channel, without an adapter yet.
    pub fn new() -> Self {
        ::core::default::Default::default()
    }
}
/// A message of [`AppBus`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub enum AppBusMessage {
    /// A message of event store [`Pokemon`].
    Pokemon(::castore::NotificationMessage<Pokemon>),
    /// A message of event store [`Trainer`].
    Trainer(::castore::NotificationMessage<Trainer>),
}
#[automatically_derived]
impl ::castore::message::ChannelMessage for AppBusMessage {
    fn as_message(&self) -> &dyn ::castore::message::AnyMessage {
        match self {
            Self::Pokemon(message) => message,
            Self::Trainer(message) => message,
        }
    }
    #[allow(unreachable_patterns)]
    fn with_source<V: ::castore::__private::SourceVisitor<Self>>(
        event_store_id: &str,
        visitor: V,
    ) -> ::core::option::Option<V::Output> {
        match event_store_id {
            <Pokemon as ::castore::EventSourced>::EVENT_STORE_ID => {
                ::core::option::Option::Some(
                    visitor.visit::<::castore::NotificationMessage<Pokemon>>(),
                )
            }
            <Trainer as ::castore::EventSourced>::EVENT_STORE_ID => {
                ::core::option::Option::Some(
                    visitor.visit::<::castore::NotificationMessage<Trainer>>(),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
::castore::__private::channel_message_serde!(AppBus, AppBusMessage);
#[automatically_derived]
impl ::core::convert::From<::castore::NotificationMessage<Pokemon>> for AppBusMessage {
    fn from(message: ::castore::NotificationMessage<Pokemon>) -> Self {
        Self::Pokemon(message)
    }
}
#[automatically_derived]
impl ::core::convert::From<::castore::NotificationMessage<Trainer>> for AppBusMessage {
    fn from(message: ::castore::NotificationMessage<Trainer>) -> Self {
        Self::Trainer(message)
    }
}
#[automatically_derived]
impl ::castore::MessageChannel for AppBus {
    const ID: &'static str = "APP_BUS";
    const SOURCES: &'static [::castore::__private::ChannelSource] = &[
        ::castore::__private::ChannelSource::new::<Pokemon>("Pokemon"),
        ::castore::__private::ChannelSource::new::<Trainer>("Trainer"),
    ];
    type Message = AppBusMessage;
    type Kind = ::castore::channel::Notification;
    type Topology = ::castore::channel::Bus;
    type Order = ::castore::channel::Unordered;
    fn __core(&self) -> &::castore::__private::ChannelCore<AppBusMessage> {
        &self.0
    }
}
#[automatically_derived]
impl ::castore::channel::Carries<Pokemon> for AppBus {}
#[automatically_derived]
impl ::castore::channel::Carries<Trainer> for AppBus {}
const _: () = ::castore::__private::assert_distinct_id(
    "AppBus",
    <AppBus as ::castore::MessageChannel>::SOURCES,
    1,
);
