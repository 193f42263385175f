#[automatically_derived]
impl ::castore::EventSubset for MailedEvent {
    type Of = PokemonEvent;
    const VARIANTS: &'static [&'static str] = &["Appeared", "Caught", "LevelledUp"];
    fn narrow(event: &PokemonEvent) -> ::core::option::Option<Self> {
        match event {
            PokemonEvent::Appeared { name, .. } => {
                ::core::option::Option::Some(Self::Appeared {
                    name: ::castore::__private::clone_of(name),
                })
            }
            PokemonEvent::Caught { 0: payload, .. } => {
                ::core::option::Option::Some(
                    Self::Caught(::castore::__private::clone_of(payload)),
                )
            }
            PokemonEvent::LevelledUp { .. } => {
                ::core::option::Option::Some(Self::LevelledUp)
            }
            #[allow(unreachable_patterns)]
            _ => ::core::option::Option::None,
        }
    }
}
