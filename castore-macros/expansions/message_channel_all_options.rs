/// Who exists.
#[cfg(feature = "channels")]
#[allow(dead_code)]
///
/// An aggregate-exists message queue. Carries `Pokemon`. Order: per aggregate. Id: `EXISTING`.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
pub(crate) struct ExistsQueue {
    core: ::game::castore::__private::ChannelCore<Existing>,
}
#[cfg(feature = "channels")]
/// A message of [`ExistsQueue`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub(crate) enum Existing {
    /// A message of event store [`Pokemon`](stores::Pokemon).
    Pokemon(::game::castore::AggregateExistsMessage<__ExistsQueue_Pokemon>),
}
#[cfg(feature = "channels")]
#[doc(hidden)]
#[allow(dead_code, deprecated, non_upper_case_globals)]
pub(crate) const ExistsQueue: ::game::castore::__private::NotCreated<ExistsQueue> = ::game::castore::__private::NotCreated::VALUE;
#[cfg(feature = "channels")]
#[cfg(not(doc))]
#[allow(deprecated, non_camel_case_types)]
type __ExistsQueue_Pokemon = ::game::castore::__private::Checked<
    stores::Pokemon,
    { ::game::castore::__private::is_event_store::<stores::Pokemon>() },
>;
#[cfg(feature = "channels")]
#[cfg(doc)]
#[allow(deprecated, non_camel_case_types)]
type __ExistsQueue_Pokemon = stores::Pokemon;
#[cfg(feature = "channels")]
#[allow(deprecated, trivial_bounds)]
const _: () = {
    impl ExistsQueue {
        /// Creates the message channel, without an adapter yet.
        pub(crate) fn new() -> Self {
            Self {
                core: ::core::default::Default::default(),
            }
        }
        /// Creates the message channel, with an adapter.
        pub(crate) fn with_adapter<__A: ::game::castore::channel::ChannelAdapter<Self>>(
            __adapter: __A,
        ) -> Self {
            let __channel = Self::new();
            ::game::castore::MessageChannel::set_adapter(&__channel, __adapter);
            __channel
        }
    }
    #[automatically_derived]
    impl ::game::castore::MessageChannel for ExistsQueue {
        const ID: &'static str = "EXISTING";
        const SOURCES: &'static [::game::castore::channel::ChannelSource] = &[
            ::game::castore::channel::ChannelSource::new::<
                __ExistsQueue_Pokemon,
            >("Pokemon"),
        ];
        type Message = Existing;
        type Kind = ::game::castore::channel::AggregateExists;
        type Topology = ::game::castore::channel::Queue;
        type Order = ::game::castore::channel::PerAggregate;
        fn __core(&self) -> &::game::castore::__private::ChannelCore<Existing> {
            &self.core
        }
    }
    #[automatically_derived]
    impl ::game::castore::message::ChannelMessage for Existing {
        fn as_message(&self) -> &dyn ::game::castore::message::AnyMessage {
            match self {
                Self::Pokemon(__message) => __message,
            }
        }
        #[allow(unreachable_patterns)]
        fn with_source<__V: ::game::castore::__private::SourceVisitor<Self>>(
            __event_store_id: &str,
            __visitor: __V,
        ) -> ::core::option::Option<__V::Output> {
            match __event_store_id {
                <__ExistsQueue_Pokemon as ::game::castore::EventSourced>::EVENT_STORE_ID => {
                    ::core::option::Option::Some(
                        __visitor
                            .visit::<
                                ::game::castore::AggregateExistsMessage<
                                    __ExistsQueue_Pokemon,
                                >,
                            >(),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
    }
    #[automatically_derived]
    impl ::game::castore::message::MessageEnum for Existing {
        type Channel = ExistsQueue;
    }
    #[automatically_derived]
    impl ::game::castore::channel::IntoChannelMessage<ExistsQueue> for Existing {
        fn into_channel_message(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::game::castore::__private::serde::Serialize for Existing {
        fn serialize<__S: ::game::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            ::game::castore::__private::serialize_channel_message(self, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::game::castore::__private::serde::Deserialize<'de> for Existing {
        fn deserialize<__D: ::game::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::game::castore::__private::deserialize_channel_message(__deserializer)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<
        ::game::castore::AggregateExistsMessage<__ExistsQueue_Pokemon>,
    > for Existing {
        fn from(
            __message: ::game::castore::AggregateExistsMessage<__ExistsQueue_Pokemon>,
        ) -> Self {
            Self::Pokemon(__message)
        }
    }
    #[automatically_derived]
    impl ::game::castore::channel::Carries<stores::Pokemon> for ExistsQueue
    where
        __ExistsQueue_Pokemon: ::game::castore::EventSourced,
    {}
    #[automatically_derived]
    impl ::game::castore::channel::ConnectsTo<stores::Pokemon> for ExistsQueue
    where
        __ExistsQueue_Pokemon: ::game::castore::EventSourced,
    {
        type Channel = Self;
        fn __channel(self) -> Self {
            self
        }
    }
    const _: () = ::game::castore::__private::assert_channel_kind::<
        castore::AggregateExistsMessageQueue,
        ::game::castore::channel::AggregateExists,
        ::game::castore::channel::Queue,
    >();
};
