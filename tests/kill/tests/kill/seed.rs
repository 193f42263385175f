/// Returns the seed of a test, from `CASTORE_KILL_SEED` or at random, and prints the seed. Cargo shows the printed text
/// if the test fails.
pub(crate) fn seed(test: &str) -> u64 {
    let given = std::env::var("CASTORE_KILL_SEED").ok().map(|seed| seed.parse().expect("CASTORE_KILL_SEED: a number"));
    let seed = given.unwrap_or_else(|| fastrand::u64(..1_000_000));
    println!("{test}: CASTORE_KILL_SEED={seed}");
    seed
}
