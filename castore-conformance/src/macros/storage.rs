/// Generates one test per behavior of [`storage`](crate::storage), all using the given [`StorageFactory`].
///
/// The tests are `#[test]` functions in a module `storage_conformance`, with one module per topic. Each test creates
/// its own tokio runtime, and evaluates the factory expression separately, in an async context.
///
/// ```ignore
/// castore_conformance::storage_conformance!(MyEngine::default());
/// // With a module name, for several adapters in one file:
/// castore_conformance::storage_conformance!(mod my_engine_with_small_pages, MyEngine { page: 3 });
/// ```
///
/// [`StorageFactory`]: crate::storage::StorageFactory
#[macro_export]
macro_rules! storage_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__storage_behaviors! { [$crate::__conformance_tests] [storage $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::storage_conformance!(mod storage_conformance, $factory);
    };
}
