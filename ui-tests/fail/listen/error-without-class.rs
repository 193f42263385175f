include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Debug)]
struct MailError;

impl fmt::Display for MailError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no mail")
    }
}

impl std::error::Error for MailError {}

async fn send_mail(_: ReceivedMessage<NotificationMessage<Pokemon>>, _: MessageContext) -> Result<(), MailError> {
    Err(MailError)
}

fn error_without_class(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(Filter::store::<Pokemon>(), castore::consumer::classified(send_mail));
}

fn main() {}
