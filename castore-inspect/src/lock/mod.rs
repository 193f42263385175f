//! The lock of a program: a text file under version control that lists everything that the program has promised to read
//! and to send. The macro [`locked!`](crate::locked) compares the program with this file in a test.

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
/// The file lists the events with their fields, the states, and the channels, one fact per line. The failure shows the
/// class of each change (compatible, compatible if readers are deployed first, needs an upcaster, or breaking), and
/// what to do. To write the file, set the environment variable `CASTORE_LOCK`. The variable is ignored if `CI` is set.
///
/// * `CASTORE_LOCK=update cargo test` creates the file, and accepts changes that are compatible, or compatible if
///   readers are deployed first.
/// * `CASTORE_LOCK=force cargo test` accepts all changes. Use it only if nothing is stored or sent yet.
///
/// If you pass samples, they are also written as JSON files beside the lock when the lock is written. The test checks
/// that the current types can read all of these files, including the files of earlier versions of the program.
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
/// If the program differs from the file, if a sample is missing or invalid, or if a file cannot be read or written.
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
