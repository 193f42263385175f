// Channels of every kind, each once with two event stores and once with one. With a single store, the compiler
// infers more, and would report "mismatched types" instead of the library's error.

message_channel! {
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;

    pub type PokemonBus = NotificationMessageBus<Pokemon>;

    pub type AppQueue = NotificationMessageQueue<Pokemon, Trainer>;

    pub type PokemonQueue = NotificationMessageQueue<Pokemon>;

    #[channel(order = "per_aggregate")]
    pub type OrderedQueue = NotificationMessageQueue<Pokemon, Trainer>;

    pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;

    pub type PokemonBackupQueue = StateCarryingMessageQueue<Pokemon>;

    pub type CensusBus = AggregateExistsMessageBus<Pokemon, Trainer>;

    pub type PokemonCensusBus = AggregateExistsMessageBus<Pokemon>;
}
