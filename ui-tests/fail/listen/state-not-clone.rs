include!("../../game/stores.rs");
include!("../../game/channels.rs");

struct Mailer {
    sender: String,
}

fn state_not_clone(mailer: Mailer) {
    let _ = Listeners::<AppBus>::new().on_with_state(
        Filter::store::<Pokemon>(),
        mailer,
        async |mailer, message, _| {
            println!("{}: {}", mailer.sender, message.event.aggregate_id);
            Ok(())
        },
    );
}

fn main() {}
