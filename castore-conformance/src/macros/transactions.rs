/// Generates one test per behavior of [`transactions`](crate::transactions), all using the given
/// [`TransactionFactory`]. The tests are in a module `transaction_conformance`; the arguments are the same as for
/// [`storage_conformance!`](crate::storage_conformance).
///
/// ```ignore
/// castore_conformance::transaction_conformance!(MyEngine::default());
/// // With a module name, for several drivers in one file:
/// castore_conformance::transaction_conformance!(mod my_driver, MyEngine::with_my_driver());
/// ```
///
/// [`TransactionFactory`]: crate::transactions::TransactionFactory
#[macro_export]
macro_rules! transaction_conformance {
    (mod $module:ident, $factory:expr $(,)?) => {
        $crate::__transaction_behaviors! { [$crate::__conformance_tests] [transactions $module] [$factory] }
    };
    ($factory:expr $(,)?) => {
        $crate::transaction_conformance!(mod transaction_conformance, $factory);
    };
}
