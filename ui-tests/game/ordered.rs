// Buses with order per aggregate, of two stores and of one.

message_channel! {
    #[channel(order = "per_aggregate")]
    pub type OrderedBus = NotificationMessageBus<Pokemon, Trainer>;

    #[channel(order = "per_aggregate")]
    pub type OrderedPokemonBus = NotificationMessageBus<Pokemon>;
}
