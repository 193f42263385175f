// The channels and the read model of the cases about `wiring!`.

message_channel! {
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;

    pub type MailQueue = NotificationMessageQueue<Pokemon>;

    #[channel(order = "per_aggregate")]
    pub type BackupQueue = NotificationMessageQueue<Pokemon>;
}

/// A read model of the number of victories.
pub struct Victories;

impl castore::projection::ReadModel for Victories {
    const NAME: &'static str = "victories";
    const VERSION: u32 = 1;
    type Event = EventDetail<Trainer>;
}
