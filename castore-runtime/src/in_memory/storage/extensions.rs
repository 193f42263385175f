use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values of other crates that live as long as the storage, keyed by type.
#[derive(Default)]
pub(super) struct Extensions(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Extensions {
    pub(super) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        // The value is created outside of the lock, because `T::default` may use the storage.
        let new: Arc<dyn Any + Send + Sync> = Arc::new(T::default());
        let mut extensions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let extension = Arc::clone(extensions.entry(TypeId::of::<T>()).or_insert(new));
        drop(extensions);
        // The key is the type of the value, so the downcast succeeds.
        extension.downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::in_memory::InMemoryEventStorageAdapter;

    #[test]
    fn extension_is_shared_by_clones_of_the_adapter_alone() {
        let storage = InMemoryEventStorageAdapter::new();
        storage.extension::<AtomicU32>().store(7, Ordering::SeqCst);
        assert_eq!(storage.clone().extension::<AtomicU32>().load(Ordering::SeqCst), 7);
        assert_eq!(*storage.extension::<u32>(), 0, "another type");
        assert_eq!(InMemoryEventStorageAdapter::new().extension::<AtomicU32>().load(Ordering::SeqCst), 0);
    }
}
