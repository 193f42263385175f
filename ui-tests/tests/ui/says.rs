//! The required texts of the first error of each case: what is wrong, with the user's names, and how to fix it.

/// The case, or the prefix of its name before a `*`, and the required texts. A case must satisfy all rows that match
/// it.
pub(crate) const SAYS: &[(&str, &[&str])] = &[
    // Connecting a store to a channel that does not carry it.
    (
        "connect/store-not-carried*",
        &["does not carry messages of event store `Battle`", "add `Battle` to the sources of"],
    ),
    ("connect/store-not-carried", &["message channel `AppBus`"]),
    ("connect/store-not-carried-one-store", &["message channel `PokemonBus`"]),
    ("connect/store-not-carried-with-state", &["message channel `BackupQueue`"]),
    ("connect/connected-store-not-carried-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    // Connecting to an aggregate-exists channel.
    (
        "connect/aggregate-exists-channel*",
        &["its messages carry no event", "use a notification or a state-carrying channel"],
    ),
    ("connect/aggregate-exists-channel", &["message channel `CensusBus`"]),
    ("connect/aggregate-exists-channel-one-store", &["message channel `PokemonCensusBus`"]),
    (
        "connect/via-relay-store-not-carried*",
        &["does not carry messages of event store", "to the sources of", "`connect_via_relay`"],
    ),
    ("connect/via-relay-store-not-carried", &["message channel `AppBus`", "event store `Battle`"]),
    ("connect/via-relay-store-not-carried-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    (
        "connect/via-relay-aggregate-exists-channel",
        &["message channel `CensusBus`: its messages carry no event", "use a notification or a state-carrying"],
    ),
    // Adding a store to a relay whose channel does not carry it, or starting a relay on a storage without a log.
    ("relay/store-not-carried*", &["does not carry messages of event store", "to the sources of"]),
    ("relay/store-not-carried", &["message channel `AppBus`", "event store `Battle`"]),
    ("relay/store-not-carried-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    (
        "relay/store-not-carried-with-state-one-store",
        &["message channel `PokemonBackupQueue`", "event store `Trainer`"],
    ),
    ("relay/aggregate-exists-channel*", &["CensusBus`: its messages carry no event"]),
    ("relay/not-a-store", &["is not an event store whose events can be published on message channel", "`AppBus`"]),
    ("relay/no-start", &["argument #3 of type `RelayStart` is missing"]),
    ("relay/storage-without-log", &["`&str` has no event log", "SQLite and the Postgres"]),
    ("relay/storage-without-relay-state", &["EventLog>` cannot be the storage of a relay", "start_with"]),
    ("relay/storage-by-reference", &["InMemoryEventStorageAdapter` cannot be the storage of a relay", "by value"]),
    ("relay/inline-queue-on-bus", &["message channel `AppBus` is a message bus, not a message queue"]),
    (
        "relay/log-as-state-carrying",
        &["cannot be read as messages of `BackupQueue`: the channel does not carry notifications", "`EventDetail<…>`"],
    ),
    // Pushing an event without the metadata that its event store requires.
    (
        "metadata/missing*",
        &[
            "an event of `Order` needs metadata, and this one has none",
            "`event.metadata(…)`",
            "`store.with_metadata(|| …)`",
        ],
    ),
    ("metadata/missing-in-generic-code", &["`impl Store<Order, Metadata = GivenByStore>`"]),
    ("metadata/returned-as-event-without", &["expected `NewEvent<Order>`, found `NewEvent<Order, WithMetadata>`"]),
    ("metadata/given-of-another-type", &["expected `Audit`, found `&str`"]),
    ("metadata/store-that-gives-none", &["`GivenByStore`"]),
    // Pushing in a transaction.
    ("transaction/connected-*", &["connect_via_relay` instead of `connect`"]),
    ("transaction/connected-store", &["publishes `ByPush<AppBus>`", "before the commit"]),
    ("transaction/connected-store-blocking", &["publishes `ByPush<AppBus>`", "before the commit"]),
    ("transaction/connected-store-in-group", &["publishes `(ByPush<AppBus>, Unpublished)`"]),
    ("transaction/connected-in-both-ways", &["publishes `ByPush<AppBus>`"]),
    ("transaction/any-store", &["publishes `DecidedAtRunTime`", "&impl TransactionalStore<"]),
    ("transaction/store-of-any-kind", &["cannot be pushed in a transaction", "&impl TransactionalStore<"]),
    (
        "transaction/read-connection",
        &["events cannot be read in `Connection`", "`&mut` reference to a transaction of the database"],
    ),
    (
        "transaction/read-connection-blocking",
        &[
            "`Connection` is not a blocking transaction, in which events can be read without `.await`",
            "pass the transaction of an asynchronous driver to `within` instead",
        ],
    ),
    (
        "transaction/connection",
        &["events cannot be pushed in `Connection`", "`&mut` reference to a transaction of the database"],
    ),
    (
        "transaction/connection-blocking",
        &["`Connection` is not a blocking transaction, in which events can be pushed", "rusqlite::Transaction"],
    ),
    // Requiring order on a channel that promises none.
    (
        "order/filter-in-order-*",
        &["does not promise the order of the messages of an aggregate", "#[channel(order = \"per_aggregate\")]"],
    ),
    (
        "order/listeners-in-order-*",
        &["does not promise the order of the messages of an aggregate", "#[channel(order = \"per_aggregate\")]"],
    ),
    (
        "order/relay-in-order-*",
        &["does not promise the order of the messages of an aggregate", "#[channel(order = \"per_aggregate\")]"],
    ),
    ("order/filter-in-order-on-unordered-bus", &["message channel `AppBus`"]),
    ("order/filter-in-order-on-unordered-bus-one-store", &["message channel `PokemonBus`"]),
    ("order/listeners-in-order-on-unordered-queue", &["message channel `AppQueue`"]),
    ("order/listeners-in-order-on-unordered-queue-one-store", &["message channel `PokemonQueue`"]),
    ("order/relay-in-order-on-unordered-bus", &["message channel `AppBus`"]),
    ("order/relay-in-order-on-unordered-bus-one-store", &["message channel `PokemonBus`"]),
    (
        "order/unordered-bus-adapter-on-ordered-bus*",
        &["`PostBusAdapter` does not keep the order `PerAggregate`", "attach an adapter that keeps the order"],
    ),
    // Brokers.
    (
        "broker/sqs-standard-queue-on-ordered-queue",
        &[
            "`SqsMessageQueueAdapter<OrderedQueue>` does not keep the order `PerAggregate`",
            "an adapter that keeps the order",
        ],
    ),
    ("broker/sqs-queue-on-bus", &["message channel `AppBus` is a message bus, not a message queue"]),
    ("broker/sqs-queue-on-bus-one-store", &["message channel `PokemonBus` is a message bus, not a message queue"]),
    ("broker/sqs-worker-of-bus", &["message channel `AppBus` is a message bus, not a message queue"]),
    (
        "broker/event-bridge-on-ordered-bus*",
        &[
            "`EventBridgeMessageBusAdapter<Ordered",
            "does not keep the order `PerAggregate`",
            "an adapter that keeps the order",
        ],
    ),
    ("broker/event-bridge-on-queue", &["message channel `AppQueue` is a message queue, not a message bus"]),
    (
        "broker/event-bridge-pattern-of-store-not-carried-one-store",
        &["message channel `PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    (
        "broker/event-bridge-message-of-store-not-carried-one-store",
        &[
            "`Trainer` and `AllEvents` do not select messages of message bus `PokemonBus`",
            "write a source of `PokemonBus`",
        ],
    ),
    (
        "broker/nats-without-partitions-on-ordered-queue",
        &[
            "`NatsMessageQueueAdapter<OrderedQueue>` does not keep the order `PerAggregate`",
            "an adapter that keeps the order",
        ],
    ),
    (
        "broker/nats-without-partitions-on-ordered-bus-one-store",
        &[
            "`NatsMessageBusAdapter<OrderedPokemonBus>` does not keep the order `PerAggregate`",
            "an adapter that keeps the order",
        ],
    ),
    ("broker/nats-bus-on-queue", &["message channel `AppQueue` is a message queue, not a message bus"]),
    ("broker/nats-worker-of-bus", &["is not a NATS adapter of a message queue", "for buses there is `NatsListener`"]),
    (
        "broker/nats-listener-of-store-not-carried-one-store",
        &["message channel `PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    // Filtering by an event subset.
    ("event-subset/listener-of-another-store", &["`Mailed` is not a subset of the events of event store `Trainer`"]),
    ("event-subset/listener-of-no-subset", &["`TrainerEvent` is not a subset of the events", "derive `EventSubset`"]),
    (
        "event-subset/listener-of-store-not-carried-one-store",
        &["message channel `PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    ("event-subset/listener-on-aggregate-exists-bus*", &["cannot filter by event type: its messages carry no event"]),
    ("event-subset/listener-on-aggregate-exists-bus", &["`CensusBus`"]),
    ("event-subset/listener-on-aggregate-exists-bus-one-store", &["`PokemonCensusBus`"]),
    ("event-subset/match-misses-an-event", &["`&Mailed::Appeared { .. }` not covered"]),
    ("event-subset/unknown-variant", &["no variant named `GainedLevel` found for enum `PokemonEvent`"]),
    ("event-subset/unknown-field", &["variant `PokemonEvent::Appeared` does not have a field named `nick`"]),
    ("event-subset/field-of-another-type", &["expected `&u32`, found `&String`"]),
    ("event-subset/of-no-event-enum", &["`Pokemon` is not an event enum", "#[derive(Event)]"]),
    ("event-subset/missing-of", &["`Mailed` does not name its event enum", "#[event_subset(of = PokemonEvent)]"]),
    ("event-subset/misspelled-of", &["did you mean `of`"]),
    ("event-subset/on-struct", &["belongs on an enum with some of the variants", "`Mailed` is a struct"]),
    ("event-subset/not-clone", &["`Mailed: Clone`", "#[derive(Clone)]"]),
    // Listeners, with any broker.
    ("listen/listeners-store-not-carried", &["`AppBus` does not carry messages of event store `Battle`"]),
    (
        "listen/listeners-store-not-carried-one-store",
        &["`PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    ("listen/listeners-of-another-channel", &["expected `Listeners<AppBus>`, found `Listeners<PokemonBus>`"]),
    ("listen/error-without-class", &["`MailError` does not specify what happens to a message", "impl ClassifyError"]),
    // Handlers with state.
    ("listen/state-not-send", &["`Rc<Mailer>` cannot be the state of a handler", "use `Arc` instead of `Rc`"]),
    ("listen/state-not-clone", &["`Mailer` cannot be the state of a handler", "is not `Clone` in an `Arc`"]),
    ("listen/hook-state-not-send", &["`Rc<Cell<u64>>` cannot be the state of a handler", "use `Arc` instead of `Rc`"]),
    ("listen/method-of-another-store", &["NotificationMessage<Pokemon>", "NotificationMessage<Trainer>"]),
    ("listen/method-with-borrowed-self", &["expected function signature `fn(Arc<Mailer>,", "`fn(&Mailer,"]),
    ("listen/method-with-text-error", &["`Result<(), HandlerError>`, but it resolves to `Result<(), String>`"]),
    // Replaying events on a channel that does not carry the store.
    ("replay/store-not-carried", &["message channel `AppBus` does not carry messages of event store `Battle`"]),
    (
        "replay/store-not-carried-one-store",
        &["message channel `PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    (
        "replay/aggregate-of-store-not-carried-one-store",
        &["message channel `PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    (
        "replay/ids-of-store-not-carried-one-store",
        &["message channel `PokemonCensusBus` does not carry messages of event store `Trainer`"],
    ),
    (
        "replay/collection-with-store-not-carried-one-store",
        &["message channel `PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    (
        "replay/events-into-aggregate-exists-channel",
        &["`CensusBus`: its messages carry no event", "pour_event_store_aggregate_ids"],
    ),
    (
        "replay/collection-into-aggregate-exists-channel",
        &["`CensusBus`: its messages carry no event", "pour_event_store_aggregate_ids"],
    ),
    ("replay/ids-into-notification-channel", &["`AppBus`: its messages carry events", "pour_event_store_events"]),
    ("replay/collection-of-one-store-without-tuple", &["not a collection of event stores", "pass a tuple"]),
    ("replay/wrong-aggregate-id", &["expected an aggregate id of type `String`, found `{integer}`"]),
    (
        "replay/event-type-of-another-store",
        &["expected an event type of event store `Pokemon`, found `TrainerEventType`"],
    ),
    // Snapshots of states that cannot be serialized, and storages without snapshots.
    (
        "snapshots/state-not-serializable*",
        &["snapshots of event store `Shop` cannot be stored", "derive `serde::Serialize`", "`InMemorySnapshotAdapter`"],
    ),
    ("snapshots/storage-keeps-no-snapshots", &["`&str` is not a snapshot store", "`InMemorySnapshotAdapter`"]),
    ("snapshots/snapshots-of-another-store", &["expected `Snapshots<Pokemon>`, found `Snapshots<Trainer>`"]),
    ("event-store/reducer-version-as-text", &["takes a whole number; write `reducer_version = 2`"]),
    // Publishing a message of a store that is not a source, or of the wrong kind.
    ("publish/notification-of-another-store*", &["does not carry messages of event store", "to the sources of"]),
    ("publish/notification-of-another-store", &["message channel `AppBus`", "event store `Battle`"]),
    ("publish/notification-of-another-store-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    ("publish/state-carrying-of-another-store", &["message channel `BackupQueue`", "event store `Battle`"]),
    (
        "publish/state-carrying-of-another-store-one-store",
        &["message channel `PokemonBackupQueue`", "event store `Trainer`"],
    ),
    ("publish/aggregate-exists-of-another-store", &["message channel `CensusBus`", "event store `Battle`"]),
    (
        "publish/aggregate-exists-of-another-store-one-store",
        &["message channel `PokemonCensusBus`", "event store `Trainer`"],
    ),
    ("publish/list-of-another-store", &["message channel `AppBus`", "event store `Battle`"]),
    ("publish/list-of-another-store-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    ("publish/tuple-element-of-another-store", &["message channel `AppBus`", "event store `Battle`"]),
    ("publish/tuple-element-of-another-store-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    (
        "publish/notification-on-state-carrying-channel*",
        &["carries `StateCarrying` messages, not `Notification` messages", "BackupQueue"],
    ),
    (
        "publish/notification-on-aggregate-exists-channel*",
        &["carries `AggregateExists` messages, not `Notification` messages", "CensusBus"],
    ),
    (
        "publish/state-carrying-on-notification-channel*",
        &["carries `Notification` messages, not `StateCarrying` messages", "Bus`"],
    ),
    (
        "publish/state-carrying-on-aggregate-exists-channel*",
        &["carries `AggregateExists` messages, not `StateCarrying` messages", "CensusBus"],
    ),
    (
        "publish/aggregate-exists-on-notification-channel*",
        &["carries `Notification` messages, not `AggregateExists` messages", "Bus`"],
    ),
    (
        "publish/aggregate-exists-on-state-carrying-channel*",
        &["carries `StateCarrying` messages, not `AggregateExists` messages", "BackupQueue"],
    ),
    ("publish/list-of-another-kind*", &["carries `Notification` messages, not `StateCarrying` messages"]),
    (
        "publish/event-instead-of-message*",
        &["EventDetail<Pokemon>` cannot be published on message channel", "pass a message of one of the sources"],
    ),
    ("publish/message-enum-of-another-channel*", &["QueueMessage` cannot be published on message channel", "Bus`"]),
    (
        "publish/one-message-instead-of-several",
        &[
            "NotificationMessage<Pokemon>` is not a list of messages of message channel `AppBus`",
            "pass a `Vec`, an array, or a tuple of messages",
        ],
    ),
    ("publish/state-carrying-without-aggregate", &["missing field `aggregate`", "StateCarryingMessage"]),
    ("publish/aggregate-of-another-store", &["expected `Aggregate<Pokemon>`, found `Aggregate<Trainer>`"]),
    // Loading aggregates for a channel whose messages contain none.
    (
        "publish/get-aggregate-on-notification-channel*",
        &["Bus` carries `Notification` messages; only state-carrying channels", "declare"],
    ),
    (
        "publish/get-aggregate-on-aggregate-exists-channel*",
        &["CensusBus` carries `AggregateExists` messages; only state-carrying channels"],
    ),
    (
        "publish/get-aggregate-of-another-store",
        &["message channel `BackupQueue` does not carry messages of event store `Battle`"],
    ),
    (
        "publish/get-aggregate-of-another-store-one-store",
        &["message channel `PokemonBackupQueue` does not carry messages of event store `Trainer`"],
    ),
    // Filtering by stores or event types that the bus does not carry.
    (
        "listen/store-not-carried",
        &["message channel `AppBus` does not carry messages of event store `Battle`", "^^ `AppBus`"],
    ),
    (
        "listen/store-not-carried-one-store",
        &["message channel `PokemonBus` does not carry messages of event store `Trainer`"],
    ),
    ("listen/event-type-of-store-not-carried", &["message channel `AppBus`", "event store `Battle`"]),
    ("listen/event-type-of-store-not-carried-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    ("listen/one-of-several-stores-not-carried", &["message channel `AppBus`", "event store `Battle`"]),
    ("listen/one-of-several-stores-not-carried-one-store", &["message channel `PokemonBus`", "event store `Trainer`"]),
    (
        "listen/event-type-of-another-store",
        &["expected an event type of event store `Pokemon`, found `TrainerEventType`"],
    ),
    (
        "listen/second-event-type-of-another-store",
        &["expected an event type of event store `Pokemon`, found `TrainerEventType`"],
    ),
    (
        "listen/event-instead-of-event-type",
        &[
            "expected an event type of event store `Pokemon`, found `PokemonEvent`",
            "events, and event types of other stores, cannot be used here",
        ],
    ),
    (
        "listen/event-type-on-aggregate-exists-bus*",
        &["CensusBus` cannot filter by event type: its messages carry no event", "filter by event store alone"],
    ),
    ("listen/event-type-of-no-store", &["`PokemonEventType`", "Filter::store::<…>().event_type(…)"]),
    (
        "listen/event-type-instead-of-filter",
        &["`PokemonEventType` is not a filter", "message channel `AppBus`", "Filter::store::<…>()"],
    ),
    ("listen/not-an-event-store", &["`u32` is not an event store", "#[event_store("]),
    ("listen/handler-of-another-store*", &["NotificationMessage<Pokemon>", "NotificationMessage<Trainer>"]),
    ("listen/function-of-another-store", &["NotificationMessage<Pokemon>", "NotificationMessage<Trainer>"]),
    ("listen/worker-of-another-channel", &["AppQueueMessage", "PokemonQueueMessage"]),
    // Adapters of another topology, or of another channel.
    (
        "adapter/attach-queue-to-bus*",
        &["Bus` is a message bus, not a message queue", "use an adapter or a consumer for message buses"],
    ),
    (
        "adapter/attach-bus-to-queue*",
        &["Queue` is a message queue, not a message bus", "use an adapter or a consumer for message queues"],
    ),
    (
        "adapter/queue-adapter-on-bus*",
        &[
            "`PostQueueAdapter` cannot be the adapter of message channel",
            "`AdapterFor<Bus>` is not implemented",
            "`AdapterFor<Queue>` is implemented",
        ],
    ),
    (
        "adapter/bus-adapter-on-queue*",
        &[
            "`PostBusAdapter` cannot be the adapter of message channel",
            "`AdapterFor<Queue>` is not implemented",
            "`AdapterFor<Bus>` is implemented",
        ],
    ),
    (
        "adapter/adapter-of-another-channel",
        &[
            "InMemoryMessageBusAdapter<PokemonBus>` does not publish messages of type `AppBusMessage`",
            "create the adapter for the channel",
        ],
    ),
    (
        "adapter/adapter-of-another-channel-one-store",
        &[
            "InMemoryMessageBusAdapter<AppBus>` does not publish messages of type `PokemonBusMessage`",
            "create the adapter for the channel",
        ],
    ),
    (
        "adapter/unordered-adapter-on-ordered-channel",
        &[
            "`PostQueueAdapter` does not keep the order `PerAggregate` that the message channel promises",
            "attach an adapter that keeps the order, or remove `order",
        ],
    ),
    (
        "adapter/storage-adapter-on-channel",
        &["InMemoryEventStorageAdapter` cannot be the adapter of message channel `AppBus`"],
    ),
    ("adapter/message-adapter-on-event-store", &["InMemoryMessageBusAdapter<AppBus>` is not an event storage adapter"]),
    // The sources of a channel.
    ("channel/store-listed-twice", &["event store `Pokemon` is listed twice; remove one"]),
    (
        "channel/store-listed-twice-by-alias",
        &["NotificationMessage<Pokemon>", "GameBus", "^^^^^^^ conflicting", "------- "],
    ),
    (
        "channel/two-stores-of-one-id",
        &[
            "event stores `Trainer` and `Rival` of message channel `GameBus` share the id \"TRAINERS\"",
            "give one of them another id",
        ],
    ),
    (
        "channel/two-stores-of-one-name*",
        &["event stores `Pokemon` and `wild::Pokemon`", "use wild::Pokemon as OtherPokemon"],
    ),
    (
        "channel/not-an-event-store*",
        &[
            "`Customer` is not an event store",
            "add `#[event_store(id = \"…\", event = …)]` to the type `Customer`",
            "^^^^^^^^ needs",
        ],
    ),
    ("channel/reference-to-a-store", &["`&Pokemon` is not an event store", "#[event_store]"]),
    (
        "channel/no-sources",
        &["message channel `GameBus` has no event stores; list them, as in `NotificationMessageBus<Pokemon, Trainer>`"],
    ),
    (
        "channel/empty-sources",
        &["message channel `GameBus` has no event stores; list them, as in `NotificationMessageBus<Pokemon, Trainer>`"],
    ),
    ("channel/missing-source", &["missing field `trainer`", "`BackupQueueSources`"]),
    ("channel/source-of-another-store", &["expected `EventStore<Trainer>`, found `EventStore<Battle>`"]),
    ("channel/no-sources-given", &["`BackupQueueSources` is missing"]),
    // The declaration of a channel.
    (
        "channel/misspelled-kind",
        &["unknown kind of message channel `NotificationBus`; did you mean `NotificationMessageBus`?"],
    ),
    ("channel/unknown-kind", &["unknown kind of message channel `Vec`; the kinds are", "`StateCarryingMessageBus`"]),
    ("channel/generic", &["message channel `GameBus` is generic"]),
    ("channel/misspelled-option", &["unknown option `ordr` of `#[channel]`; did you mean `order`?"]),
    ("channel/unknown-order", &["unknown `order` value `fifo`; the values are `none` and `per_aggregate`"]),
    ("channel/empty-id", &["id is empty; write a name, such as `id = \"GAME_BUS\"`"]),
    ("channel/message-named-like-the-channel", &["both called `GameBus`; write `message = GameBusMessage`"]),
    ("channel/struct-in-macro", &["struct `GameBus`", "write `type"]),
    ("channel/equals-sign-missing", &["write `type GameBus = NotificationMessageBus<Pokemon>;`"]),
    ("channel/attribute-on-struct", &["`#[channel]` belongs on a `type` alias, not on struct `GameBus`"]),
    (
        "channel/attribute-several-mistakes",
        &["`ordr`", "`NotificationMessageBs`", "id is empty", "both called `GameBus`", "listed twice"],
    ),
    (
        "channel/several-mistakes",
        &["`ordr`", "`NotificationMessageBs`", "id is empty", "listed twice", "`GameQueue` has no event stores"],
    ),
    // `#[event_store]`.
    (
        "event-store/missing-id",
        &["event store `Order` lacks the option `id`; write `#[event_store(id = \"ORDER\", …)]`"],
    ),
    ("event-store/empty-id", &["id is empty; write a name, such as `id = \"ORDER\"`"]),
    ("event-store/blank-id", &["id is empty; write a name, such as `id = \"ORDER\"`"]),
    ("event-store/hash-in-id", &["contains `#`", "use another character"]),
    ("event-store/id-without-quotes", &["option `id` takes a string literal; write"]),
    ("event-store/duplicate-id", &["option `id` is given twice; remove one"]),
    (
        "event-store/missing-event",
        &["event store `Order` lacks the option `event`; write `#[event_store(event = OrderEvent, …)]`"],
    ),
    (
        "event-store/missing-everything",
        &["lacks the options `id` and `event`; write `#[event_store(id = \"ORDER\", event = OrderEvent)]`"],
    ),
    ("event-store/misspelled-option", &["unknown option `evnt` of `#[event_store]`; did you mean `event`?"]),
    (
        "event-store/required-metadata-without-type",
        &["option `metadata` needs a value; write `metadata(required) = Trigger`"],
    ),
    (
        "event-store/misspelled-required-metadata",
        &["unknown word `requird` in `metadata(…)`; did you mean `required`?"],
    ),
    (
        "event-store/required-metadata-as-option",
        &["`required` is not an option of `#[event_store]`; write `metadata(required) = Trigger`"],
    ),
    ("event-store/unknown-option", &["unknown option `color` of `#[event_store]`; the options are `id`, `event`"]),
    ("event-store/quoted-event", &["write `event = TrainerEvent` without quotes"]),
    ("event-store/given-twice", &["`#[event_store]` is given twice; remove one"]),
    ("event-store/several-mistakes", &["`evnt`", "`color`", "id is empty"]),
    (
        "event-store/event-without-derive",
        &["`OrderEvent` is not an event enum", "add `#[derive(Event)]` to the enum `OrderEvent`"],
    ),
    ("event-store/event-type-instead-of-event", &["`TrainerEventType` is not an event enum", "#[derive(Event)]"]),
    ("event-store/no-reducer", &["event store `Order` has no reducer", "impl Reducer for Order { fn reduce("]),
    ("event-store/reducer-without-store", &["`Order` is not an event store", "add `#[event_store("]),
    ("event-store/reducer-misses-an-event", &["`PokemonEvent::LeveledUp` not covered"]),
    ("event-store/reducer-of-another-event", &["expected `PokemonEvent`, found `TrainerEvent`"]),
    ("event-store/generic", &["event store `Order` is generic", "write concrete types"]),
    ("event-store/lifetime", &["event store `Order` is generic", "write concrete types"]),
    ("event-store/on-function", &["belongs on the struct or enum", "function `order`"]),
    ("event-store/on-trait", &["belongs on the struct or enum", "trait `Order`"]),
    ("event-store/on-module", &["belongs on the struct or enum", "module `order`"]),
    ("event-store/on-type-alias", &["belongs on the struct or enum", "type alias `Order`"]),
    ("event-store/on-union", &["belongs on the struct or enum", "union `Order`"]),
    ("event-store/on-impl", &["belongs on the struct or enum", "impl block"]),
    (
        "event-store/metadata-not-serializable",
        &["`Trigger` cannot be the metadata of an event store", "derive `Clone`, `serde::Serialize`"],
    ),
    // `#[derive(Event)]`.
    ("event/on-struct", &["belongs on an enum", "`OrderEvent` is a struct; write `enum OrderEvent { … }`"]),
    ("event/on-union", &["belongs on an enum", "`OrderEvent` is a union; write `enum OrderEvent { … }`"]),
    ("event/no-variants", &["event enum `OrderEvent` has no variants; add one"]),
    ("event/generic", &["event enum `OrderEvent` is generic"]),
    ("event/discriminant", &["remove the discriminant"]),
    ("event/not-clone", &["`OrderEvent: Clone`", "#[derive(Clone)]"]),
    (
        "event/two-variants-of-one-type",
        &["variants `Placed` and `Paid` have the same event type `PAID`", "#[event(type = \"…\")]"],
    ),
    (
        "event/type-of-another-variant",
        &["variants `Placed` and `Paid` have the same event type `Paid`", "#[event(type = \"…\")]"],
    ),
    ("event/reserved-type-replayed", &["event type `__REPLAYED__` is reserved", "use another name"]),
    ("event/reserved-type-aggregate-exists", &["event type `__AGGREGATE_EXISTS__` is reserved", "use another name"]),
    ("event/empty-type", &["the event type is empty; write a name, such as `type = \"PLACED\"`"]),
    ("event/misspelled-option", &["unknown option `rename` of `#[event]`; did you mean `rename_all`?"]),
    (
        "event/unknown-option-of-a-variant",
        &["unknown option `name` of `#[event]`; the options are `type`, `from` and `other`"],
    ),
    ("event/option-of-the-enum-on-a-variant", &["option `rename_all` of `#[event]` belongs on the enum"]),
    ("event/option-on-a-field", &["for a field, write `#[serde(…)]`"]),
    (
        "event/misspelled-rename-all",
        &["unknown `rename_all` value `SCREAMING_SNAKECASE`; did you mean `SCREAMING_SNAKE_CASE`?"],
    ),
    ("event/unknown-rename-all", &["unknown `rename_all` value `loud`; the values are `lowercase`"]),
    ("event/rename-all-by-serde", &["write `#[event(rename_all = …)]`", "`#[event(own_serde = true)]`"]),
    (
        "event/misspelled-serde-option-by-cfg-attr",
        &["unknown option `rename_all_filds`", "did you mean `rename_all_fields`?"],
    ),
    ("state/serde-without-derive", &["cannot find attribute `serde`", "derive"]),
    (
        "state/field-serialized-as-version-by-cfg-attr",
        &["field `edition` is serialized as `version`", "rename or remove the field"],
    ),
    ("event/rename-by-serde", &["write `#[event(type = \"…\")]`"]),
    (
        "event/several-unnamed-fields",
        &["variant `Placed` has 2 unnamed fields", "name the fields, `Placed { … }`", "`Placed(PlacedPayload)`"],
    ),
    ("event/empty-parentheses", &["variant `Placed` has empty parentheses; write `Placed`"]),
    (
        "event/payload-not-serializable",
        &["`Product` cannot be part of an event's payload", "derive `serde::Serialize` and `serde::Deserialize`"],
    ),
    (
        "event/field-not-serializable",
        &["`Product` cannot be part of an event's payload", "derive `serde::Serialize` and `serde::Deserialize`"],
    ),
    (
        "event/several-mistakes",
        &["`color`", "`loud`", "2 unnamed fields", "`__REPLAYED__` is reserved", "the event type is empty"],
    ),
    // Events, groups and ids of another store.
    ("push/event-of-another-store*", &["expected `NewEvent<Pokemon, _>`, found `NewEvent<Trainer>`"]),
    ("push/payload-of-another-store", &["expected `NewEvent<Pokemon, _>`, found `NewEvent<Trainer>`"]),
    ("push/payload-of-another-store-named", &["`TrainerEvent` is not the event enum of event store `Pokemon`"]),
    ("push/next-event-of-another-store", &["expected `PokemonEvent`, found `TrainerEvent`"]),
    ("push/no-event-at-all", &["`&str` is not the event enum", "`PokemonEvent` implements `EventOf<Pokemon>`"]),
    ("push/undeclared-event", &["`Fainted`", "`PokemonEvent`"]),
    ("push/payload-without-a-field", &["missing field `name`", "`PokemonEvent`"]),
    ("push/no-version", &["`u64` is missing"]),
    ("push/negative-version", &["`u64`", "unsigned values cannot be negated"]),
    ("push/metadata-of-a-store-without", &["expected `NoMetadata`, found `&str`"]),
    (
        "push/previous-aggregate-of-another-store",
        &["expected an aggregate of event store `Pokemon`, found `castore::Aggregate<Trainer>`"],
    ),
    ("push/next-aggregate-without-check", &["Option<Aggregate<Pokemon>>"]),
    ("push/simulated-events-of-another-store", &["expected `EventDetail<Pokemon>`, found `EventDetail<Trainer>`"]),
    ("group/event-of-another-store", &["expected `NewEvent<Pokemon, _>`, found `NewEvent<Trainer>`"]),
    (
        "group/ungrouped-element",
        &["NewEvent<Trainer>` is not a grouped event", "`store.group_event(event)`", " ^ not a grouped event"],
    ),
    ("group/ungrouped-first-element", &["NewEvent<Pokemon>` is not a grouped event", " ^ not a grouped event"]),
    ("group/ungrouped-list", &["NewEvent<Pokemon>` is not a grouped event", "`store.group_event(event)`"]),
    ("group/push-request-as-element", &["PushEvent<Pokemon>` is not a grouped event", "`store.group_event(event)`"]),
    ("group/empty", &["`()` is not a group of events", "pass a tuple of one to twelve grouped events"]),
    (
        "group/without-tuple",
        &["GroupedEvent<Pokemon>` is not a group of events", "pass a tuple of one to twelve grouped events"],
    ),
    ("group/answer-of-another-store", &["no field `victories`", "`Aggregate<Pokemon>`"]),
    ("group/answer-of-a-third-element", &["(PushedEvent<Pokemon>, PushedEvent<Trainer>)"]),
    ("ids/text-for-a-typed-id*", &["expected an aggregate id of type `GymId`, found `&str`"]),
    ("ids/id-of-another-store*", &["expected an aggregate id of type `String`, found `GymId`"]),
    ("ids/number-for-text", &["expected an aggregate id of type `String`, found `{integer}`"]),
    ("ids/id-type-is-not-text", &["`OrderId` cannot identify an aggregate", "implement `Display` and `FromStr`"]),
    // States.
    ("state/field-version", &["field `version` is already part of `Aggregate<Order>`", "remove the field"]),
    ("state/field-aggregate-id", &["field `aggregate_id` is already part of `Aggregate<Order>`", "remove the field"]),
    (
        "state/field-aggregate-id-renamed-by-container",
        &["field `aggregate_id` is serialized as `aggregateId`", "rename or remove the field"],
    ),
    (
        "state/field-serialized-as-version",
        &["field `edition` is serialized as `version`", "rename or remove the field"],
    ),
    (
        "state/field-serialized-as-aggregate-id",
        &["field `id` is serialized as `aggregateId`", "rename or remove the field"],
    ),
    ("state/tag-version", &["the tag `version` is already part of `Aggregate<Order>`", "use another tag"]),
    (
        "state/not-serializable*",
        &["cannot carry the state `Order`", "derive `serde::Serialize` and `serde::Deserialize` for `Order`"],
    ),
    (
        "state/not-deserializable",
        &["cannot carry the state `Order`", "derive `serde::Serialize` and `serde::Deserialize` for `Order`"],
    ),
    ("state/not-clone", &["the state `Order` cannot be cloned", "#[derive(Clone)]"]),
    // Commands.
    ("command/less-visible-input", &["private type `CatchPokemon` in public interface"]),
    ("command/not-async", &["command `catch` is not async; write `async fn catch`"]),
    ("command/mutable-parameter", &["cannot take `&mut`; take `&`"]),
    ("command/method", &["not a method", "as parameters"]),
    (
        "command/no-parameters",
        &["command `catch` takes no event store; add a parameter such as `pokemons: &impl Store<Pokemon>`"],
    ),
    ("command/no-result", &["command `catch` returns nothing; write `-> Result<(), …>`"]),
    ("command/option-instead-of-result", &["expected `&Result<_, _>`, found `&Option<()>`"]),
    ("command/error-is-no-error", &["`String` cannot be the error of a command", "std::error::Error"]),
    ("command/value-is-not-clone", &["`Ball: Clone`", "^^^^"]),
    ("command/store-of-no-store", &["`u32` is not an event store"]),
    ("command/on-struct", &["belongs on an `async fn`, not on struct `Catch`"]),
    ("command/missing-id", &["command `catch` lacks the option `id`; write `#[command(id = \"CATCH\")]`"]),
    ("command/empty-id", &["id is empty; write a name, such as `id = \"CATCH\"`"]),
    ("command/misspelled-option", &["unknown option `retry` of `#[command]`; did you mean `retries`?"]),
    ("command/retries-not-a-number", &["option `retries` takes a whole number; write `retries = 2`"]),
    ("command/hook-of-another-error", &["expected `&str`, found `&EventAlreadyExists`"]),
    (
        "command/called-with-another-store",
        &["EventStore<Trainer>` is not an event store of `Pokemon`", "pass an `EventStore<Pokemon>`"],
    ),
    ("command/called-with-another-input", &["expected `&str`, found integer"]),
    ("command/called-without-context", &["Timestamp` is missing"]),
    ("command/several-mistakes", &["`retry`", "id is empty", "is not async", "`&mut`", "returns nothing"]),
    // Results that are dropped. These cases compile with `deny(unused_must_use)`.
    ("unused/connect*", &["unused `ConnectedEventStore` that must be used", "pushed through the connected store"]),
    ("unused/clock-dropped", &["EventStore` that must be used", "does nothing by itself"]),
    (
        "unused/listener-dropped",
        &["unused `Listeners` that must be used", "until the listeners are passed to a consumer"],
    ),
    ("unused/filter-dropped", &["unused return value of", "returns the changed filter"]),
    (
        "unused/push-within-not-awaited",
        &["unused `PushWithin` that must be used", "nothing is pushed before this is awaited"],
    ),
    ("unused/push-not-awaited", &["unused `PushEvent` that must be used", "nothing is pushed before this is awaited"]),
    // States, payloads and names that JSON, storages or brokers could not carry.
    ("state/variant-version", &["variant `Version` is serialized as `version`", "rename the variant"]),
    ("state/content-version", &["the content is serialized as `version`", "use another key"]),
    (
        "state/no-object-unit-variants",
        &[
            "`OrderQueue` cannot carry the state `Order`",
            "its variant `Open` is serialized as a string",
            "#[serde(tag = ",
        ],
    ),
    (
        "state/no-object-tuple-struct-one-store",
        &[
            "`OrderQueue` cannot carry the state `Order`",
            "a tuple struct is serialized as an array",
            "or a notification channel",
        ],
    ),
    ("event/misspelled-serde-option", &["unknown option `rename_all_filds`", "did you mean `rename_all_fields`?"]),
    (
        "event/unsupported-serde-option",
        &["serde's `default` is not supported on an event enum", "the supported options are `rename_all_fields`"],
    ),
    ("event/misspelled-serde-option-of-a-field", &["unknown option `alais`", "did you mean `alias`?"]),
    (
        "event/line-break-in-type",
        &["the event type contains a line break or a control character", "use printable characters"],
    ),
    (
        "channel/line-break-in-id",
        &["the message channel's id contains a line break or a control character", "use printable characters"],
    ),
    // Sources of channels that are not event stores.
    (
        "channel/handle-as-source",
        &[
            "`EventStore<Trainer>` belongs to event store `Trainer`, but is not the event store itself",
            "list `Trainer`",
        ],
    ),
    ("channel/aggregate-as-source", &["`Aggregate<Trainer>` belongs to event store `Trainer`", "list `Trainer`"]),
    (
        "channel/event-as-source",
        &[
            "`TrainerEvent` is not an event store",
            "did you mean the event store of these events?",
            "instead of the event enum",
        ],
    ),
    ("channel/kind-not-imported", &["cannot find type `NotificationMessageBus` in this scope"]),
    (
        "channel/another-type-as-kind",
        &["has the name of a channel kind, but it is not the channel kind of castore", "`castore::channel`"],
    ),
    (
        "channel/alias-without-attribute",
        &["NotificationMessageBus<Pokemon, Trainer>` is a kind of message channel", "put `#[channel]` on the alias"],
    ),
    ("channel/unresolved-source", &["cannot find type `Pokemn`", "a struct with a similar name exists"]),
    ("channel/not-an-event-store-in-two-channels", &["`Customer` is not an event store", "add `#[event_store("]),
    // Names that are already taken.
    ("channel/two-of-one-name", &["two message channels are called `GameBus`; rename one of them"]),
    ("channel/two-of-one-name-in-two-calls", &["is defined multiple times"]),
    (
        "channel/named-like-its-store",
        &["the message channel and its event store are both called `Pokemon`; call the channel `PokemonBus`"],
    ),
    (
        "channel/message-named-like-its-store",
        &["the messages and their event store are both called `Pokemon`; write `message = GameBusMessage`"],
    ),
    ("channel/message-name-taken", &["the name `Order` is defined multiple times"]),
    ("event/type-enum-name-taken", &["the name `OrderEventType` is defined multiple times"]),
    // Option names of the original TypeScript library, and other forms of declarations.
    (
        "channel/words-of-the-original",
        &["option `message_bus_id` of `#[channel]` is called `id` here; write `id = \"APP_BUS\"`"],
    ),
    (
        "event-store/words-of-the-original",
        &["option `event_store_id` of `#[event_store]` is called `id` here; write `id = \"POKEMONS\"`"],
    ),
    (
        "command/words-of-the-original",
        &["option `command_id` of `#[command]` is called `id` here; write `id = \"CATCH_POKEMON\"`"],
    ),
    ("channel/as-form", &["write `type GameBus = NotificationMessageBus<Pokemon, Trainer>;`"]),
    ("channel/colon-form", &["write `type GameBus = NotificationMessageBus<Pokemon, Trainer>;`"]),
    ("channel/without-type-keyword", &["write `pub type GameBus = NotificationMessageBus<Pokemon, Trainer>;`"]),
    ("channel/without-semicolon", &["write `type GameBus = NotificationMessageBus<Pokemon, Trainer>;`"]),
    ("channel/in-an-impl", &["struct is not supported in `trait`s or `impl`s", "moving the struct out"]),
    ("command/associated-function", &["module is not supported in `trait`s or `impl`s", "moving the module out"]),
    // Payloads and states.
    (
        "event/nested-payload-not-serializable",
        &["`Product` cannot be part of an event's payload", "derive `serde::Serialize` and `serde::Deserialize`"],
    ),
    ("event/payload-is-dyn", &["cannot be part of an event's payload: serde cannot write and read it"]),
    ("event/payload-is-not-shared", &["cannot be part of an event's payload: serde cannot write and read it"]),
    ("event/misspelled-serde-value", &["unknown rename rule `rename_all = \"camelcase\"`", "\"camelCase\""]),
    ("state/not-shared", &["the state `Order` cannot be shared between threads", "use `Arc` instead of `Rc`"]),
    // Wirings.
    (
        "wiring/source-not-listed",
        &["`AppBus` carries event store `Trainer`, which `Game` does not list", "add `Trainer` to its `stores`"],
    ),
    ("wiring/store-not-carried", &["no message channel of `Game` carries event store `Gym`", "or to `elsewhere`"]),
    (
        "wiring/channel-without-consumer",
        &["message channel `MailQueue` has no consumer in `Game`", "add the channel to `elsewhere`"],
    ),
    (
        "wiring/second-worker",
        &["message queue `MailQueue` has two workers, `mailer` and `archive`", "a queue of its own"],
    ),
    ("wiring/two-stores-of-one-id", &["event stores `Pokemon` and `Arena` of `Game` share the id \"POKEMONS\""]),
    ("wiring/two-channels-of-one-id", &["message channels `AppBus` and `OtherBus` of `Game` share the id \"APP_BUS\""]),
    (
        "wiring/consumed-channel-not-listed",
        &["consumer `mailer` consumes message channel `MailQueue`", "add `MailQueue` to its `channels`"],
    ),
    ("wiring/in-order-on-unordered-channel", &["consumer `screen` requires", "#[channel(order = \"per_aggregate\")]"]),
    ("wiring/not-a-store", &["`AppBus` is not an event store", "a message channel belongs in `channels`"]),
    ("wiring/not-a-channel", &["`Trainer` is not a message channel"]),
    ("wiring/consumer-without-channel", &["consumer `screen` has no message channel; write `screen on AppBus`"]),
    ("wiring/consumer-on-a-store", &["`Trainer` is not a message channel"]),
    ("wiring/misspelled-list", &["unknown list `chanels` of `wiring!`; did you mean `channels`?"]),
    ("wiring/listed-twice", &["`Pokemon` is listed twice in `stores`; remove one of them"]),
    ("wiring/misspelled-entry", &["cannot find type `Trainr`", "similarly named struct `Trainer`"]),
    ("wiring/misspelled-order", &["unknown word `inorder`", "write `in_order`"]),
    ("wiring/two-consumers-of-one-name", &["two consumers are called `screen`; give each its own name"]),
    ("wiring/function-as-command", &["`level_up`"]),
    ("wiring/not-a-read-model", &["`Trainer` is not a read model", "implement `ReadModel` for `Trainer`"]),
    (
        "wiring/read-store-not-listed",
        &["read model `Victories` reads event store `Trainer`", "add `Trainer` to its `stores`"],
    ),
    ("wiring/relay-without-name", &["expected a relay", "`\"APP_BUS\" publishes AppBus`"]),
    (
        "wiring/relayed-channel-not-listed",
        &["relay `MAIL` publishes on message channel `MailQueue`", "add `MailQueue` to its `channels`"],
    ),
    ("wiring/elsewhere-not-listed", &["`MailQueue` is neither in `stores` nor in `channels`"]),
    // Shapes.
    ("shape/generic", &["`Page` is generic", "write a type without parameters"]),
    ("shape/union", &["`Bits` is a union", "write a struct or an enum"]),
    (
        "shape/of-an-unknown-type",
        &["the JSON shape of `Team` is not known", "add `#[derive(Shape)]` to the type `Team`"],
    ),
    // Adapters and connections.
    ("adapter/none", &["cannot be the adapter of message channel `AppBus`"]),
    (
        "connect/channel-by-reference",
        &["message channel `AppBus` is passed by reference", "pass a clone, with `.clone()`"],
    ),
    ("connect/channel-in-an-arc", &["message channel `AppBus` is passed in an `Arc`", "remove the `Arc`"]),
    ("connect/type-of-the-channel", &["`AppBus` is the type of the message channel", "write `AppBus::new()`"]),
    ("connect/swapped-arguments", &["`AppBus` is not an event store", "a message channel is not an event store"]),
    ("connect/dyn-store", &["is not dyn compatible"]),
    (
        "channel/connected-store-as-source",
        &["expected `EventStore<Pokemon>`, found `ConnectedEventStore", "pokemon: pokemon.into()"],
    ),
    // Retired event types, and event types that an enum does not declare.
    (
        "evolution/no-conversion",
        &[
            "retired payload `PlacedV1` cannot be read as `OrderEvent`: there is no conversion",
            "needs `impl From<PlacedV1> for OrderEvent`",
            "`impl TryFrom<PlacedV1> for OrderEvent`",
        ],
    ),
    (
        "evolution/no-conversion-to-the-enum",
        &["retired payload `PlacedV1` cannot be read as `OrderEvent`", "needs `impl From<PlacedV1> for OrderEvent`"],
    ),
    (
        "evolution/no-conversion-to-the-payload",
        &["retired payload `PlacedV1` cannot be read as `Placed`", "needs `impl From<PlacedV1> for Placed`"],
    ),
    (
        "evolution/gap-in-a-chain",
        &["retired payload `PlacedV1` cannot be read as `PlacedV2`", "needs `impl From<PlacedV1> for PlacedV2`"],
    ),
    (
        "evolution/own-type",
        &["event type `PLACED` cannot be retired", "it is the type of variant `Placed`", "`type = \"PLACED_V2\"`"],
    ),
    (
        "evolution/type-of-another-variant",
        &["event type `Paid` cannot be retired", "it is the type of variant `Paid`", "remove `Paid` from this list"],
    ),
    ("evolution/retired-twice", &["retired event type `BOUGHT` is already read as `Placed`; remove one of them"]),
    (
        "evolution/payload-not-deserializable",
        &[
            "retired payload `PlacedV1` cannot be read: serde cannot deserialize it",
            "derive `serde::Deserialize` for `PlacedV1`",
        ],
    ),
    ("evolution/misspelled-payload", &["cannot find type `PlacdV1`", "a struct with a similar name exists"]),
    ("evolution/misspelled-from", &["unknown option `form` of `#[event]`; did you mean `from`?"]),
    (
        "evolution/from-with-equals-sign",
        &["option `from` takes a list in parentheses; write `from(\"APPEARED\" = AppearedV1)`"],
    ),
    (
        "evolution/from-without-list",
        &["option `from` takes a list in parentheses; write `from(\"APPEARED\" = AppearedV1)`"],
    ),
    (
        "evolution/from-without-name",
        &["expected the retired name of an event type in quotes, as in `from(\"APPEARED\" = AppearedV1)`"],
    ),
    ("evolution/from-with-arrow-only", &["expected `=` before the retired payload"]),
    ("evolution/empty-name", &["the retired event type is empty; write a name"]),
    (
        "evolution/name-without-payload-on-the-enum",
        &["retired event type `PLACED` has no payload to convert", "move `from(\"PLACED\")` to the variant"],
    ),
    ("evolution/two-others", &["variant `Unknown` already stands for all undeclared event types; remove one `other`"]),
    ("evolution/other-with-another-payload", &["kept in an `UnknownEvent`; write `Unknown(UnknownEvent)`"]),
    ("evolution/other-with-fields", &["kept in an `UnknownEvent`; write `Unknown(UnknownEvent)`"]),
    ("evolution/other-with-type", &["`Unknown` stands for all undeclared event types; remove its `type`"]),
    (
        "evolution/other-with-from",
        &["`Unknown` stands for all undeclared event types; move `from` to a variant with a type"],
    ),
    ("evolution/other-with-value", &["option `other` takes no value; write `other`"]),
    ("evolution/misspelled-other", &["unknown option `othr` of `#[event]`; did you mean `other`?"]),
    ("evolution/other-on-the-enum", &["option `other` of `#[event]` belongs on a variant"]),
    (
        "evolution/without-other",
        &["`UnknownEvent` holds events of undeclared types; add `#[event(other)]` to `Unknown`"],
    ),
    ("evolution/missing-default-function", &["cannot find function `defualt_quantity`"]),
    ("evolution/reserved-type-other", &["event type `__OTHER__` is reserved", "use another name"]),
    ("evolution/created", &["cannot initialize a tuple struct which contains private fields"]),
    ("evolution/reducer-misses-unknown-events", &["`&OrderEvent::Unknown(_)` not covered"]),
    ("evolution/pushed", &["expected `Retired<Placed>`, found `Placed`"]),
    ("evolution/constructed", &["cannot initialize a tuple struct which contains private fields"]),
    (
        "evolution/payload-not-serializable",
        &[
            "`Placed` cannot be part of an event's payload",
            "`Placed`",
            "derive `serde::Serialize` and `serde::Deserialize`",
        ],
    ),
];
