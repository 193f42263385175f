include!("../../game/stores.rs");
include!("../../game/channels.rs");

use std::sync::Arc;

struct Mailer {
    sender: String,
}

impl Mailer {
    async fn mail(
        self: Arc<Self>,
        message: ReceivedMessage<NotificationMessage<Pokemon>>,
        _: MessageContext,
    ) -> Result<(), String> {
        Err(format!("{}: no address of {}", self.sender, message.event.aggregate_id))
    }
}

fn method_with_text_error(mailer: Arc<Mailer>) {
    let _ = Listeners::<AppBus>::new().on_with_state(Filter::store::<Pokemon>(), mailer, Mailer::mail);
}

fn main() {}
