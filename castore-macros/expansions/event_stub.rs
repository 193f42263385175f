/// The event types of [`PokemonEvent`].
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
#[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
#[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
pub enum PokemonEventType {
    /// `Appeared`
    Appeared,
    /// `Caught`
    Caught,
}
::castore::__private::event_type_text!(PokemonEventType);
#[automatically_derived]
impl ::castore::EventType for PokemonEventType {
    const ALL: &'static [Self] = &[Self::Appeared, Self::Caught];
    fn as_str(self) -> &'static str {
        match self {
            Self::Appeared => "Appeared",
            Self::Caught => "Caught",
        }
    }
}
const _: () = {
    #[automatically_derived]
    impl ::castore::Event for PokemonEvent {
        type EventType = PokemonEventType;
        fn event_type(&self) -> PokemonEventType {
            match self {
                Self::Appeared { .. } => PokemonEventType::Appeared,
                Self::Caught(..) => PokemonEventType::Caught,
            }
        }
        ::castore::__private::event_with_errors!();
    }
};
::core::compile_error! {
    "variant `Caught` has 2 unnamed fields, but an event has one payload; name the fields, `Caught { … }`, or put them into a struct, `Caught(CaughtPayload)`"
}
