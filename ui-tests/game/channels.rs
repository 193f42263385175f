// Channels of every kind, each once with two event stores and once with one. With one store to choose from the
// compiler infers more, and would say "mismatched types" where the library has better words.

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
