#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

use std::sync::Arc;

struct Mailer {
    sender: String,
}

mod state_not_send {
    use super::*;

    struct Mailer {
        sender: String,
    }

    fn state_not_send(mailer: Arc<Mailer>) {
        let _ = Listeners::<AppBus>::new().on_with_state(
            Filter::store::<Pokemon>(),
            mailer,
            |mailer, message, _| async move {
                println!("{}: {}", mailer.sender, message.event.aggregate_id);
                Ok(())
            },
        );
    }
}

mod state_not_clone {
    use super::*;

    struct Mailer {
        sender: String,
    }

    fn state_not_clone(mailer: Mailer) {
        let _ = Listeners::<AppBus>::new().on_with_state(
            Filter::store::<Pokemon>(),
            Arc::new(mailer),
            async |mailer, message, _| {
                println!("{}: {}", mailer.sender, message.event.aggregate_id);
                Ok(())
            },
        );
    }
}

mod method_of_another_store {
    use super::*;

    impl Mailer {
        async fn on_trainer(
            self: Arc<Self>,
            message: ReceivedMessage<NotificationMessage<Trainer>>,
            _: MessageContext,
        ) -> Result<(), HandlerError> {
            println!("{}: {}", self.sender, message.event.aggregate_id);
            Ok(())
        }
    }

    fn method_of_another_store(mailer: Arc<Mailer>) {
        let _ = Listeners::<AppBus>::new().on_with_state(Filter::store::<Trainer>(), mailer, Mailer::on_trainer);
    }
}

mod method_with_borrowed_self {
    use super::*;

    impl Mailer {
        async fn on_pokemon(
            self: Arc<Self>,
            message: ReceivedMessage<NotificationMessage<Pokemon>>,
            _: MessageContext,
        ) -> Result<(), HandlerError> {
            println!("{}: {}", self.sender, message.event.aggregate_id);
            Ok(())
        }
    }

    fn method_with_borrowed_self(mailer: Arc<Mailer>) {
        let _ = Listeners::<AppBus>::new().on_with_state(Filter::store::<Pokemon>(), mailer, Mailer::on_pokemon);
    }
}

mod method_with_text_error {
    use super::*;

    struct Mailer {
        sender: String,
    }

    impl Mailer {
        async fn on_pokemon(
            self: Arc<Self>,
            message: ReceivedMessage<NotificationMessage<Pokemon>>,
            _: MessageContext,
        ) -> Result<(), HandlerError> {
            Err(HandlerError::new(format!("{}: no address of {}", self.sender, message.event.aggregate_id)))
        }
    }

    fn method_with_text_error(mailer: Arc<Mailer>) {
        let _ = Listeners::<AppBus>::new().on_with_state(Filter::store::<Pokemon>(), mailer, Mailer::on_pokemon);
    }
}

fn hook_state_not_send(pokemons: EventStore<Pokemon>, pushed_events: Arc<std::sync::atomic::AtomicU64>) {
    pokemons.on_event_pushed_with_state(pushed_events, |pushed_events, _| async move {
        pushed_events.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    });
}

fn main() {}
