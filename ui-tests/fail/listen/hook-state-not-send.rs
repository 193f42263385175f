include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn hook_state_not_send(pokemons: EventStore<Pokemon>, pushed_events: std::rc::Rc<std::cell::Cell<u64>>) {
    pokemons.on_event_pushed_with_state(pushed_events, |pushed_events, _| async move {
        pushed_events.set(pushed_events.get() + 1);
        Ok(())
    });
}

fn main() {}
