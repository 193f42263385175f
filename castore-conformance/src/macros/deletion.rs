/// Generates one test per behavior of [`deletion`](crate::deletion), all using the given [`DeletionFactory`]. The tests
/// are in a module `deletion_conformance`; the arguments are the same as for
/// [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::deletion_conformance!(MyEngine::default());
/// // With a module name, for several adapters in one file:
/// castore_conformance::deletion_conformance!(mod my_engine_elsewhere, MyEngine::elsewhere());
/// ```
///
/// [`DeletionFactory`]: crate::deletion::DeletionFactory
#[macro_export]
macro_rules! deletion_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__deletion_behaviors! { [$crate::__conformance_tests] [deletion $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::deletion_conformance!(mod deletion_conformance, $factory);
    };
}
