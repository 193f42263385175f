struct r#Type {
    r#fn: u32,
}
#[automatically_derived]
impl ::castore::EventSourced for r#Type {
    const EVENT_STORE_ID: &'static str = "TYPES";
    const STATE_SHAPE: u64 = 0xfaf8209322dec09e;
    const REDUCER_VERSION: u32 = 1;
    type Event = r#Move;
    type Metadata = ::castore::event::NoMetadata;
    type AggregateId = ::castore::__private::String;
    fn __reduce(
        state: ::core::option::Option<Self>,
        event: &::castore::EventDetail<Self>,
    ) -> ::core::result::Result<Self, ::castore::ReduceError> {
        <Self as ::castore::Reducer>::reduce(state, event)
    }
}
#[automatically_derived]
impl ::castore::event::EventOf<r#Type> for r#Move {}
