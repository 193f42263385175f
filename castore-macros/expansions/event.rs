/// The event types of [`PokemonEvent`].
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
#[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
#[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
pub enum PokemonEventType {
    /// `APPEARED`
    Appeared,
    /// `CAUGHT_BY_TRAINER`
    Caught,
    /// `LEVELLED_UP`
    LevelledUp,
}
::castore::__private::event_type_text!(PokemonEventType);
#[automatically_derived]
impl ::castore::EventType for PokemonEventType {
    const ALL: &'static [Self] = &[Self::Appeared, Self::Caught, Self::LevelledUp];
    fn as_str(self) -> &'static str {
        match self {
            Self::Appeared => "APPEARED",
            Self::Caught => "CAUGHT_BY_TRAINER",
            Self::LevelledUp => "LEVELLED_UP",
        }
    }
}
#[allow(deprecated, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::castore::__private::serde as __serde;
    ::castore::__private::assert_payload::<String>();
    ::castore::__private::assert_payload::<u32>();
    ::castore::__private::assert_payload::<CaughtByTrainer>();
    #[derive(__serde::Serialize, __serde::Deserialize)]
    #[serde(crate = "__serde", remote = "PokemonEvent")]
    enum __PokemonEvent {
        #[serde(rename = "APPEARED")]
        Appeared { name: String, level: u32 },
        #[serde(rename = "CAUGHT_BY_TRAINER")]
        Caught(CaughtByTrainer),
        #[serde(rename = "LEVELLED_UP")]
        LevelledUp,
    }
    #[automatically_derived]
    impl ::castore::Event for PokemonEvent {
        type EventType = PokemonEventType;
        fn event_type(&self) -> PokemonEventType {
            match self {
                Self::Appeared { .. } => PokemonEventType::Appeared,
                Self::Caught(..) => PokemonEventType::Caught,
                Self::LevelledUp => PokemonEventType::LevelledUp,
            }
        }
        ::castore::__private::event_through_mirror!(__PokemonEvent);
    }
};
