pub struct Pokemon {
    pub name: String,
    pub level: u32,
}
#[automatically_derived]
impl ::castore::EventSourced for Pokemon {
    const EVENT_STORE_ID: &'static str = "";
    const STATE_SHAPE: u64 = 0x011680f37181ea3b;
    const REDUCER_VERSION: u32 = 1;
    type Event = ::castore::__private::MissingEvent;
    type Metadata = ::castore::event::NoMetadata;
    type AggregateId = ::castore::__private::String;
    fn __reduce(
        state: ::core::option::Option<Self>,
        event: &::castore::EventDetail<Self>,
    ) -> ::core::result::Result<Self, ::castore::ReduceError> {
        <Self as ::castore::Reducer>::reduce(state, event)
    }
}
::core::compile_error! {
    "event store `Pokemon` lacks the options `id` and `event`; write `#[event_store(id = \"POKEMON\", event = PokemonEvent)]`"
}
