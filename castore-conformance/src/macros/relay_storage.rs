/// Generates one test per behavior of [`relay_storage`](crate::relay_storage), all using the given
/// [`RelayStorageFactory`]. The tests are in a module `relay_storage_conformance`; the arguments are the same as for
/// [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::relay_storage_conformance!(MyEngine::default());
/// // With a module name, for several adapters in one file:
/// castore_conformance::relay_storage_conformance!(mod my_engine_elsewhere, MyEngine::elsewhere());
/// ```
///
/// [`RelayStorageFactory`]: crate::relay_storage::RelayStorageFactory
#[macro_export]
macro_rules! relay_storage_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__relay_storage_behaviors! { [$crate::__conformance_tests] [relay_storage $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::relay_storage_conformance!(mod relay_storage_conformance, $factory);
    };
}
