include!("../../game/stores.rs");
include!("../../game/channels.rs");

use std::sync::Arc;

struct Mailer {
    sender: String,
}

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
    let _ = Listeners::<AppBus>::new().on_with_state(Filter::store::<Pokemon>(), mailer, Mailer::on_trainer);
}

fn main() {}
