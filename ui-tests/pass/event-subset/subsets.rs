#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

mod listener_of_another_store {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }

    fn listener_of_another_store(listener: InMemoryMessageBusAdapter<AppBus>) {
        listener.on(Filter::store::<Pokemon>().events::<Mailed>(), |_, _| async { Ok(()) });
    }
}

mod listener_of_store_not_carried_one_store {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }

    fn listener_of_store_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
        listener.on(Filter::store::<Pokemon>().events::<Mailed>(), |_, _| async { Ok(()) });
    }
}

mod listener_on_aggregate_exists_bus {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }

    fn listener_on_aggregate_exists_bus(listener: InMemoryMessageBusAdapter<AppBus>) {
        listener.on(Filter::store::<Pokemon>().events::<Mailed>(), |_, _| async { Ok(()) });
    }
}

mod listener_on_aggregate_exists_bus_one_store {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }

    fn listener_on_aggregate_exists_bus_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
        listener.on(Filter::store::<Pokemon>().events::<Mailed>(), |_, _| async { Ok(()) });
    }
}

mod listener_of_no_subset {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }

    fn listener_of_no_subset(listener: InMemoryMessageBusAdapter<AppBus>) {
        listener.on(Filter::store::<Pokemon>().events::<Mailed>(), |message, _| async move {
            match message.payload {
                Mailed::LeveledUp => Ok(()),
            }
        });
    }
}

mod match_misses_an_event {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        Appeared { name: String },
        LeveledUp,
    }

    fn match_misses_an_event(event: &Mailed) {
        match event {
            Mailed::Appeared { name: _ } | Mailed::LeveledUp => {}
        }
    }
}

mod unknown_variant {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }
}

mod unknown_field {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        Appeared { name: String },
    }
}

mod field_of_another_type {
    use super::*;

    /// A subset without the payload of the event.
    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        Appeared,
    }
}

mod of_no_event_enum {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }
}

mod missing_of {
    use super::*;

    /// A subset with all events of the store.
    #[derive(Clone, EventSubset)]
    #[event_subset(of = TrainerEvent)]
    enum Mailed {
        Joined,
    }
}

mod misspelled_of {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = super::PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }
}

mod on_struct {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent, crate = ::castore)]
    enum Mailed {
        LeveledUp,
    }
}

mod not_clone {
    use super::*;

    #[derive(Clone, EventSubset)]
    #[event_subset(of = PokemonEvent)]
    enum Mailed {
        LeveledUp,
    }
}

fn main() {}
