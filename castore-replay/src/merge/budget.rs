/// The maximum number of events in a page.
const PAGE: usize = 256;

/// The number of events in memory, and the limit of this number. The pages become smaller as the number grows.
/// Therefore, a few aggregates are read in large pages, and many aggregates are read in small pages.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    held: usize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, held: 0 }
    }

    /// Returns the number of events to read next: 1/16 of the remaining budget, at least 1 and at most [`PAGE`].
    pub(crate) fn page(&self) -> usize {
        (self.limit.saturating_sub(self.held) / 16).clamp(1, PAGE)
    }

    pub(crate) fn hold(&mut self, events: usize) {
        self.held += events;
    }

    pub(crate) fn release(&mut self) {
        self.held = self.held.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_never_exceeded_by_more_than_one_event_a_page() {
        let mut budget = Budget::new(1_000);
        let mut pages = 0;
        while budget.held < 1_000 {
            budget.hold(budget.page());
            pages += 1;
        }
        assert_eq!((budget.held, budget.page()), (1_000, 1));
        assert!(pages < 100, "{pages}");
    }

    #[test]
    fn first_pages_are_large() {
        assert_eq!(Budget::new(16_384).page(), PAGE);
        assert_eq!(Budget::new(0).page(), 1);
    }
}
