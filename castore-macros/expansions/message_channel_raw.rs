#[derive(::core::fmt::Debug, ::core::clone::Clone)]
struct r#Async {
    core: ::castore::__private::ChannelCore<AsyncMessage>,
    sources: ::castore::__private::Arc<AsyncSources>,
}
impl r#Async {
    /// Creates the message channel, without an adapter yet.
    fn new(sources: AsyncSources) -> Self {
        Self {
            core: ::core::default::Default::default(),
            sources: ::castore::__private::Arc::new(sources),
        }
    }
}
/// The event stores that [`Async`] loads aggregates from.
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
struct AsyncSources {
    /// Loads the aggregates of [`Type`].
    r#type: ::castore::EventStore<r#Type>,
    /// Loads the aggregates of [`Crate`].
    crate_: ::castore::EventStore<Crate>,
}
/// A message of [`Async`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
enum AsyncMessage {
    /// A message of event store [`Type`].
    r#Type(::castore::StateCarryingMessage<r#Type>),
    /// A message of event store [`Crate`].
    Crate(::castore::StateCarryingMessage<Crate>),
}
#[automatically_derived]
impl ::castore::message::ChannelMessage for AsyncMessage {
    fn as_message(&self) -> &dyn ::castore::message::AnyMessage {
        match self {
            Self::r#Type(message) => message,
            Self::Crate(message) => message,
        }
    }
    #[allow(unreachable_patterns)]
    fn with_source<V: ::castore::__private::SourceVisitor<Self>>(
        event_store_id: &str,
        visitor: V,
    ) -> ::core::option::Option<V::Output> {
        match event_store_id {
            <r#Type as ::castore::EventSourced>::EVENT_STORE_ID => {
                ::core::option::Option::Some(
                    visitor.visit::<::castore::StateCarryingMessage<r#Type>>(),
                )
            }
            <Crate as ::castore::EventSourced>::EVENT_STORE_ID => {
                ::core::option::Option::Some(
                    visitor.visit::<::castore::StateCarryingMessage<Crate>>(),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
::castore::__private::channel_message_serde!(r#Async, AsyncMessage);
#[automatically_derived]
impl ::core::convert::From<::castore::StateCarryingMessage<r#Type>> for AsyncMessage {
    fn from(message: ::castore::StateCarryingMessage<r#Type>) -> Self {
        Self::r#Type(message)
    }
}
#[automatically_derived]
impl ::core::convert::From<::castore::StateCarryingMessage<Crate>> for AsyncMessage {
    fn from(message: ::castore::StateCarryingMessage<Crate>) -> Self {
        Self::Crate(message)
    }
}
#[automatically_derived]
impl ::castore::MessageChannel for r#Async {
    const ID: &'static str = "ASYNC";
    const SOURCES: &'static [::castore::__private::ChannelSource] = &[
        ::castore::__private::ChannelSource::new::<r#Type>("Type"),
        ::castore::__private::ChannelSource::new::<Crate>("Crate"),
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
impl ::castore::channel::Carries<r#Type> for r#Async {}
#[automatically_derived]
impl ::castore::channel::LoadsAggregates<r#Type> for r#Async {
    fn __aggregates(&self) -> &dyn ::castore::__private::AggregateSource<r#Type> {
        &self.sources.r#type
    }
}
#[automatically_derived]
impl ::castore::channel::Carries<Crate> for r#Async {}
#[automatically_derived]
impl ::castore::channel::LoadsAggregates<Crate> for r#Async {
    fn __aggregates(&self) -> &dyn ::castore::__private::AggregateSource<Crate> {
        &self.sources.crate_
    }
}
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
