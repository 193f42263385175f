/// The event types of [`Change`].
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
#[derive(::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
#[derive(::core::cmp::PartialOrd, ::core::cmp::Ord)]
enum ChangeType {
    /// `Set`
    Set,
    /// `Get`
    Get,
}
::castore::__private::event_type_text!(ChangeType);
#[automatically_derived]
impl ::castore::EventType for ChangeType {
    const ALL: &'static [Self] = &[Self::Set, Self::Get];
    fn as_str(self) -> &'static str {
        match self {
            Self::Set => "Set",
            Self::Get => "Get",
        }
    }
}
const _: () = {
    #[automatically_derived]
    impl<
        T: Into<&'static str> + ::core::clone::Clone + ::core::marker::Send
            + ::core::marker::Sync + 'static,
        const N: usize,
    > ::castore::Event for Change<'static, T, N>
    where
        T: Ord,
    {
        type EventType = ChangeType;
        fn event_type(&self) -> ChangeType {
            match self {
                Self::Set(..) => ChangeType::Set,
                Self::Get(..) => ChangeType::Get,
            }
        }
        ::castore::__private::event_with_errors!();
    }
};
::core::compile_error! {
    "event enum `Change` is generic; write concrete types instead of the parameters"
}
