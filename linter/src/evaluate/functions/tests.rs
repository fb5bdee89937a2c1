//! The table of functions: that it is whole, that its page is fresh, and the law that what is known in part obeys.

mod page;
mod soundness;

use super::*;

#[test]
fn the_table_is_sorted_and_each_name_is_there_once() {
    let names: Vec<&str> = table::TABLE.iter().map(|(name, _)| *name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
    assert!(state("core::merge").is_some() && state("merged").is_none());
}
