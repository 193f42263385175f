/// Everything that happens in the game.
///
/// A notification message bus. Carries `Pokemon` and `Trainer`. Order: none. Id: `APP_BUS`.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
pub struct AppBus {
    core: ::castore::__private::ChannelCore<AppBusMessage>,
}
/// A message of [`AppBus`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub enum AppBusMessage {
    /// A message of event store [`Pokemon`].
    Pokemon(::castore::NotificationMessage<__AppBus_Pokemon>),
    /// A message of event store [`Trainer`].
    Trainer(::castore::NotificationMessage<__AppBus_Trainer>),
}
#[doc(hidden)]
#[allow(dead_code, deprecated, non_upper_case_globals)]
pub const AppBus: ::castore::__private::NotCreated<AppBus> = ::castore::__private::NotCreated::VALUE;
#[cfg(not(doc))]
#[allow(deprecated, non_camel_case_types)]
type __AppBus_Pokemon = ::castore::__private::Checked<
    Pokemon,
    { ::castore::__private::is_event_store::<Pokemon>() },
>;
#[cfg(doc)]
#[allow(deprecated, non_camel_case_types)]
type __AppBus_Pokemon = Pokemon;
#[cfg(not(doc))]
#[allow(deprecated, non_camel_case_types)]
type __AppBus_Trainer = ::castore::__private::Checked<
    Trainer,
    { ::castore::__private::is_event_store::<Trainer>() },
>;
#[cfg(doc)]
#[allow(deprecated, non_camel_case_types)]
type __AppBus_Trainer = Trainer;
#[allow(deprecated, trivial_bounds)]
const _: () = {
    impl AppBus {
        /// Creates the message channel, without an adapter yet.
        pub fn new() -> Self {
            Self {
                core: ::core::default::Default::default(),
            }
        }
        /// Creates the message channel, with an adapter.
        pub fn with_adapter<__A: ::castore::channel::ChannelAdapter<Self>>(
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
        const SOURCES: &'static [::castore::channel::ChannelSource] = &[
            ::castore::channel::ChannelSource::new::<__AppBus_Pokemon>("Pokemon"),
            ::castore::channel::ChannelSource::new::<__AppBus_Trainer>("Trainer"),
        ];
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
            match self {
                Self::Pokemon(__message) => __message,
                Self::Trainer(__message) => __message,
            }
        }
        #[allow(unreachable_patterns)]
        fn with_source<__V: ::castore::__private::SourceVisitor<Self>>(
            __event_store_id: &str,
            __visitor: __V,
        ) -> ::core::option::Option<__V::Output> {
            match __event_store_id {
                <__AppBus_Pokemon as ::castore::EventSourced>::EVENT_STORE_ID => {
                    ::core::option::Option::Some(
                        __visitor
                            .visit::<::castore::NotificationMessage<__AppBus_Pokemon>>(),
                    )
                }
                <__AppBus_Trainer as ::castore::EventSourced>::EVENT_STORE_ID => {
                    ::core::option::Option::Some(
                        __visitor
                            .visit::<::castore::NotificationMessage<__AppBus_Trainer>>(),
                    )
                }
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
    #[automatically_derived]
    impl ::core::convert::From<::castore::NotificationMessage<__AppBus_Pokemon>>
    for AppBusMessage {
        fn from(__message: ::castore::NotificationMessage<__AppBus_Pokemon>) -> Self {
            Self::Pokemon(__message)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::castore::NotificationMessage<__AppBus_Trainer>>
    for AppBusMessage {
        fn from(__message: ::castore::NotificationMessage<__AppBus_Trainer>) -> Self {
            Self::Trainer(__message)
        }
    }
    #[automatically_derived]
    impl ::castore::channel::Carries<Pokemon> for AppBus
    where
        __AppBus_Pokemon: ::castore::EventSourced,
    {}
    #[automatically_derived]
    impl ::castore::channel::ConnectsTo<Pokemon> for AppBus
    where
        __AppBus_Pokemon: ::castore::EventSourced,
    {
        type Channel = Self;
        fn __channel(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::channel::Carries<Trainer> for AppBus
    where
        __AppBus_Trainer: ::castore::EventSourced,
    {}
    #[automatically_derived]
    impl ::castore::channel::ConnectsTo<Trainer> for AppBus
    where
        __AppBus_Trainer: ::castore::EventSourced,
    {
        type Channel = Self;
        fn __channel(self) -> Self {
            self
        }
    }
    const _: () = ::castore::__private::assert_channel_kind::<
        NotificationMessageBus,
        ::castore::channel::Notification,
        ::castore::channel::Bus,
    >();
    const _: () = ::castore::__private::assert_distinct_id(
        "AppBus",
        <AppBus as ::castore::MessageChannel>::SOURCES,
        1,
    );
};
