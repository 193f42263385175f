/// A state-carrying message queue. Carries `Pokemon` and `Trainer`. Order: none. Id: `BACKUP_QUEUE`.
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct BackupQueue {
    core: ::castore::__private::ChannelCore<BackupQueueMessage>,
    sources: ::castore::__private::Arc<BackupQueueSources>,
}
/// The event stores that [`BackupQueue`] loads aggregates from.
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct BackupQueueSources {
    /// Loads the aggregates of [`Pokemon`].
    pub pokemon: ::castore::EventStore<__BackupQueue_Pokemon>,
    /// Loads the aggregates of [`Trainer`].
    pub trainer: ::castore::EventStore<__BackupQueue_Trainer>,
}
/// A message of [`BackupQueue`].
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub enum BackupQueueMessage {
    /// A message of event store [`Pokemon`].
    Pokemon(::castore::StateCarryingMessage<__BackupQueue_Pokemon>),
    /// A message of event store [`Trainer`].
    Trainer(::castore::StateCarryingMessage<__BackupQueue_Trainer>),
}
#[doc(hidden)]
#[allow(dead_code, deprecated, non_upper_case_globals)]
pub const BackupQueue: ::castore::__private::NotCreated<BackupQueue> = ::castore::__private::NotCreated::VALUE;
#[cfg(not(doc))]
#[allow(deprecated, non_camel_case_types)]
type __BackupQueue_Pokemon = ::castore::__private::Checked<
    Pokemon,
    { ::castore::__private::is_event_store::<Pokemon>() },
>;
#[cfg(doc)]
#[allow(deprecated, non_camel_case_types)]
type __BackupQueue_Pokemon = Pokemon;
#[cfg(not(doc))]
#[allow(deprecated, non_camel_case_types)]
type __BackupQueue_Trainer = ::castore::__private::Checked<
    Trainer,
    { ::castore::__private::is_event_store::<Trainer>() },
>;
#[cfg(doc)]
#[allow(deprecated, non_camel_case_types)]
type __BackupQueue_Trainer = Trainer;
#[allow(deprecated, trivial_bounds)]
const _: () = {
    impl BackupQueue {
        /// Creates the message channel, without an adapter yet.
        pub fn new(__sources: BackupQueueSources) -> Self {
            Self {
                core: ::core::default::Default::default(),
                sources: ::castore::__private::Arc::new(__sources),
            }
        }
        /// Creates the message channel, with an adapter.
        pub fn with_adapter<__A: ::castore::channel::ChannelAdapter<Self>>(
            __sources: BackupQueueSources,
            __adapter: __A,
        ) -> Self {
            let __channel = Self::new(__sources);
            ::castore::MessageChannel::set_adapter(&__channel, __adapter);
            __channel
        }
    }
    #[automatically_derived]
    impl ::castore::MessageChannel for BackupQueue {
        const ID: &'static str = "BACKUP_QUEUE";
        const SOURCES: &'static [::castore::channel::ChannelSource] = &[
            ::castore::channel::ChannelSource::new::<__BackupQueue_Pokemon>("Pokemon"),
            ::castore::channel::ChannelSource::new::<__BackupQueue_Trainer>("Trainer"),
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
    impl ::castore::message::ChannelMessage for BackupQueueMessage {
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
                <__BackupQueue_Pokemon as ::castore::EventSourced>::EVENT_STORE_ID => {
                    ::core::option::Option::Some(
                        __visitor
                            .visit::<
                                ::castore::StateCarryingMessage<__BackupQueue_Pokemon>,
                            >(),
                    )
                }
                <__BackupQueue_Trainer as ::castore::EventSourced>::EVENT_STORE_ID => {
                    ::core::option::Option::Some(
                        __visitor
                            .visit::<
                                ::castore::StateCarryingMessage<__BackupQueue_Trainer>,
                            >(),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
    }
    #[automatically_derived]
    impl ::castore::message::MessageEnum for BackupQueueMessage {
        type Channel = BackupQueue;
    }
    #[automatically_derived]
    impl ::castore::channel::IntoChannelMessage<BackupQueue> for BackupQueueMessage {
        fn into_channel_message(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::__private::serde::Serialize for BackupQueueMessage {
        fn serialize<__S: ::castore::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            ::castore::__private::serialize_channel_message(self, __serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::castore::__private::serde::Deserialize<'de> for BackupQueueMessage {
        fn deserialize<__D: ::castore::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::castore::__private::deserialize_channel_message(__deserializer)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::castore::StateCarryingMessage<__BackupQueue_Pokemon>>
    for BackupQueueMessage {
        fn from(
            __message: ::castore::StateCarryingMessage<__BackupQueue_Pokemon>,
        ) -> Self {
            Self::Pokemon(__message)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::castore::StateCarryingMessage<__BackupQueue_Trainer>>
    for BackupQueueMessage {
        fn from(
            __message: ::castore::StateCarryingMessage<__BackupQueue_Trainer>,
        ) -> Self {
            Self::Trainer(__message)
        }
    }
    #[automatically_derived]
    impl ::castore::channel::Carries<Pokemon> for BackupQueue
    where
        __BackupQueue_Pokemon: ::castore::EventSourced,
    {}
    #[automatically_derived]
    impl ::castore::channel::ConnectsTo<Pokemon> for BackupQueue
    where
        __BackupQueue_Pokemon: ::castore::EventSourced,
    {
        type Channel = Self;
        fn __channel(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::channel::LoadsAggregates<Pokemon> for BackupQueue
    where
        __BackupQueue_Pokemon: ::castore::EventSourced,
    {
        fn __aggregates(
            &self,
        ) -> &dyn ::castore::__private::AggregateSource<__BackupQueue_Pokemon> {
            &self.sources.pokemon
        }
    }
    #[automatically_derived]
    impl ::castore::channel::Carries<Trainer> for BackupQueue
    where
        __BackupQueue_Trainer: ::castore::EventSourced,
    {}
    #[automatically_derived]
    impl ::castore::channel::ConnectsTo<Trainer> for BackupQueue
    where
        __BackupQueue_Trainer: ::castore::EventSourced,
    {
        type Channel = Self;
        fn __channel(self) -> Self {
            self
        }
    }
    #[automatically_derived]
    impl ::castore::channel::LoadsAggregates<Trainer> for BackupQueue
    where
        __BackupQueue_Trainer: ::castore::EventSourced,
    {
        fn __aggregates(
            &self,
        ) -> &dyn ::castore::__private::AggregateSource<__BackupQueue_Trainer> {
            &self.sources.trainer
        }
    }
    const _: () = ::castore::__private::assert_channel_kind::<
        StateCarryingMessageQueue,
        ::castore::channel::StateCarrying,
        ::castore::channel::Queue,
    >();
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
};
