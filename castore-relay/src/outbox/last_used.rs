use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Keeps what was used last, and not more than so many.
#[derive(Debug)]
pub(crate) struct LastUsed<V> {
    values: HashMap<Arc<str>, (u64, V)>,
    /// By when they were used; the first is the next to go.
    uses: BTreeMap<u64, Arc<str>>,
    next_use: u64,
    capacity: usize,
}

impl<V> LastUsed<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { values: HashMap::new(), uses: BTreeMap::new(), next_use: 0, capacity }
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<V> {
        let (used, value) = self.values.remove(key)?;
        self.uses.remove(&used);
        Some(value)
    }

    pub(crate) fn put(&mut self, key: &str, value: V) {
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

    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.uses.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_used_and_not_more_than_its_capacity() {
        let mut kept = LastUsed::new(4);
        kept.put("hot", 0);
        for key in 1..=100 {
            kept.put(&key.to_string(), key);
            assert_eq!(kept.take("hot"), Some(0), "what is used stays");
            kept.put("hot", 0);
            assert!(kept.values.len() <= 4 && kept.values.len() == kept.uses.len());
        }
        let left: Vec<_> = (1..=100).filter(|key| kept.take(&key.to_string()).is_some()).collect();
        assert_eq!(left, [98, 99, 100]);
        kept.clear();
        assert_eq!(kept.take("hot"), None);
    }

    #[test]
    fn keeps_one_value_for_a_key() {
        let mut kept = LastUsed::new(2);
        kept.put("a", 1);
        kept.put("a", 2);
        kept.put("b", 3);
        assert_eq!((kept.take("a"), kept.take("b"), kept.uses.len()), (Some(2), Some(3), 0));
    }

    #[test]
    fn keeps_nothing_if_told_so() {
        let mut kept = LastUsed::new(0);
        kept.put("a", 1);
        assert_eq!(kept.take("a"), None);
    }
}
