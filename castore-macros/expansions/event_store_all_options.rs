#[cfg(feature = "pokemons")]
pub(crate) enum Pokemon {
    Wild,
    Caught { version: u32 },
}
#[allow(deprecated, trivial_bounds)]
const _: () = {
    #[allow(unused_imports)]
    use ::game::castore::__private::Unprobed as _;
    const __STATE: bool = ::game::castore::__private::is_state::<Pokemon>();
    type __Valid = ::game::castore::__private::Checked<(), __STATE>;
    #[automatically_derived]
    impl ::game::castore::EventSourced for Pokemon
    where
        __Valid: ::game::castore::event::AggregateState,
    {
        const EVENT_STORE_ID: &'static str = "POKEMONS";
        const STATE_SHAPE: u64 = 0xd97dc8b068ac88b7;
        const REDUCER_VERSION: u32 = 2;
        const STATE_IS_NO_OBJECT: ::core::option::Option<&'static str> = ::core::option::Option::Some(
            "its variant `Wild` is serialized as a string",
        );
        const DESCRIPTION: ::game::castore::__private::Described = ::game::castore::__private::Described::new(
            "Pokemon",
            "enum\n|Wild\tWild\n|Caught\tCaught\t{}\n.version\t\tu32\t*\n#PokemonId\t0\n@Trigger\t1",
            &[
                ::game::castore::__private::probe!(PokemonId),
                ::game::castore::__private::probe!(Trigger),
            ],
        );
        type Event = events::PokemonEvent;
        type Metadata = ::game::castore::__private::Checked<
            Trigger,
            { ::game::castore::__private::is_metadata::<Trigger>() },
        >;
        type MetadataRule = ::game::castore::event::OptionalMetadata;
        type AggregateId = ::game::castore::__private::Checked<
            PokemonId,
            { ::game::castore::__private::is_aggregate_id::<PokemonId>() },
        >;
        fn __reduce(
            __state: ::core::option::Option<Self>,
            __event: &::game::castore::EventDetail<Self>,
        ) -> ::core::result::Result<Self, ::game::castore::ReduceError> {
            <Self as ::game::castore::Reducer>::reduce(__state, __event)
        }
    }
    #[automatically_derived]
    impl ::game::castore::event::EventOf<Pokemon> for events::PokemonEvent
    where
        __Valid: ::game::castore::event::AggregateState,
    {}
};
