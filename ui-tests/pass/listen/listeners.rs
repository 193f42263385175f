#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listeners_store_not_carried() {
    let _ = Listeners::<AppBus>::new().on(Filter::store::<Pokemon>(), |message, _| async move {
        let _ = message.event.version;
        Ok(())
    });
}

fn listeners_store_not_carried_one_store() {
    let _ = Listeners::<PokemonBus>::new().on(Filter::store::<Pokemon>(), |_, _| async { Ok(()) });
}

fn listeners_of_another_channel(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.listen(Listeners::<AppBus>::new());
}

mod error_without_class {
    use super::*;

    #[derive(Debug)]
    struct MailError;

    impl fmt::Display for MailError {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("no mail")
        }
    }

    impl std::error::Error for MailError {}

    impl castore::consumer::ClassifyError for MailError {
        fn action(&self) -> castore::consumer::FailureAction {
            castore::consumer::FailureAction::Park
        }
    }

    async fn send_mail(_: ReceivedMessage<NotificationMessage<Pokemon>>, _: MessageContext) -> Result<(), MailError> {
        Err(MailError)
    }

    fn error_without_class(listener: InMemoryMessageBusAdapter<AppBus>) {
        listener.on(Filter::store::<Pokemon>(), castore::consumer::classified(send_mail));
    }
}

fn main() {}
