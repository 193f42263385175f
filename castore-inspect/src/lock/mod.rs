//! The lock of a program: a text file under version control with everything that the program has promised to read and to
//! send. The test [`locked!`](crate::locked) compares the program with it.

mod changes;
mod compare;
mod facts;
mod fields;
mod file;
mod locked;
mod report;
mod samples;
mod types;

pub use changes::{Change, Class};
pub use compare::changes;
pub use facts::lock_text;
pub use file::{LockError, LockMode, check};
pub use report::report;
pub use samples::Samples;

/// Fails the surrounding test if the program differs from a committed file.
///
/// The file lists the events with their fields, the states, and the channels, one fact per line. The failure says for each
/// change whether it is compatible, compatible if readers are deployed first, needs an upcaster, or is breaking, and what to
/// do. Two values of the environment variable `CASTORE_LOCK` write the file. They are ignored if `CI` is set.
///
/// * `CASTORE_LOCK=update cargo test` creates the file, and accepts compatible changes.
/// * `CASTORE_LOCK=force cargo test` accepts all changes. Use it only if nothing is stored or sent yet.
///
/// With samples, the test also writes one JSON file per event type beside the lock, and reads all files that were ever
/// written, with the current types.
///
/// ```
/// use castore::prelude::*;
/// use castore::inspect::Samples;
///
/// # #[derive(Debug, Clone, PartialEq, Event)]
/// # enum LampEvent { Switched { on: bool } }
/// # #[derive(Debug, Clone)]
/// # #[event_store(id = "LAMPS", event = LampEvent)]
/// # struct Lamp;
/// # impl Reducer for Lamp {
/// #     fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> { Ok(Lamp) }
/// # }
/// wiring! {
///     pub struct Home;
///     stores: [Lamp],
///     elsewhere: [Lamp],
/// }
///
/// # #[allow(dead_code)]
/// // #[test]
/// fn events_are_locked() {
///     castore::locked!(Home, "events.lock", Samples::new().of::<Lamp>([LampEvent::Switched { on: true }]));
/// }
/// # fn main() {}
/// ```
///
/// # Panics
/// The program differs from the file, or the file cannot be read or written.
#[macro_export]
macro_rules! locked {
    ($wiring:ty, $file:expr $(,)?) => {
        $crate::locked!($wiring, $file, $crate::Samples::none())
    };
    ($wiring:ty, $file:expr, $samples:expr $(,)?) => {{
        let file = ::std::path::Path::new(::core::env!("CARGO_MANIFEST_DIR")).join($file);
        let mode = $crate::lock::LockMode::from_env();
        if let ::core::result::Result::Err(error) = $crate::lock::check::<$wiring>(&file, &$samples, mode) {
            ::core::panic!("{error}");
        }
    }};
}
