/// Generates one test per behavior of [`snapshot`](crate::snapshot), all using the given [`SnapshotFactory`]. The tests
/// are in a module `snapshot_conformance`; the arguments are the same as for
/// [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::snapshot_conformance!(MyEngine::default());
/// // With a module name, for several adapters in one file:
/// castore_conformance::snapshot_conformance!(mod my_engine_elsewhere, MyEngine::elsewhere());
/// ```
///
/// [`SnapshotFactory`]: crate::snapshot::SnapshotFactory
#[macro_export]
macro_rules! snapshot_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__snapshot_behaviors! { [$crate::__conformance_tests] [snapshot $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::snapshot_conformance!(mod snapshot_conformance, $factory);
    };
}
