#[cfg(feature = "pokemons")]
pub(crate) enum Pokemon {
    Wild,
    Caught { version: u32 },
}
#[cfg(feature = "pokemons")]
#[automatically_derived]
impl ::game::castore::EventSourced for Pokemon {
    const EVENT_STORE_ID: &'static str = "POKEMONS";
    const STATE_SHAPE: u64 = 0xd97dc8b068ac88b7;
    const REDUCER_VERSION: u32 = 2;
    const STATE_IS_NO_OBJECT: ::core::option::Option<&'static str> = ::core::option::Option::Some(
        "its variant `Wild` is serialized as a string",
    );
    type Event = events::PokemonEvent;
    type Metadata = Trigger;
    type AggregateId = PokemonId;
    fn __reduce(
        state: ::core::option::Option<Self>,
        event: &::game::castore::EventDetail<Self>,
    ) -> ::core::result::Result<Self, ::game::castore::ReduceError> {
        <Self as ::game::castore::Reducer>::reduce(state, event)
    }
}
#[cfg(feature = "pokemons")]
#[automatically_derived]
impl ::game::castore::event::EventOf<Pokemon> for events::PokemonEvent {}
