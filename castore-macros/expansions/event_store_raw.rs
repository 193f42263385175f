struct r#Type {
    r#fn: u32,
}
#[allow(deprecated, trivial_bounds)]
const _: () = {
    const __STATE: bool = ::castore::__private::is_state::<r#Type>();
    type __Valid = ::castore::__private::Checked<(), __STATE>;
    #[automatically_derived]
    impl ::castore::EventSourced for r#Type
    where
        __Valid: ::castore::event::AggregateState,
    {
        const EVENT_STORE_ID: &'static str = "TYPES";
        const STATE_SHAPE: u64 = 0xfaf8209322dec09e;
        const REDUCER_VERSION: u32 = 1;
        const DESCRIPTION: ::castore::__private::Described = ::castore::__private::Described::new(
            "Type",
            "struct\n.fn\t\tu32\t*",
            &[],
        );
        type Event = r#Move;
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
    impl ::castore::event::EventOf<r#Type> for r#Move
    where
        __Valid: ::castore::event::AggregateState,
    {}
};
