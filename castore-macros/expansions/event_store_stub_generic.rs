struct Pokemon<'a, T: Ord>(&'a T);
#[allow(deprecated, trivial_bounds)]
const _: () = {
    #[automatically_derived]
    impl<
        T: Ord + ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
    > ::castore::EventSourced for Pokemon<'static, T> {
        const EVENT_STORE_ID: &'static str = "POKEMONS";
        const STATE_SHAPE: u64 = 0xfc8da56cb806a2e4;
        const REDUCER_VERSION: u32 = 1;
        type Event = PokemonEvent;
        type Metadata = ::castore::event::NoMetadata;
        type MetadataRule = ::castore::event::OptionalMetadata;
        type AggregateId = ::castore::__private::String;
        fn __reduce(
            __state: ::core::option::Option<Self>,
            __event: &::castore::EventDetail<Self>,
        ) -> ::core::result::Result<Self, ::castore::ReduceError> {
            let _ = (__state, __event);
            loop {}
        }
    }
    #[automatically_derived]
    impl<
        T: Ord + ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync
            + 'static,
    > ::castore::event::EventOf<Pokemon<'static, T>> for PokemonEvent {}
};
::core::compile_error! {
    "event store `Pokemon` is generic, but its id identifies a single type; write concrete types instead of the parameters"
}
