//! A sample of the matrix of all managed policies: the laws. The whole of it is pinned by `tests/oracles/matrix.txt`.

use super::verdicts::{all_pairs, laws, managed};

#[test]
fn a_sample_obeys_the_laws() {
    let policies = managed(31).unwrap();
    let rows = all_pairs(&policies).unwrap();
    let broken = laws(&rows, &policies);
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
}
