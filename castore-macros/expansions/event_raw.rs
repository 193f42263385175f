/// The event types of [`Type`].
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
#[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
#[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
enum TypeType {
    /// `Move`
    r#Move,
    /// `Struct`
    r#Struct,
    /// `Match`
    r#Match,
}
::castore::__private::event_type_text!(TypeType);
#[automatically_derived]
impl ::castore::EventType for TypeType {
    const ALL: &'static [Self] = &[Self::r#Move, Self::r#Struct, Self::r#Match];
    fn as_str(self) -> &'static str {
        match self {
            Self::r#Move => "Move",
            Self::r#Struct => "Struct",
            Self::r#Match => "Match",
        }
    }
}
#[allow(deprecated, clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = {
    use ::castore::__private::serde as __serde;
    ::castore::__private::assert_payload::<u32>();
    ::castore::__private::assert_payload::<r#Enum>();
    #[derive(__serde::Serialize, __serde::Deserialize)]
    #[serde(crate = "__serde", remote = "r#Type")]
    enum __Type {
        #[serde(rename = "Move")]
        r#Move { r#fn: u32 },
        #[serde(rename = "Struct")]
        r#Struct(r#Enum),
        #[serde(rename = "Match")]
        r#Match,
    }
    #[automatically_derived]
    impl ::castore::Event for r#Type {
        type EventType = TypeType;
        fn event_type(&self) -> TypeType {
            match self {
                Self::r#Move { .. } => TypeType::r#Move,
                Self::r#Struct(..) => TypeType::r#Struct,
                Self::r#Match => TypeType::r#Match,
            }
        }
        ::castore::__private::event_through_mirror!(__Type);
    }
};
