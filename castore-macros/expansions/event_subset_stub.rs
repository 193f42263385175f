#[automatically_derived]
#[allow(deprecated)]
impl ::castore::EventSubset for MailedEvent {
    type Of = ::castore::__private::MissingEvent;
    const VARIANTS: &'static [&'static str] = &["Appeared"];
    fn narrow(_: &::castore::__private::MissingEvent) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }
}
::core::compile_error! {
    "event subset `MailedEvent` does not name its event enum; add `#[event_subset(of = PokemonEvent)]`"
}
