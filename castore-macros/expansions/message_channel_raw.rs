/// A state-carrying message bus. Carries `Type` and `Crate`. Order: none. Id: `ASYNC`.
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
struct r#Async {
    core: ::castore::__private::ChannelCore<AsyncMessage>,
    sources: ::castore::__private::Arc<AsyncSources>,
}
/// The event stores that [`Async`] loads aggregates from.
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
struct AsyncSources {
    /// Loads the aggregates of [`Type`].
    r#type: ::castore::EventStore<__Async_Type>,
    /// Loads the aggregates of [`Crate`].
    crate_: ::castore::EventStore<__Async_Crate>,
}
/// A message of [`Async`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
enum AsyncMessage {
    /// A message of event store [`Type`].
    r#Type(::castore::StateCarryingMessage<__Async_Type>),
    /// A message of event store [`Crate`].
    Crate(::castore::StateCarryingMessage<__Async_Crate>),
}
#[doc(hidden)]
#[allow(dead_code, deprecated, non_upper_case_globals)]
const r#Async: ::castore::__private::NotCreated<r#Async> = ::castore::__private::NotCreated::VALUE;
#[cfg(not(doc))]
#[allow(deprecated, non_camel_case_types)]
type __Async_Type = ::castore::__private::Checked<
    r#Type,
    { ::castore::__private::is_event_store::<r#Type>() },
>;
#[cfg(doc)]
#[allow(deprecated, non_camel_case_types)]
type __Async_Type = r#Type;
#[cfg(not(doc))]
#[allow(deprecated, non_camel_case_types)]
type __Async_Crate = ::castore::__private::Checked<
    Crate,
    { ::castore::__private::is_event_store::<Crate>() },
>;
#[cfg(doc)]
#[allow(deprecated, non_camel_case_types)]
type __Async_Crate = Crate;
#[allow(deprecated, trivial_bounds)]
const _: () = {
    impl r#Async {
        /// Creates the message channel, without an adapter yet.
        fn new(__sources: AsyncSources) -> Self {
            Self {
                core: ::core::default::Default::default(),
                sources: ::castore::__private::Arc::new(__sources),
            }
        }
        /// Creates the message channel, with an adapter.
        fn with_adapter<__A: ::castore::channel::ChannelAdapter<Self>>(
            __sources: AsyncSources,
            __adapter: __A,
        ) -> Self {
            let __channel = Self::new(__sources);
            ::castore::MessageChannel::set_adapter(&__channel, __adapter);
            __channel
        }
    }
    #[automatically_derived]
    impl ::castore::MessageChannel for r#Async {
        const ID: &'static str = "ASYNC";
        const SOURCES: &'static [::castore::channel::ChannelSource] = &[
            ::castore::channel::ChannelSource::new::<__Async_Type>("Type"),
            ::castore::channel::ChannelSource::new::<__Async_Crate>("Crate"),
        ];
        type Message = AsyncMessage;
        type Kind = ::castore::channel::StateCarrying;
        type Topology = ::castore::channel::Bus;
        type Order = ::castore::channel::Unordered;
        fn __core(&self) -> &::castore::__private::ChannelCore<AsyncMessage> {
            &self.core
        }
    }
    #[automatically_derived]
    impl ::castore::message::ChannelMessage for AsyncMessage {
        fn as_message(&self) -> &dyn ::castore::message::AnyMessage {
            match self {
                Self::r#Type(__message) => __message,
                Self::Crate(__message) => __message,
            }
        }
        #[allow(unreachable_patterns)]
        fn with_source<__V: ::castore::__private::SourceVisitor<Self>>(
            __event_store_id: &str,
            __visitor: __V,
        ) -> ::core::option::Option<__V::Output> {
            match __event_store_id {
                <__Async_Type as ::castore::EventSourced>::EVENT_STORE_ID => {
                    ::core::option::Option::Some(
                        __visitor
                            .visit::<::castore::StateCarryingMessage<__Async_Type>>(),
                    )
                }
                <__Async_Crate as ::castore::EventSourced>::EVENT_STORE_ID => {
                    ::core::option::Option::Some(
                        __visitor
                            .visit::<::castore::StateCarryingMessage<__Async_Crate>>(),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
    }
    #[automatically_derived]
    impl ::castore::message::MessageEnum for AsyncMessage {
        type Channel = r#Async;
    }
    #[automatically_derived]
    impl ::castore::channel::IntoChannelMessage<r#Async> for AsyncMessage {
        fn into_channel_message(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::__private::serde::Serialize for AsyncMessage {
        fn serialize<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            ::castore::__private::serialize_channel_message(self, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::castore::__private::serde::Deserialize<'de> for AsyncMessage {
        fn deserialize<__D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::castore::__private::deserialize_channel_message(__deserializer)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::castore::StateCarryingMessage<__Async_Type>>
    for AsyncMessage {
        fn from(__message: ::castore::StateCarryingMessage<__Async_Type>) -> Self {
            Self::r#Type(__message)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::castore::StateCarryingMessage<__Async_Crate>>
    for AsyncMessage {
        fn from(__message: ::castore::StateCarryingMessage<__Async_Crate>) -> Self {
            Self::Crate(__message)
        }
    }
    #[automatically_derived]
    impl ::castore::channel::Carries<r#Type> for r#Async
    where
        __Async_Type: ::castore::EventSourced,
    {}
    #[automatically_derived]
    impl ::castore::channel::ConnectsTo<r#Type> for r#Async
    where
        __Async_Type: ::castore::EventSourced,
    {
        type Channel = Self;
        fn __channel(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::channel::LoadsAggregates<r#Type> for r#Async
    where
        __Async_Type: ::castore::EventSourced,
    {
        fn __aggregates(
            &self,
        ) -> &dyn ::castore::__private::AggregateSource<__Async_Type> {
            &self.sources.r#type
        }
    }
    #[automatically_derived]
    impl ::castore::channel::Carries<Crate> for r#Async
    where
        __Async_Crate: ::castore::EventSourced,
    {}
    #[automatically_derived]
    impl ::castore::channel::ConnectsTo<Crate> for r#Async
    where
        __Async_Crate: ::castore::EventSourced,
    {
        type Channel = Self;
        fn __channel(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::channel::LoadsAggregates<Crate> for r#Async
    where
        __Async_Crate: ::castore::EventSourced,
    {
        fn __aggregates(
            &self,
        ) -> &dyn ::castore::__private::AggregateSource<__Async_Crate> {
            &self.sources.crate_
        }
    }
    const _: () = ::castore::__private::assert_channel_kind::<
        StateCarryingMessageBus,
        ::castore::channel::StateCarrying,
        ::castore::channel::Bus,
    >();
    const _: () = ::castore::__private::assert_distinct_id(
        "Async",
        <r#Async as ::castore::MessageChannel>::SOURCES,
        1,
    );
    const _: () = ::castore::__private::assert_state_is_object(
        "Async",
        <r#Async as ::castore::MessageChannel>::SOURCES,
        0,
    );
    const _: () = ::castore::__private::assert_state_is_object(
        "Async",
        <r#Async as ::castore::MessageChannel>::SOURCES,
        1,
    );
};
