//! The FNV-1a hash function. Hashes are stored with snapshots, so they must be the same in all builds.

/// The hash of an empty text.
pub(crate) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues a hash with more bytes.
pub(crate) const fn extend(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    hash
}
