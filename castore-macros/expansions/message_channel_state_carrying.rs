#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct BackupQueue {
    core: ::castore::__private::ChannelCore<BackupQueueMessage>,
    sources: ::castore::__private::Arc<BackupQueueSources>,
}
impl BackupQueue {
    /// Creates the message channel, without an adapter yet.
    pub fn new(sources: BackupQueueSources) -> Self {
        Self {
            core: ::core::default::Default::default(),
            sources: ::castore::__private::Arc::new(sources),
        }
    }
}
/// The event stores that [`BackupQueue`] loads aggregates from.
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct BackupQueueSources {
    /// Loads the aggregates of [`Pokemon`].
    pub pokemon: ::castore::EventStore<Pokemon>,
    /// Loads the aggregates of [`Trainer`].
    pub trainer: ::castore::EventStore<Trainer>,
}
/// A message of [`BackupQueue`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub enum BackupQueueMessage {
    /// A message of event store [`Pokemon`].
    Pokemon(::castore::StateCarryingMessage<Pokemon>),
    /// A message of event store [`Trainer`].
    Trainer(::castore::StateCarryingMessage<Trainer>),
}
#[automatically_derived]
impl ::castore::message::ChannelMessage for BackupQueueMessage {
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
                    visitor.visit::<::castore::StateCarryingMessage<Pokemon>>(),
                )
            }
            <Trainer as ::castore::EventSourced>::EVENT_STORE_ID => {
                ::core::option::Option::Some(
                    visitor.visit::<::castore::StateCarryingMessage<Trainer>>(),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
::castore::__private::channel_message_serde!(BackupQueue, BackupQueueMessage);
#[automatically_derived]
impl ::core::convert::From<::castore::StateCarryingMessage<Pokemon>>
for BackupQueueMessage {
    fn from(message: ::castore::StateCarryingMessage<Pokemon>) -> Self {
        Self::Pokemon(message)
    }
}
#[automatically_derived]
impl ::core::convert::From<::castore::StateCarryingMessage<Trainer>>
for BackupQueueMessage {
    fn from(message: ::castore::StateCarryingMessage<Trainer>) -> Self {
        Self::Trainer(message)
    }
}
#[automatically_derived]
impl ::castore::MessageChannel for BackupQueue {
    const ID: &'static str = "BACKUP_QUEUE";
    const SOURCES: &'static [::castore::__private::ChannelSource] = &[
        ::castore::__private::ChannelSource::new::<Pokemon>("Pokemon"),
        ::castore::__private::ChannelSource::new::<Trainer>("Trainer"),
    ];
    type Message = BackupQueueMessage;
    type Kind = ::castore::channel::StateCarrying;
    type Topology = ::castore::channel::Queue;
    type Order = ::castore::channel::Unordered;
    fn __core(&self) -> &::castore::__private::ChannelCore<BackupQueueMessage> {
        &self.core
    }
}
#[automatically_derived]
impl ::castore::channel::Carries<Pokemon> for BackupQueue {}
#[automatically_derived]
impl ::castore::channel::LoadsAggregates<Pokemon> for BackupQueue {
    fn __aggregates(&self) -> &dyn ::castore::__private::AggregateSource<Pokemon> {
        &self.sources.pokemon
    }
}
#[automatically_derived]
impl ::castore::channel::Carries<Trainer> for BackupQueue {}
#[automatically_derived]
impl ::castore::channel::LoadsAggregates<Trainer> for BackupQueue {
    fn __aggregates(&self) -> &dyn ::castore::__private::AggregateSource<Trainer> {
        &self.sources.trainer
    }
}
const _: () = ::castore::__private::assert_distinct_id(
    "BackupQueue",
    <BackupQueue as ::castore::MessageChannel>::SOURCES,
    1,
);
const _: () = ::castore::__private::assert_state_is_object(
    "BackupQueue",
    <BackupQueue as ::castore::MessageChannel>::SOURCES,
    0,
);
const _: () = ::castore::__private::assert_state_is_object(
    "BackupQueue",
    <BackupQueue as ::castore::MessageChannel>::SOURCES,
    1,
);
