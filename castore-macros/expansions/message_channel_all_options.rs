/// Who exists.
#[cfg(feature = "channels")]
#[allow(dead_code)]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
pub(crate) struct ExistsQueue(::game::castore::__private::ChannelCore<Existing>);
#[cfg(feature = "channels")]
impl ExistsQueue {
    /// Creates the message channel, without an adapter yet.
    pub(crate) fn new() -> Self {
        ::core::default::Default::default()
    }
}
#[cfg(feature = "channels")]
/// A message of [`ExistsQueue`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub(crate) enum Existing {
    /// A message of event store [`Pokemon`](stores::Pokemon).
    Pokemon(::game::castore::AggregateExistsMessage<stores::Pokemon>),
}
#[cfg(feature = "channels")]
#[automatically_derived]
impl ::game::castore::message::ChannelMessage for Existing {
    fn as_message(&self) -> &dyn ::game::castore::message::AnyMessage {
        match self {
            Self::Pokemon(message) => message,
        }
    }
    #[allow(unreachable_patterns)]
    fn with_source<V: ::game::castore::__private::SourceVisitor<Self>>(
        event_store_id: &str,
        visitor: V,
    ) -> ::core::option::Option<V::Output> {
        match event_store_id {
            <stores::Pokemon as ::game::castore::EventSourced>::EVENT_STORE_ID => {
                ::core::option::Option::Some(
                    visitor
                        .visit::<
                            ::game::castore::AggregateExistsMessage<stores::Pokemon>,
                        >(),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
#[cfg(feature = "channels")]
::game::castore::__private::channel_message_serde!(ExistsQueue, Existing);
#[cfg(feature = "channels")]
#[automatically_derived]
impl ::core::convert::From<::game::castore::AggregateExistsMessage<stores::Pokemon>>
for Existing {
    fn from(message: ::game::castore::AggregateExistsMessage<stores::Pokemon>) -> Self {
        Self::Pokemon(message)
    }
}
#[cfg(feature = "channels")]
#[automatically_derived]
impl ::game::castore::MessageChannel for ExistsQueue {
    const ID: &'static str = "EXISTING";
    const SOURCES: &'static [::game::castore::__private::ChannelSource] = &[
        ::game::castore::__private::ChannelSource::new::<stores::Pokemon>("Pokemon"),
    ];
    type Message = Existing;
    type Kind = ::game::castore::channel::AggregateExists;
    type Topology = ::game::castore::channel::Queue;
    type Order = ::game::castore::channel::PerAggregate;
    fn __core(&self) -> &::game::castore::__private::ChannelCore<Existing> {
        &self.0
    }
}
#[cfg(feature = "channels")]
#[automatically_derived]
impl ::game::castore::channel::Carries<stores::Pokemon> for ExistsQueue {}
