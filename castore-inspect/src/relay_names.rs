//! The names of all relays of a program.

use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::StorageError;

/// A relay, by its name.
#[derive(Debug, PartialEq)]
pub(crate) struct RelayName {
    pub(crate) name: String,
    /// Whether `wiring!` declares the relay. Other relays are known only from their state, such as one relay for each
    /// tenant.
    pub(crate) is_declared: bool,
}

/// Returns the declared relays, in their order, and then the other relays of the storage, if the storage can list them.
///
/// # Errors
/// The error of the storage.
pub(crate) async fn relay_names<'a>(
    declared: impl IntoIterator<Item = &'a str>,
    state: &dyn RelayStorageAdapter,
) -> Result<Vec<RelayName>, StorageError> {
    let mut relays: Vec<RelayName> =
        declared.into_iter().map(|name| RelayName { name: name.to_owned(), is_declared: true }).collect();
    for name in state.relay_names().await?.unwrap_or_default() {
        if relays.iter().all(|relay| relay.name != name) {
            relays.push(RelayName { name, is_declared: false });
        }
    }
    Ok(relays)
}
