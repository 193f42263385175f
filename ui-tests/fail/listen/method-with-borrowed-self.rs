include!("../../game/stores.rs");
include!("../../game/channels.rs");

use std::sync::Arc;

struct Mailer {
    sender: String,
}

impl Mailer {
    async fn on_pokemon(
        &self,
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

fn main() {}
