#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
struct AppBus(::castore::__private::ChannelCore<AppBusMessage>);
impl AppBus {
    /// Creates the message channel, without an adapter yet.
    fn new() -> Self {
        ::core::default::Default::default()
    }
}
/// A message of [`AppBus`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
enum AppBusMessage {}
#[automatically_derived]
impl ::castore::message::ChannelMessage for AppBusMessage {
    fn as_message(&self) -> &dyn ::castore::message::AnyMessage {
        match *self {}
    }
    #[allow(unreachable_patterns)]
    fn with_source<V: ::castore::__private::SourceVisitor<Self>>(
        event_store_id: &str,
        visitor: V,
    ) -> ::core::option::Option<V::Output> {
        match event_store_id {
            _ => ::core::option::Option::None,
        }
    }
}
::castore::__private::channel_message_serde!(AppBus, AppBusMessage);
#[automatically_derived]
impl ::castore::MessageChannel for AppBus {
    const ID: &'static str = "APP_BUS";
    const SOURCES: &'static [::castore::__private::ChannelSource] = &[];
    type Message = AppBusMessage;
    type Kind = ::castore::channel::Notification;
    type Topology = ::castore::channel::Bus;
    type Order = ::castore::channel::Unordered;
    fn __core(&self) -> &::castore::__private::ChannelCore<AppBusMessage> {
        &self.0
    }
}
::core::compile_error! {
    "unknown kind of message channel `NotifcationMessageBus`; did you mean `NotificationMessageBus`?"
}
::core::compile_error! {
    "`&Pokemon` is no event store; list types with `#[event_store]`"
}
