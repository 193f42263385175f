#[automatically_derived]
#[allow(deprecated)]
impl ::game::castore::EventSubset for r#Match {
    type Of = game::r#Event;
    const VARIANTS: &'static [&'static str] = &["Move", "Struct"];
    fn narrow(__event: &game::r#Event) -> ::core::option::Option<Self> {
        match __event {
            game::r#Event::r#Move { r#type: __field0, to: __field1, .. } => {
                ::core::option::Option::Some(Self::r#Move {
                    r#type: ::game::castore::__private::clone_of(__field0),
                    to: ::game::castore::__private::clone_of(__field1),
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
