/// Generates one test per behavior of [`inbox`](crate::inbox), all using the given [`InboxFactory`]. The tests are in a
/// module `inbox_conformance`; the arguments are the same as for [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::inbox_conformance!(MyInbox::default());
/// // With a module name, for several inboxes in one file:
/// castore_conformance::inbox_conformance!(mod my_other_inbox, MyOtherInbox);
/// ```
///
/// [`InboxFactory`]: crate::inbox::InboxFactory
#[macro_export]
macro_rules! inbox_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__inbox_behaviors! { [$crate::__conformance_tests] [inbox $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::inbox_conformance!(mod inbox_conformance, $factory);
    };
}
