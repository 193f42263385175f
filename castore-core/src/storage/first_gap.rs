/// Returns the first version that does not directly follow the version before it, with the version that was expected
/// instead. Returns `None` if there is no such version.
///
/// `last` is the last stored version of an aggregate (0 if it has no events), and `versions` are the versions of the
/// aggregate's events in one push. The order of `versions` does not matter, because the events of a group are stored
/// together. Adapters use this function to detect a [`VersionGap`](super::VersionGap).
pub fn first_gap(last: u64, versions: impl IntoIterator<Item = u64>) -> Option<FirstGap> {
    let mut versions: Vec<u64> = versions.into_iter().collect();
    versions.sort_unstable();
    let mut expected = last.saturating_add(1);
    for given in versions {
        if given != expected {
            return Some(FirstGap { expected, given });
        }
        expected = expected.saturating_add(1);
    }
    None
}

/// The result of [`first_gap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstGap {
    /// The version that was expected: the version after the previous one.
    pub expected: u64,
    /// The version that was found instead.
    pub given: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_gap_is_the_first_version_that_does_not_follow() {
        for (last, versions, gap) in [
            (0, &[][..], None),
            (0, &[1], None),
            (0, &[5], Some((1, 5))),
            (4, &[5], None),
            (4, &[6], Some((5, 6))),
            (4, &[3], Some((5, 3))),
            (4, &[7, 5, 6], None),
            (4, &[8, 5], Some((6, 8))),
            (u64::MAX, &[u64::MAX], None),
        ] {
            let found = first_gap(last, versions.iter().copied()).map(|gap| (gap.expected, gap.given));
            assert_eq!(found, gap, "{versions:?} after {last}");
        }
    }
}
