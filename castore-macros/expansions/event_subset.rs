#[automatically_derived]
#[allow(deprecated)]
impl ::castore::EventSubset for MailedEvent {
    type Of = PokemonEvent;
    const VARIANTS: &'static [&'static str] = &["Appeared", "Caught", "LeveledUp"];
    fn narrow(__event: &PokemonEvent) -> ::core::option::Option<Self> {
        match __event {
            PokemonEvent::Appeared { name: __field0, .. } => {
                ::core::option::Option::Some(Self::Appeared {
                    name: ::castore::__private::clone_of(__field0),
                })
            }
            PokemonEvent::Caught { 0: __payload, .. } => {
                ::core::option::Option::Some(
                    Self::Caught(::castore::__private::clone_of(__payload)),
                )
            }
            PokemonEvent::LeveledUp { .. } => {
                ::core::option::Option::Some(Self::LeveledUp)
            }
            #[allow(unreachable_patterns)]
            _ => ::core::option::Option::None,
        }
    }
}
