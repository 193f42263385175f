#[automatically_derived]
impl ::game::castore::EventSubset for r#Match {
    type Of = game::r#Event;
    const VARIANTS: &'static [&'static str] = &["Move", "Struct"];
    fn narrow(event: &game::r#Event) -> ::core::option::Option<Self> {
        match event {
            game::r#Event::r#Move { r#type, to, .. } => {
                ::core::option::Option::Some(Self::r#Move {
                    r#type: ::game::castore::__private::clone_of(r#type),
                    to: ::game::castore::__private::clone_of(to),
                })
            }
            game::r#Event::r#Struct { .. } => {
                ::core::option::Option::Some(Self::r#Struct)
            }
            #[allow(unreachable_patterns)]
            _ => ::core::option::Option::None,
        }
    }
}
