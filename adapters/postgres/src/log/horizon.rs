use std::time::Instant;

/// A transaction that holds a lock for writing to the event table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    /// The virtual transaction id. It still identifies the transaction after `PREPARE TRANSACTION`, which removes the
    /// process.
    pub(super) virtual_transaction: String,
    /// The server process, unless the transaction is prepared.
    pub(super) process: Option<i32>,
}

impl Holder {
    /// Returns whether this is a prepared transaction that the server recovered at startup. The virtual transaction id
    /// that it had before the restart is unknown.
    fn is_from_before(&self) -> bool {
        self.virtual_transaction.starts_with("-1/")
    }
}

/// The position up to which the log can be read.
#[derive(Debug, Default)]
pub(super) struct Horizon {
    /// The last id of the readable part of the log: no further event can appear at or before this id.
    safe: u64,
    /// The greatest id that has been assigned.
    last: u64,
    epoch: Option<Epoch>,
}

/// A wait for the end of all transactions that may have allocated an id up to `upper` and have not committed yet.
#[derive(Debug)]
struct Epoch {
    upper: u64,
    holders: Vec<Holder>,
    since: Instant,
}

impl Horizon {
    pub(super) fn safe(&self) -> u64 {
        self.safe
    }

    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Returns the transactions that block the log, and the time since which they block it.
    pub(super) fn blocked(&self) -> Option<(&[Holder], Instant)> {
        self.epoch.as_ref().map(|epoch| (epoch.holders.as_slice(), epoch.since))
    }

    /// Advances the horizon as far as the observation permits. `last` must have been read before the `holders` were
    /// queried.
    pub(super) fn observe(&mut self, last: u64, holders: Vec<Holder>) {
        if last < self.safe || last < self.last {
            // The sequence was reset to a lower value, so the known horizon is no longer valid.
            *self = Self::default();
        }
        self.last = last;
        if let Some(epoch) = &mut self.epoch {
            let is_there = |before: &Holder| {
                holders.iter().find(|now| now.virtual_transaction == before.virtual_transaction).cloned()
            };
            let mut still: Vec<Holder> = epoch.holders.iter().filter_map(is_there).collect();
            for holder in holders.iter().filter(|holder| holder.is_from_before()) {
                if !still.contains(holder) {
                    still.push(holder.clone());
                }
            }
            epoch.holders = still;
            if !epoch.holders.is_empty() {
                return;
            }
            self.safe = self.safe.max(epoch.upper);
            self.epoch = None;
        }
        if last == self.safe {
            return;
        }
        if holders.is_empty() {
            self.safe = last;
        } else {
            self.epoch = Some(Epoch { upper: last, holders, since: Instant::now() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holders(names: &[&str]) -> Vec<Holder> {
        names.iter().map(|name| Holder { virtual_transaction: (*name).to_owned(), process: Some(1) }).collect()
    }

    #[test]
    fn the_horizon_waits_for_all_who_were_there_when_the_bound_was_read() {
        let mut horizon = Horizon::default();
        horizon.observe(10, holders(&[]));
        assert_eq!((horizon.safe(), horizon.last()), (10, 10));
        horizon.observe(20, holders(&["3/1", "4/1"]));
        assert_eq!(horizon.safe(), 10);
        // Transactions that started later have allocated ids beyond the bound, or no ids.
        horizon.observe(30, holders(&["4/1", "5/1"]));
        assert_eq!((horizon.safe(), horizon.last()), (10, 30));
        // The same process has started another transaction. The scan that ends an epoch also begins the next epoch.
        horizon.observe(40, holders(&["4/2", "5/1"]));
        assert_eq!(horizon.safe(), 20);
        assert_eq!(horizon.blocked().unwrap().0, holders(&["4/2", "5/1"]));
        horizon.observe(40, holders(&["6/1"]));
        assert_eq!((horizon.safe(), horizon.blocked().is_none()), (40, true));
        // No id has been allocated since, so there is nothing to wait for.
        horizon.observe(40, holders(&["6/1"]));
        assert!(horizon.blocked().is_none());
    }

    #[test]
    fn a_transaction_that_is_prepared_meanwhile_still_counts() {
        let mut horizon = Horizon::default();
        horizon.observe(10, holders(&["3/1"]));
        let prepared = vec![Holder { virtual_transaction: "3/1".to_owned(), process: None }];
        horizon.observe(10, prepared.clone());
        assert_eq!((horizon.safe(), horizon.blocked().unwrap().0), (0, prepared.as_slice()));
        // After a restart of the server, the transaction has another virtual transaction id.
        horizon.observe(10, holders(&["-1/77"]));
        assert_eq!(horizon.safe(), 0);
        horizon.observe(10, holders(&[]));
        assert_eq!(horizon.safe(), 10);
    }

    #[test]
    fn a_sequence_that_was_set_back_is_read_from_the_start() {
        let mut horizon = Horizon::default();
        horizon.observe(10, holders(&[]));
        horizon.observe(3, holders(&["3/1"]));
        assert_eq!((horizon.safe(), horizon.last()), (0, 3));
    }
}
