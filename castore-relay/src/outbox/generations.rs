use std::collections::HashMap;

/// Keeps what was used last, and not more than so many: a young and an old generation of half of them each. What is
/// used moves to the young one; when that is full it becomes the old one, and what nobody used since is let go.
#[derive(Debug)]
pub(crate) struct Generations<V> {
    young: HashMap<String, V>,
    old: HashMap<String, V>,
    size: usize,
}

impl<V> Generations<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), size: capacity / 2 }
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<V> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    pub(crate) fn put(&mut self, key: &str, value: V) {
        if self.size == 0 {
            return;
        }
        if self.young.len() >= self.size {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_owned(), value);
    }

    pub(crate) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_used_and_not_more_than_its_size() {
        let mut kept = Generations::new(4);
        for key in 0..100 {
            kept.put(&key.to_string(), key);
            let hot = kept.take("0");
            assert_eq!(hot, Some(0), "what is used stays");
            kept.put("0", 0);
            assert!(kept.young.len() + kept.old.len() <= 4);
        }
        assert_eq!(kept.take("50"), None);
        kept.clear();
        assert_eq!(kept.take("0"), None);
    }

    #[test]
    fn keeps_nothing_if_told_so() {
        let mut kept = Generations::new(0);
        kept.put("a", 1);
        assert_eq!(kept.take("a"), None);
    }
}
