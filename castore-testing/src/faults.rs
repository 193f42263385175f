use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The injected faults, by call number. The numbers start at 1.
#[derive(Debug)]
pub(super) struct Faults<F> {
    inner: Mutex<Inner<F>>,
}

#[derive(Debug)]
struct Inner<F> {
    calls: u64,
    faults: HashMap<u64, Vec<F>>,
}

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self { inner: Mutex::new(Inner { calls: 0, faults: HashMap::new() }) }
    }
}

impl<F> Faults<F> {
    pub(super) fn add(&self, call: u64, fault: F) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).faults.entry(call).or_default().push(fault);
    }

    /// Counts a call and returns the faults of this call.
    pub(super) fn next_call(&self) -> Vec<F> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.calls += 1;
        let call = inner.calls;
        inner.faults.remove(&call).unwrap_or_default()
    }
}

/// The error of all injected failures.
#[derive(Debug, thiserror::Error)]
#[error("failure injected by castore-testing")]
pub(super) struct OnPurpose;
