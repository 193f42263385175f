// Buses that promise the order of each aggregate, to two stores and to one.

message_channel! {
    #[channel(order = "per_aggregate")]
    pub type OrderedBus = NotificationMessageBus<Pokemon, Trainer>;

    #[channel(order = "per_aggregate")]
    pub type OrderedPokemonBus = NotificationMessageBus<Pokemon>;
}
