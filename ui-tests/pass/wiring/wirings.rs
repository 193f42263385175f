#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/wired.rs");

mod source_not_listed {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
    }
}

mod store_not_carried {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer, Gym],
        channels: [AppBus],
        consumers: [screen on AppBus],
        elsewhere: [Gym],
    }
}

mod channel_without_consumer {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus, MailQueue],
        consumers: [screen on AppBus],
        elsewhere: [MailQueue],
    }
}

mod second_worker {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus, MailQueue],
        consumers: [screen on AppBus, mailer on MailQueue, archive on AppBus],
    }
}

mod two_stores_of_one_id {
    use super::*;

    #[derive(Debug, Clone)]
    #[event_store(id = "ARENAS", event = TrainerEvent)]
    pub struct Arena;

    impl Reducer for Arena {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer, Arena],
        channels: [AppBus],
        consumers: [screen on AppBus],
        elsewhere: [Arena],
    }
}

mod two_channels_of_one_id {
    use super::*;

    message_channel! {
        #[channel(id = "OTHER_BUS")]
        pub type OtherBus = NotificationMessageBus<Pokemon>;
    }

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus, OtherBus],
        consumers: [screen on AppBus],
        elsewhere: [OtherBus],
    }
}

mod consumed_channel_not_listed {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus, MailQueue],
        consumers: [screen on AppBus, mailer on MailQueue],
    }
}

mod in_order_on_unordered_channel {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus, BackupQueue],
        consumers: [screen on AppBus, backup on BackupQueue in_order],
    }
}

mod not_a_store {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
    }
}

mod not_a_channel {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
    }
}

mod consumer_without_channel {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
    }
}

mod consumer_on_a_store {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus, mailer on AppBus],
    }
}

mod misspelled_list {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
    }
}

mod listed_twice {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
    }
}

mod misspelled_entry {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
    }
}

mod misspelled_order {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus, BackupQueue],
        consumers: [screen on AppBus, backup on BackupQueue in_order],
    }
}

mod two_consumers_of_one_name {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus, audit on AppBus],
    }
}

mod function_as_command {
    use super::*;

    #[command(id = "LEVEL_UP")]
    pub async fn level_up(_: &impl Store<Pokemon>) -> Result<(), PushEventError> {
        Ok(())
    }

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
        commands: [level_up],
    }
}

mod not_a_read_model {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
        read_models: [Victories],
    }
}

mod read_store_not_listed {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [BackupQueue],
        consumers: [backup on BackupQueue],
        read_models: [Victories],
        elsewhere: [Trainer],
    }
}

mod relay_without_name {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
        relays: ["APP_BUS" publishes AppBus],
    }
}

mod relayed_channel_not_listed {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus],
        consumers: [screen on AppBus],
        relays: ["APP_BUS" publishes AppBus],
    }
}

mod elsewhere_not_listed {
    use super::*;

    wiring! {
        pub struct Game;
        stores: [Pokemon, Trainer],
        channels: [AppBus, MailQueue],
        consumers: [screen on AppBus],
        elsewhere: [MailQueue],
    }
}
