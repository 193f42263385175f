use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A cache of the least-recently-used kind, with a fixed capacity.
#[derive(Debug)]
pub(super) struct LastUsed<V> {
    values: HashMap<Arc<str>, (u64, V)>,
    /// By time of use. The first is evicted next.
    uses: BTreeMap<u64, Arc<str>>,
    next_use: u64,
    capacity: usize,
}

impl<V> LastUsed<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { values: HashMap::new(), uses: BTreeMap::new(), next_use: 0, capacity }
    }

    pub(super) fn take(&mut self, key: &str) -> Option<V> {
        let (used, value) = self.values.remove(key)?;
        self.uses.remove(&used);
        Some(value)
    }

    pub(super) fn put(&mut self, key: &str, value: V) {
        self.take(key);
        if self.capacity == 0 {
            return;
        }
        if self.values.len() >= self.capacity
            && let Some((_, oldest)) = self.uses.pop_first()
        {
            self.values.remove(&oldest);
        }
        let key: Arc<str> = Arc::from(key);
        self.uses.insert(self.next_use, key.clone());
        self.values.insert(key, (self.next_use, value));
        self.next_use += 1;
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.uses.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_cache_evicts_the_least_recently_used_value() {
        let mut cache = LastUsed::new(4);
        cache.put("hot", 0);
        for key in 1..=100 {
            cache.put(&key.to_string(), key);
            assert_eq!(cache.take("hot"), Some(0), "a value that is used is not evicted");
            cache.put("hot", 0);
            assert!(cache.values.len() <= 4 && cache.values.len() == cache.uses.len());
        }
        let left: Vec<_> = (1..=100).filter(|key| cache.take(&key.to_string()).is_some()).collect();
        assert_eq!(left, [98, 99, 100]);
        cache.clear();
        assert_eq!(cache.take("hot"), None);
    }

    #[test]
    fn cache_has_one_value_per_key() {
        let mut cache = LastUsed::new(2);
        cache.put("a", 1);
        cache.put("a", 2);
        cache.put("b", 3);
        assert_eq!((cache.take("a"), cache.take("b"), cache.uses.len()), (Some(2), Some(3), 0));
    }

    #[test]
    fn cache_without_capacity_stores_nothing() {
        let mut cache = LastUsed::new(0);
        cache.put("a", 1);
        assert_eq!(cache.take("a"), None);
    }
}
