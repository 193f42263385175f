include!("../../game/stores.rs");
include!("../../game/channels.rs");

struct Mailer {
    sender: String,
}

fn state_not_send(mailer: std::rc::Rc<Mailer>) {
    let _ = Listeners::<AppBus>::new().on_with_state(
        Filter::store::<Pokemon>(),
        mailer,
        |mailer, message, _| async move {
            println!("{}: {}", mailer.sender, message.event.aggregate_id);
            Ok(())
        },
    );
}

fn main() {}
