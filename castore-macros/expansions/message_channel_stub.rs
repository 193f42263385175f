/// A notification message bus. Carries nothing. Order: none. Id: `APP_BUS`.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
struct AppBus {
    core: ::castore::__private::ChannelCore<AppBusMessage>,
}
/// A message of [`AppBus`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
enum AppBusMessage {}
#[doc(hidden)]
#[allow(dead_code, deprecated, non_upper_case_globals)]
const AppBus: ::castore::__private::NotCreated<AppBus> = ::castore::__private::NotCreated::VALUE;
#[allow(deprecated, trivial_bounds)]
const _: () = {
    impl AppBus {
        /// Creates the message channel, without an adapter yet.
        fn new() -> Self {
            Self {
                core: ::core::default::Default::default(),
            }
        }
        /// Creates the message channel, with an adapter.
        fn with_adapter<__A: ::castore::channel::ChannelAdapter<Self>>(
            __adapter: __A,
        ) -> Self {
            let __channel = Self::new();
            ::castore::MessageChannel::set_adapter(&__channel, __adapter);
            __channel
        }
    }
    #[automatically_derived]
    impl ::castore::MessageChannel for AppBus {
        const ID: &'static str = "APP_BUS";
        const SOURCES: &'static [::castore::channel::ChannelSource] = &[];
        type Message = AppBusMessage;
        type Kind = ::castore::channel::Notification;
        type Topology = ::castore::channel::Bus;
        type Order = ::castore::channel::Unordered;
        fn __core(&self) -> &::castore::__private::ChannelCore<AppBusMessage> {
            &self.core
        }
    }
    #[automatically_derived]
    impl ::castore::message::ChannelMessage for AppBusMessage {
        fn as_message(&self) -> &dyn ::castore::message::AnyMessage {
            match *self {}
        }
        #[allow(unreachable_patterns)]
        fn with_source<__V: ::castore::__private::SourceVisitor<Self>>(
            __event_store_id: &str,
            __visitor: __V,
        ) -> ::core::option::Option<__V::Output> {
            match __event_store_id {
                _ => ::core::option::Option::None,
            }
        }
    }
    #[automatically_derived]
    impl ::castore::message::MessageEnum for AppBusMessage {
        type Channel = AppBus;
    }
    #[automatically_derived]
    impl ::castore::channel::IntoChannelMessage<AppBus> for AppBusMessage {
        fn into_channel_message(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::__private::serde::Serialize for AppBusMessage {
        fn serialize<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            ::castore::__private::serialize_channel_message(self, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::castore::__private::serde::Deserialize<'de> for AppBusMessage {
        fn deserialize<__D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::castore::__private::deserialize_channel_message(__deserializer)
        }
    }
};
::core::compile_error! {
    "unknown kind of message channel `NotifcationMessageBus`; did you mean `NotificationMessageBus`?"
}
::core::compile_error! {
    "`&Pokemon` is not an event store; list types with `#[event_store]`"
}
