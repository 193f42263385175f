include!("../../game/stores.rs");

#[derive(Clone)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
struct Rival;

impl Reducer for Rival {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, Trainer, Rival>;
}

fn main() {}
