pub struct Pokemon {
    pub name: String,
    pub level: u32,
}
#[allow(deprecated, trivial_bounds)]
const _: () = {
    const __STATE: bool = ::castore::__private::is_state::<Pokemon>();
    type __Valid = ::castore::__private::Checked<(), __STATE>;
    #[automatically_derived]
    impl ::castore::EventSourced for Pokemon
    where
        __Valid: ::castore::event::AggregateState,
    {
        const EVENT_STORE_ID: &'static str = "POKEMONS";
        const STATE_SHAPE: u64 = 0x011680f37181ea3b;
        const REDUCER_VERSION: u32 = 1;
        const DESCRIPTION: ::castore::__private::Described = ::castore::__private::Described::new(
            "Pokemon",
            "struct\n.name\t\tString\t*\n.level\t\tu32\t*",
            &[],
        );
        type Event = PokemonEvent;
        type Metadata = ::castore::event::NoMetadata;
        type MetadataRule = ::castore::event::OptionalMetadata;
        type AggregateId = ::castore::__private::String;
        fn __reduce(
            __state: ::core::option::Option<Self>,
            __event: &::castore::EventDetail<Self>,
        ) -> ::core::result::Result<Self, ::castore::ReduceError> {
            <Self as ::castore::Reducer>::reduce(__state, __event)
        }
    }
    #[automatically_derived]
    impl ::castore::event::EventOf<Pokemon> for PokemonEvent
    where
        __Valid: ::castore::event::AggregateState,
    {}
};
