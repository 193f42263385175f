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
    use ::castore::__private::serde as __serde;
    #[automatically_derived]
    impl ::castore::Event for PokemonEvent {
        type EventType = PokemonEventType;
        fn event_type(&self) -> PokemonEventType {
            match self {
                Self::Appeared { .. } => PokemonEventType::Appeared,
                Self::Caught(..) => PokemonEventType::Caught,
            }
        }
        fn serialize_tagged<S: __serde::Serializer>(
            &self,
            serializer: S,
        ) -> ::core::result::Result<S::Ok, S::Error> {
            let _ = serializer;
            ::core::result::Result::Err(
                <S::Error as __serde::ser::Error>::custom("the event enum has errors"),
            )
        }
        fn deserialize_tagged<'de, D: __serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::core::result::Result<Self, D::Error> {
            let _ = deserializer;
            ::core::result::Result::Err(
                <D::Error as __serde::de::Error>::custom("the event enum has errors"),
            )
        }
    }
};
::core::compile_error! {
    "variant `Caught` has 2 unnamed fields, but an event has one payload; name the fields, `Caught { … }`, or put them into a struct, `Caught(CaughtPayload)`"
}
