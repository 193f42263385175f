#[allow(deprecated, clippy::all, clippy::pedantic)]
const _: () = {
    #[allow(unused_imports)]
    use ::castore::__private::Unprobed as _;
    #[automatically_derived]
    impl ::castore::describe::Shape for Team {
        fn shape() -> ::castore::describe::JsonShape {
            const __DESCRIBED: ::castore::__private::Described = ::castore::__private::Described::new(
                "Team",
                "struct\n.homeTown\t\tString\t*\n.members\t?\tVec<Member>\t0\tpokemons\n.leader\t?\tOption<Member>\t1",
                &[
                    ::castore::__private::probe!(Vec < Member >),
                    ::castore::__private::probe!(Option < Member >),
                ],
            );
            __DESCRIBED.shape::<Self>()
        }
    }
};
