//! A sample of the matrix of all managed policies. The whole of it is pinned beside the sample, and takes a minute.

use super::verdicts::{all_pairs, laws, managed, summary};

#[test]
fn a_sample_obeys_the_laws_and_is_as_pinned() {
    let policies = managed(31).unwrap();
    let rows = all_pairs(&policies).unwrap();
    let broken = laws(&rows, &policies);
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
    // Written by `cargo run --profile profiling -p policy --example matrix -- --every 31 --write tests/oracles/matrix-sample.txt`.
    assert_eq!(summary(&rows), include_str!("../../../tests/oracles/matrix-sample.txt"));
}
